"""The words that both records have, the telling ones above all: names of tools, of products, of what is done.

Skills that a record lists are not among them: `skills` compares these, and one more must not lower a score.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from processors.fairness import impartial
from processors.lexicon.markup import plain_text
from processors.matching.closeness import Closeness
from processors.matching.features import semantic
from processors.matching.features.feature import Feature, Finding, Text
from processors.matching.features.nearness import ramp, strength
from processors.matching.profile import Profile
from processors.matching.reading.vocabulary import telling, weighed
from processors.matching.skills import as_written
from schemas.base import Language

NAME = "words"
WORDS = (0.0, 0.45)
"""Cosines of the words of two records that score 0 and 1."""
NAMED = 5
"""Words that a reason names."""
_READ = 4000


def score(talent: Profile, job: Profile, close: Closeness) -> Finding:
    """Score how many of the telling words the records share, of all that they have; a rare one counts more.

    Records in two languages have few words in common whatever they say: there the whole texts stand in.
    """
    held, wanted = talent.terms.get(NAME), job.terms.get(NAME)
    if not held or not wanted or talent.language != job.language:
        return Finding(semantic.score(talent, job, close).score, "unknown")
    (has, size), (asks, extent) = weighed(held), weighed(wanted)
    shared = sum([asks[word] * has[word] for word in asks.keys() & has.keys()])
    near = ramp(shared / (size * extent), *WORDS)
    return Finding(near, strength(near) if shared else "none")


def _said(start: Text) -> Any:
    def said(talent: Profile, job: Profile, language: Language) -> str:
        comma = "、" if language == "zh" else ", "
        return start.of(language) + comma.join(_named(talent.terms[NAME], job.terms[NAME]))

    return said


def _named(held: tuple[str, ...], wanted: tuple[str, ...]) -> list[str]:
    """Return the shared words that tell the most; pairs of characters that follow each other in the job are one."""
    has, asks = weighed(held)[0], weighed(wanted)[0]
    runs: list[tuple[float, str]] = []
    last = ""
    for word, tells in asks.items():
        if word in has:
            if last and last[-1] == word[0]:
                before, run = runs.pop()
                runs.append((max(before, tells), run + word[1:]))
            else:
                runs.append((tells, as_written(word)))
        last = word if word in has and word[0] > "\u33ff" else ""
    return [run for _, run in sorted(runs, key=lambda told: -told[0])[:NAMED]]


def _held(fields: Mapping[str, Any]) -> Iterable[str]:
    positions = [e.get(key) or "" for e in fields.get("employments") or () for key in ("title", "description")]
    told = "\n".join(filter(None, (fields.get("summary"), *positions))) or fields.get("resume_text") or ""
    # Cut before the end is, or else the length of an employer's name would move it.
    told = impartial(f"{fields.get('title') or ''}\n{told}"[: 2 * _READ], fields) if told else ""
    return telling(told[:_READ])


def _wanted(fields: Mapping[str, Any]) -> Iterable[str]:
    told = plain_text(fields.get("description") or "")
    return telling(f"{fields.get('title') or ''}\n{told}"[:_READ] if told else "")


FEATURE = Feature(
    name=NAME,
    label=Text("用词", "words in common"),
    weight=0.13,
    score=score,
    reasons={
        "strong": _said(Text("文字高度相近：", "Much in the same words: ")),
        "fair": _said(Text("文字相近：", "Words in common: ")),
        "weak": _said(Text("少数文字相近：", "Few words in common: ")),
        "none": Text("没有相同的关键用词", "No telling words in common"),
        "unknown": Text("未比较用词，以整体语义为准", "Words are not compared; the whole records stand in"),
    },
    reads={"talent": _held, "job": _wanted},
)
