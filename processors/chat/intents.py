"""What a message wants, from a fixed set of intents."""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, cast, get_args

from processors.lexicon.script import fold, plain

if TYPE_CHECKING:
    from processors.chat.classifier import Classifier

Intent = Literal[
    "find_jobs", "find_candidates", "refine", "compare", "explain_match", "application_status", "resume_advice",
    "salary", "scheduling", "company_info", "subscribe", "unsubscribe", "correction", "affirm", "deny",
    "greeting_thanks", "handover", "bot_question", "out_of_scope",
]  # fmt: skip
INTENTS: tuple[Intent, ...] = get_args(Intent)


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
    """Tells intents by cues where one is found, elsewhere by a classifier trained on the intents' own names."""

    def __init__(self, classifier: "Classifier") -> None:
        """Raise ValueError for a label that is no intent."""
        if unknown := set(classifier.labels) - set(INTENTS):
            raise ValueError(f"no intents: {', '.join(sorted(unknown))}; known: {', '.join(INTENTS)}")
        self._classifier = classifier
        self._cues = CueReader()

    def read(self, texts: Sequence[str]) -> list[Guess]:
        """Return the likeliest intent of each text; `out_of_scope` below the classifier's floor."""
        guesses = self._cues.read(texts)
        unsure = [n for n, guess in enumerate(guesses) if guess.intent == "out_of_scope"]
        for n, judged in zip(unsure, self._classifier.judge([texts[n] for n in unsure]), strict=True):
            if judged.fits:
                guesses[n] = Guess(cast("Intent", judged.label), judged.probability)
        return guesses
