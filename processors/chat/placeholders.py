"""Personal data leaves as placeholders and comes back in their place; the same value has one for a whole conversation.

Values are kept in the state of their conversation, so that each message, worker and provider gets the same placeholder,
and none can be computed back.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Literal

from processors.lexicon.script import detect_language, is_han
from processors.resume.contacts import emails, phones, regions
from processors.resume.name_parts import COMPOUND, SURNAMES

Kind = Literal["ACCOUNT", "EMAIL", "LINK", "NAME", "NUMBER", "PHONE", "TALENT"]
MAX_VALUES = 24
"""New ones of one message, with more its texts do not leave; and those that a conversation keeps, the newest."""
MAX_CHARACTERS = 64
UNKNOWN = "\ufffc"
"""Stands for a placeholder that nothing stands behind: the sentence around it is dropped."""

_TOKEN = re.compile(r"<([A-Z]{2,12})_(\d{1,7})>")
_BEGUN = re.compile(r"<(?:[A-Z]{0,12}|[A-Z]{2,12}_\d{0,7})$")
_BARE = re.compile(r"\b(?:ACCOUNT|EMAIL|LINK|NAME|NUMBER|PHONE|TALENT)_\d", re.IGNORECASE)
_ANGLES = str.maketrans("<>", "‹›")
_MAY_BE_PHONE = re.compile(r"\d[\dOolI()（） \-.–/·•‧∙]{5}")
"""Whatever could become a number: which country's it is costs a hundred times as much."""
_RANGE = re.compile(r"[1-9]\d{3,5}\s?[-–~至]\s?[1-9]\d{3,5}")
_NUMBER = re.compile(r"(?<!\d)\d(?:[ -]?\d){8,24}[Xx]?(?!\d)")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"'，。；、（）()]+", re.IGNORECASE)
_ACCOUNT = re.compile(
    r"(?:微信|wechat|weixin|vx|qq|telegram|whatsapp|skype|line id)[号]?\s*(?:[:：是为]|is)?\s*(?P<value>[A-Za-z0-9@][\w@.-]{4,30})",
    re.IGNORECASE,
)
_HAN = "\u3400-\u9fff"
_NAMES = (
    re.compile(
        rf"(?:我叫|姓名\s*[:：]?|名字(?:是|叫)|我的名字)\s*(?P<value>[{_HAN}]{{2,4}}?)(?=[^{_HAN}]|$|今年|是|在|想|的|有|做)"
    ),
    re.compile(rf"(?:我是|本人|这里是)\s*(?P<value>[{_HAN}]{{2,4}})(?=[^{_HAN}]|$)"),
    re.compile(r"(?i:\bmy name is|\bcall me|\bname's|\bname:)\s+(?P<value>[A-Z][\w'’-]+(?: [A-Z][\w'’-]+){0,2})"),
    re.compile(r"(?:\bI am|\bI'm|\bI’m|\b[Tt]his is)\s+(?P<value>[A-Z][\w'’-]+(?: [A-Z][\w'’-]+){1,2})(?=[,.!?;]|$)"),
)


class TooMuchError(Exception):
    """A message holds more personal data than is kept of it; its texts must not leave."""


class Placeholders:
    """The placeholders of one conversation. `held` are those that it has already, each as `KIND value`.

    They are numbered from `before` on: so many have been forgotten, and their numbers are not given again. `most` new
    ones are given, none for more than `longest` characters.
    """

    def __init__(
        self, held: Iterable[str] = (), before: int = 0, most: int = MAX_VALUES, longest: int = MAX_CHARACTERS
    ) -> None:
        self._most, self._longest = most, longest
        self._held = tuple(held)
        self._before = before
        self._new: list[str] = []
        self._known: dict[str, Kind] = {}

    @property
    def new(self) -> tuple[str, ...]:
        """Those that the conversation has now and had not before."""
        return tuple(self._new)

    def know(self, kind: Kind, *values: object) -> None:
        """Have values hidden wherever they stand, which no rule would find."""
        for value in values:
            if isinstance(value, str) and len(value.strip()) > 1:
                self._known[value.strip()] = kind

    def hide(self, text: str) -> str:
        """Return a text that may leave. Raises TooMuchError.

        What only looks like a placeholder, or like the marks around data, loses its angle brackets.
        """
        return self.hide_in_code(text.translate(_ANGLES))

    def hide_in_code(self, text: str) -> str:
        """Do the same, but angle brackets stay that are no placeholder's: a text of anybody's may be a program."""
        text = _TOKEN.sub(lambda found: found[0].translate(_ANGLES), text)
        parts, end = [], 0
        for start, stop, kind in self._found(text):
            parts += [text[end:start], self._placeholder(kind, text[start:stop])]
            end = stop
        return "".join([*parts, text[end:]])

    def value(self, kind: str, number: int) -> str:
        """Return what a placeholder stands for; UNKNOWN if nothing does."""
        held, at = (*self._held, *self._new), number - self._before - 1
        its, _, value = held[at].partition(" ") if 0 <= at < len(held) else ("", "", "")
        return value if its == kind else UNKNOWN

    def _placeholder(self, kind: str, value: str) -> str:
        entry = f"{kind} {value}"
        if entry not in (*self._held, *self._new):
            if len(self._new) >= self._most or len(value) > self._longest:
                raise TooMuchError(f"more than {self._most} new values, or one of more than {self._longest} characters")
            self._new.append(entry)
        return f"<{kind}_{self._before + (*self._held, *self._new).index(entry) + 1}>"

    def _found(self, text: str) -> Iterator[tuple[int, int, str]]:
        held = {entry.partition(" ")[2]: entry.partition(" ")[0] for entry in (*self._held, *self._new)}
        return personal_spans(text, held | self._known)


def personal_spans(text: str, known: Mapping[str, str] = MappingProxyType({})) -> Iterator[tuple[int, int, str]]:
    """Yield where personal data stands in a text, in order and apart, each with its kind; `known` has kinds by value."""
    return _apart(_found(text, known))


def _found(text: str, known: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    for value, kind in known.items():
        bounds = ("", "") if is_han(value) else (r"(?<![\w-])", r"(?![\w-])")
        for match in re.finditer(bounds[0] + re.escape(value) + bounds[1], text, re.IGNORECASE):
            yield *match.span(), kind
    for match in _URL.finditer(text):
        yield *match.span(), "LINK"
    for email in emails(text) if "@" in text else ():
        yield email.spans[0].start, email.spans[0].end, "EMAIL"
    for phone in phones(text, regions(text, detect_language(text))) if _MAY_BE_PHONE.search(text) else ():
        start, end = phone.spans[0]
        if not _RANGE.fullmatch(text[start:end]):  # of pay
            yield start, end, "PHONE"
    for match in _NUMBER.finditer(text):
        if not _RANGE.fullmatch(match[0]):
            yield *match.span(), "NUMBER"
    for match in _ACCOUNT.finditer(text):
        yield *match.span("value"), "ACCOUNT"
    for n, pattern in enumerate(_NAMES):
        for match in pattern.finditer(text):
            if n != 1 or match["value"][0] in SURNAMES or match["value"][:2] in COMPOUND:
                yield *match.span("value"), "NAME"


def _apart(found: Iterable[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """Yield spans that do not overlap, in order: those that begin first, the longest of them."""
    end = 0
    for start, stop, kind in sorted(found, key=lambda span: (span[0], -span[1])):
        if start >= end:
            yield start, stop, kind
            end = stop
        elif stop > end:  # the rest of it must not leave either
            yield end, stop, kind
            end = stop


class Restorer:
    """Puts values back into a text that comes in pieces; a placeholder may be split between any of them.

    `write` says how a value is written there, e.g. within a JSON string.
    """

    def __init__(self, placeholders: Placeholders, write: Callable[[str], str] = str) -> None:
        self._placeholders = placeholders
        self._write = write
        self._rest = ""

    def feed(self, piece: str) -> str:
        """Return as much of the text as is certain."""
        text = self._rest + piece
        begun = _BEGUN.search(text)
        at = begun.start() if begun else len(text)
        self._rest = text[at:]
        return self._restored(text[:at])

    def end(self) -> str:
        """Return the rest."""
        rest, self._rest = self._rest, ""
        return self._restored(rest)

    def _restored(self, text: str) -> str:
        return _TOKEN.sub(lambda found: self._write(self._placeholders.value(found[1], int(found[2]))), text)


def restored(text: str, placeholders: Placeholders) -> str:
    """Return a whole text with its values."""
    restorer = Restorer(placeholders)
    return restorer.feed(text) + restorer.end()


def is_complete(text: str) -> bool:
    """Whether nothing of a restored text is, or once was, a placeholder that nothing stands behind."""
    return UNKNOWN not in text and not _BARE.search(text) and not _TOKEN.search(text)
