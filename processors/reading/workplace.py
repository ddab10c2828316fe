"""Where the work is done: on site, away from it, or some of both, and how much."""

import re
from typing import Any

from processors.reading.cues import patterns

_RULES = patterns("workplace")
_NUMBER = {"one": 1, "two": 2, "three": 3, "four": 4, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4}
_INTERNSHIP = re.compile(r"实习|intern", re.IGNORECASE)


def workplace(text: str) -> dict[str, Any]:
    """Return `workplace`, `remote` and `remote_share` as far as a text says them; None otherwise."""
    share = _share(text)
    if share is not None:
        return {"workplace": "hybrid", "remote": False, "remote_share": share}
    if _RULES["hybrid"].search(text):
        return {"workplace": "hybrid", "remote": False, "remote_share": None}
    if _RULES["on_site"].search(text):
        return {"workplace": "on_site", "remote": False, "remote_share": None}
    if _RULES["remote"].search(text):
        return {"workplace": "remote", "remote": True, "remote_share": None}
    return {"workplace": None, "remote": None, "remote_share": None}


def _share(text: str) -> float | None:
    """Return the part of a week of five days that is worked away from the site."""
    for match in _RULES["days"].finditer(text):
        said = match["n"] or match["zn"] or match["an"] or match["tn"]
        days = _NUMBER.get(said.lower()) or int(said[0])
        if (match["zoffice"] or match["zthere"]) and _INTERNSHIP.search(
            text[max(match.start() - 40, 0) : match.end() + 20]
        ):
            continue  # an internship of so many days
        away = days if match["home"] or match["zhome"] or match["zaway"] else 5 - days
        return round(away / 5, 2)
    percent = _RULES["percent"].search(text)
    return int(percent["n"]) / 100 if percent else None
