"""Where the work is, and where the talent is."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from processors.lexicon.places import place_label
from processors.matching.closeness import Closeness
from processors.matching.features.feature import NEUTRAL, NOT_ASKED, Change, Feature, Finding, Text
from processors.matching.profile import Profile
from schemas.base import Language

PREFERS_ON_SITE = 0.7
RELOCATES = 0.9
LESS_REMOTE = 0.7


def score(talent: Profile, job: Profile, close: Closeness) -> Finding:
    """Score whether the talent can work where the job is."""
    for place in talent.locations:
        if place in job.locations:
            if not job.remote and _wishes_more(talent, job):
                return Finding(LESS_REMOTE, "less_remote", (place,))
            return Finding(1.0, "same", (place,))
    if job.remote:
        if talent.remote is False and talent.locations and job.locations:
            return Finding(PREFERS_ON_SITE, "prefers_on_site")
        return Finding(1.0 if talent.remote else NOT_ASKED, "remote")
    if not job.locations or not talent.locations:
        return Finding(NEUTRAL, "unknown")
    if talent.relocates:
        return Finding(RELOCATES, "relocates", (job.locations,))
    return Finding(0.0, "different", (talent.locations, job.locations))


def _wishes_more(talent: Profile, job: Profile) -> bool:
    """Whether the job is known to offer less work away from the site than the talent wishes."""
    wished, offered = talent.remote_share, job.remote_share
    if offered is None:
        offered = None if job.remote is None else float(job.remote)
    return wished is not None and offered is not None and offered < wished


def _unknown(talent: Profile, job: Profile, language: Language) -> str:
    if not talent.locations and not job.locations:
        return "双方地点未知" if language == "zh" else "Locations unknown"
    if talent.locations:
        where = _places(talent.locations, language)
        return f"职位地点未知；人才在{where}" if language == "zh" else f"Job location unknown; talent in {where}"
    where = _places(job.locations, language)
    return f"人才所在地未知；职位在{where}" if language == "zh" else f"Talent location unknown; job in {where}"


def _words(facts: tuple[Any, ...], language: Language) -> dict[str, str]:
    if len(facts) == 1:
        where = facts[0]
        return {"place": place_label(where, language) if isinstance(where, str) else _places(where, language)}
    return {"have": _places(facts[0], language), "want": _places(facts[1], language)}


def _places(names: tuple[str, ...], language: Language) -> str:
    labels = [place_label(name, language) for name in names[:3]]
    more = len(names) - len(labels)
    if language == "zh":
        return "、".join(labels) + (f"等 {len(names)} 地" if more else "")
    return ", ".join(labels) + (f" and {more} more" if more else "")


def _changes(talent: Profile, job: Profile) -> Iterator[Change]:
    if job.locations and not set(job.locations) & set(talent.locations):
        yield Change(Text("愿意迁居", "willingness to move"), replace(talent, relocates=True))


FEATURE = Feature(
    name="location",
    label=Text("地点", "place"),
    weight=0.065,
    score=score,
    reasons={
        "same": Text("同在{place}", "Both in {place}"),
        "less_remote": Text(
            "同在{place}，但远程办公比例低于期望", "Both in {place}, with less remote work than wished for"
        ),
        "remote": Text("职位支持远程办公", "The job can be done remotely"),
        "prefers_on_site": Text(
            "职位可远程，但人才倾向现场办公", "The job is remote; the talent prefers to work on site"
        ),
        "unknown": _unknown,
        "relocates": Text("人才愿意迁居{place}", "Would move to {place}"),
        "different": Text("人才在{have}，职位在{want}", "Talent in {have}, job in {want}"),
    },
    words=_words,
    changes=_changes,
)
