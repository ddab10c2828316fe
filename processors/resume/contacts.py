"""Emails, phones and links of a text: what stands there, normalised."""

import re
from collections.abc import Iterator
from itertools import islice

import phonenumbers

from processors.lexicon.dates import dates
from processors.lexicon.script import digits
from schemas.resume import Found, Span, WebLink

_EMAIL = re.compile(r"(?<![\w.+\-])[\w.+\-]{1,64} ?@ ?(?:[\w\-]{1,63}\.){1,5}[A-Za-z]{2,24}(?![\w@])")
_PHONE = re.compile(r"(?<![\w.@/])(?:[+＋]|00)?[(（]?\+?\d[\d()（） \-.–/]{5,22}\d(?![\w@])")
_LINK = re.compile(
    r"(?<![\w@.])(?:https?://[^\s<>\"'，。；、（）()|\]]{4,300}|(?:www\.|[\w\-]{1,63}\.github\.io|(?:[a-z]{2,3}\.)?linkedin\.com/|github\.com/|gitee\.com/|"
    r"(?:[a-z0-9\-]{1,63}\.){1,3}(?:com|net|org|io|dev|me|cn|co|design|site|blog|tech|app|xyz|top|ai|page)(?=[\s/,;|)]|$))[^\s<>\"'，。；、（）()|\]]{0,300})",
    re.IGNORECASE,
)
_MOST_PHONES = 500
"""Runs of digits looked at."""
_REGIONS = {"zh": ("CN",), "en": ("US", "GB", "IN")}


def emails(text: str) -> Iterator[Found[str]]:
    """Yield email addresses in lower case."""
    for match in _EMAIL.finditer(text):
        yield Found(value=match[0].replace(" ", "").lower(), confidence=0.99, spans=(Span(*match.span()),))


def phones(text: str, language: str) -> Iterator[Found[str]]:
    """Yield phone numbers in E.164; numbers without a country are those of the text's language."""
    for match in islice(_PHONE.finditer(digits(text)), _MOST_PHONES):
        whole = _phone(match[0], match.start(), language)
        if whole:
            yield whole
            continue
        at = match.start()
        for word in match[0].split(" "):  # a date may stand before the number
            if found := _phone(word, at, language):
                yield found
            at += len(word) + 1


def _phone(shown: str, at: int, language: str) -> Found[str] | None:
    bare = shown.strip()
    if not 7 <= sum(c.isdigit() for c in bare) <= 15 or re.fullmatch(r"(?:19|20)\d\d\D.{0,12}(?:19|20)?\d\d", bare):
        return None
    if any(when.at == (0, len(bare)) for when in dates(bare)):
        return None
    number = _number(shown, language)
    return Found(value=number, confidence=0.97, spans=(Span(at, at + len(shown)),)) if number else None


def _number(shown: str, language: str) -> str | None:
    plain = re.sub(r"^00", "+", shown.replace("＋", "+").replace("（", "(").replace("）", ")").replace("(+", "+"))
    regions = ("CN", *_REGIONS["en"]) if re.fullmatch(r"1[3-9]\d[ \-]?\d{4}[ \-]?\d{4}", plain) else _REGIONS[language]
    for region in regions:
        try:
            number = phonenumbers.parse(plain, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number) or (
            phonenumbers.is_possible_number(number)
            and (plain.startswith("+") or "555" in plain or (regions[0] == "CN" and len(plain) >= 11))
        ):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None


def links(text: str) -> Iterator[Found[WebLink]]:
    """Yield addresses of the web."""
    for match in _LINK.finditer(text):
        shown = match[0].rstrip(".,;:/")
        yield Found(value=web_link(shown), confidence=0.95, spans=(Span(match.start(), match.start() + len(shown)),))


def web_link(shown: str) -> WebLink:
    """Return an address with its scheme, and what it is."""
    url = shown if "//" in shown else f"https://{shown}"
    host = url.split("//", 1)[1].split("/", 1)[0].casefold()
    if "linkedin." in host:
        return WebLink(url=url, kind="linkedin")
    if host.removeprefix("www.") in ("github.com", "gitee.com", "gitlab.com"):
        return WebLink(url=url, kind="github")
    return WebLink(url=url, kind="portfolio" if "behance" in host or "dribbble" in host else "other")
