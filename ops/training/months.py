"""Builds processors/lexicon/data/months.toml: what languages call the months, whole and short, inside dates and alone.

    python ops/training/months.py

The names are the Unicode CLDR's, as packaged in Babel (Unicode License V3). Left out are those that two languages have
for different months, and short ones that are words of other languages: `Pro 2019` is a computer.
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
from babel import Locale  # noqa: E402

from processors.lexicon.accents import without_accents  # noqa: E402

OUT = ROOT / "processors/lexicon/data/months.toml"
LANGUAGES = """en|de|de_AT|fr|it|es|pt|ca|gl|nl|sv|nb|da|fi|is|pl|cs|sk|hu|ro|el|ru|uk|bg|sr|sr_Latn|mk|sl|hr|et|lv|lt
tr|az|id|ms|fil|sw|vi|ar|ar_SY|ar_DZ|he|fa|hi|hy|ka|th|ko|ja""".replace("\n", "|").split("|")
"""Where two disagree the first is right."""
_WORDS_ELSEWHERE = frozenset(["ag", "des", "dis", "dub", "kol", "led", "mac", "pri", "pro", "srp", "stu", "tra"])

_ALPHABETS = re.compile(r"[a-zà-ɏ\u0370-\u03ff]+")
"""Whose accents people leave out: decembre, and Greek in capitals."""


def names() -> dict[int, dict[str, None]]:
    """Return the names of each month, in the order of the languages."""
    found: dict[int, dict[str, None]] = defaultdict(dict)
    taken: dict[str, int] = {}
    for language in LANGUAGES:
        months = Locale.parse(language).months
        kinds = [months[use][width] for use in ("format", "stand-alone") for width in ("wide", "abbreviated")]
        for number, name in (item for kind in kinds for item in kind.items()):
            word = name.lower().strip("\u200f.׳॰")
            if not re.fullmatch(r"[^\W\d]{2,}|[\u0e00-\u0eff.]{3,}", word) or word in _WORDS_ELSEWHERE:
                continue
            for written in dict.fromkeys((word, without_accents(word) if _ALPHABETS.fullmatch(word) else word)):
                if taken.setdefault(written, number) == number:
                    found[number].setdefault(written)
    return found


def main() -> int:
    """Write the file."""
    lines = ["# Made by ops/training/months.py of the Unicode CLDR's names.", ""]
    lines += [f'{number} = "{" ".join(words)}"' for number, words in sorted(names().items())]
    OUT.write_text("\n".join(lines) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
