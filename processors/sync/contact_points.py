"""Contact points as a sum type: an e-mail address, a phone number, or text that is neither but is kept."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import phonenumbers

_DIGITS = re.compile(r"\d+")
_EXTENSION = re.compile(r"\s*(?:转|分机)\s*")


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail address; no provider in use tells upper from lower case."""

    address: str

    @property
    def text(self) -> str:
        """The address in lower case."""
        return self.address


@dataclass(frozen=True, slots=True)
class Phone:
    """A number that can exist, in E.164, with an extension where there is one."""

    number: str
    extension: str | None = None

    @property
    def text(self) -> str:
        """As in RFC 3966 without its scheme: `+862158881234;ext=802`."""
        return f"{self.number};ext={self.extension}" if self.extension else self.number


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What no numbering plan knows, told apart by its digits; the record shows it as it was written."""

    key: str
    text: str


ContactPoint = Email | Phone | Unreadable


def _email(text: str) -> Email:
    return Email(unicodedata.normalize("NFKC", text).strip().lower())


def _phone(text: str, region: str) -> Phone | Unreadable:
    plain = _EXTENSION.sub(" ext. ", unicodedata.normalize("NFKC", text).strip())
    try:
        number = phonenumbers.parse(plain, region)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        return Unreadable("".join(_DIGITS.findall(plain)) or plain.casefold(), text.strip())
    return Phone(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), number.extension)


@lru_cache(maxsize=8192)
def parse(kind: Literal["email", "phone"], text: str, region: str) -> ContactPoint:
    """Read a contact point; numbers without a country code are of `region`. Never fails."""
    return _email(text) if kind == "email" else _phone(text, region)


def identity(point: ContactPoint) -> str:
    """Return what makes two spellings the same contact point."""
    return point.key if isinstance(point, Unreadable) else point.text
