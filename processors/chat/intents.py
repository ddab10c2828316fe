"""What a message wants, from a fixed set of intents."""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, cast, get_args

from processors.lexicon.script import fold, plain

if TYPE_CHECKING:
    from processors.chat.classifier import Classifier, Judgement

Intent = Literal[
    "find_jobs", "find_candidates", "refine", "compare", "explain_match", "application_status", "resume_advice",
    "salary", "scheduling", "company_info", "subscribe", "unsubscribe", "correction", "affirm", "deny",
    "greeting_thanks", "handover", "bot_question", "out_of_scope",
]  # fmt: skip
INTENTS: tuple[Intent, ...] = get_args(Intent)
SURE = 0.7
"""From this probability on the classifier is followed whatever the cues say."""


class Guess(NamedTuple):
    """An intent and how sure its reader is of it, from 0 to 1."""

    intent: Intent
    confidence: float


class IntentReader(Protocol):
    """Tells intents of texts."""

    def read(self, texts: Sequence[str]) -> list[Guess]:
        """Return the likeliest intent of each text; `out_of_scope` where none is likely."""
        ...


@cache
def _cues() -> tuple[tuple[Intent, re.Pattern[str]], ...]:
    """Return the cues, compiled. Raises ValueError for a cue of an unknown intent."""
    data = tomllib.loads(files("processors.chat").joinpath("data/cues.toml").read_text("utf-8"))
    cues = []
    for cue in data["cue"]:
        if cue["intent"] not in INTENTS:
            raise ValueError(f"cues.toml: {cue['intent']} is no intent")
        cues.append((cue["intent"], re.compile(cue["pattern"])))
    return tuple(cues)


class CueReader:
    """Tells intents by words that stand for them; sure where one is found, and silent elsewhere."""

    def read(self, texts: Sequence[str]) -> list[Guess]:
        """Return the intent of the first cue of each text."""
        return [self._read(plain(fold(text))) for text in texts]

    def _read(self, text: str) -> Guess:
        for intent, pattern in _cues():
            if pattern.search(text):
                return Guess(intent, 0.9)
        return Guess("out_of_scope", 0.5)


class LearnedReader:
    """Tells intents by a classifier trained on the intents' own names, by cues where it is unsure."""

    def __init__(self, classifier: "Classifier") -> None:
        """Raise ValueError for a label that is no intent."""
        if unknown := set(classifier.labels) - set(INTENTS):
            raise ValueError(f"no intents: {', '.join(sorted(unknown))}; known: {', '.join(INTENTS)}")
        self._classifier = classifier
        self._cues = CueReader()

    def read(self, texts: Sequence[str]) -> list[Guess]:
        """Return the likeliest intent of each text; `out_of_scope` below the classifier's floor without a cue."""
        pairs = zip(self._cues.read(texts), self._classifier.judge(texts), strict=True)
        return [self._chosen(cue, judged) for cue, judged in pairs]

    @staticmethod
    def _chosen(cue: Guess, judged: "Judgement") -> Guess:
        has_cue = cue.intent != "out_of_scope"
        if not judged.fits or (has_cue and judged.probability < SURE):
            return cue
        return Guess(cast("Intent", judged.label), judged.probability)
