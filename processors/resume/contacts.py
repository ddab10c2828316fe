"""Emails, phones and links of a text: what stands there, normalised."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import phonenumbers

from processors.lexicon.dates import dates
from processors.lexicon.places import US_STATES, countries_of_cities
from processors.lexicon.script import digits
from schemas.resume import Found, Span, WebLink

_EMAIL = re.compile(
    r"(?:(?<![\w.+\-])|(?<=[\u3400-\u9fff]))(?:[^\W\u3400-\u9fff]|[.+\-]){1,64} ?@ ?(?:[\w\-]{1,63}\.){1,5}[A-Za-z]{2,24}(?![\w@])"
)
_PHONE = re.compile(
    r"(?:(?<![\w.@/])|(?<=[\u3400-\u9fff]))(?:[+＋]|00)?[(（]?\+?\d[\d()（） \-.–/·•‧∙]{5,24}\d(?![\w@])"
)
_LINK = re.compile(
    r"(?<![\w@.])(?:https?://[^\s<>\"'，。；、（）()|\[\]]{4,300}|(?:www\.|[\w\-]{1,63}\.github\.io|(?:[a-z]{2,3}\.)?linkedin\.com/|github\.com/|gitee\.com/|"
    r"(?!(?:b|m|ph)\.(?:tech|com|design|me)(?!/))(?:[a-z0-9\-]{1,63}\.){1,3}(?:com|net|org|io|dev|me|cn|co|design|site|blog|tech|app|xyz|top|ai|page)(?=[\s/,;|)]|$))[^\s<>\"'，。；、（）()|\[\]]{0,300})",
    re.IGNORECASE,
)
_SITE = re.compile(
    r"(?:https?://)?(?:(?:www|m|i|rd\d?|en)\.)?(?:zhaopin|51job|liepin|zhipin|lagou|58|ganji|chinahr|kanzhun|maimai|yingjiesheng|104|1111|518|linkedin|indeed|monster|glassdoor"
    r"|naukri|reed|totaljobs|cv-library|stepstone|xing|seek|jobsdb|jobstreet|zety|novoresume|resume\.io|canva|enhancv|kickresume|overleaf|github|gitee)\.(?:com(?:\.\w\w)?|co\.uk|cn|net|de|io)",
    re.IGNORECASE,
)
"""A site's own address: what it prints on the resumes that it makes is nobody's page."""
_CODE = re.compile(r"(?:\+|(?<!\d)00)[ (]?([1-9]\d{0,2})(?=[ ()\-.\d])")
_SAMPLE = 20_000
"""Characters in which a country is looked for."""
_MOST_PHONES = 500
"""Runs of digits looked at."""
_REGIONS = {"zh": ("CN",), "en": ("US", "GB", "IN")}
# What tells of a country besides a number with its code and its cities: its name, its domains and postal codes.
_EVIDENCE: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (region, re.compile(pattern))
    for region, pattern in (
        ("GB", r"\b(?:UK|U\.K\.|United Kingdom|England|Scotland|Wales)\b|\.co\.uk\b|\.ac\.uk\b|\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b"),
        ("IE", r"(?<!Northern )\bIreland\b|\.ie\b"),
        ("DE", r"\b(?:Deutschland|Germany)\b|\.de\b|[Ss]traße|\w{3}str\. \d"),
        ("AT", r"\b(?:Österreich|Austria)\b|\.at\b"),
        ("CH", r"\b(?:Schweiz|Suisse|Switzerland)\b|\.ch\b"),
        ("FR", r"\b(?:France|Nice)\b|\.fr\b"),
        ("ES", r"\b(?:España|Spain)\b|\.es\b"),
        ("IT", r"\b(?:Italia|Italy)\b|\.it\b"),
        ("NL", r"\b(?:Nederland|Netherlands)\b|\.nl\b"),
        ("AU", r"\bAustralia\b|\.com\.au\b|\b(?:NSW|VIC|TAS|ACT) \d{4}\b|\bQLD\b"),
        ("NZ", r"\b(?:New Zealand|Aotearoa)\b|\.co\.nz\b"),
        ("IN", r"\b(?:India|Kerala)\b"),
        ("SG", r"\bSingapore\b|新加坡|\.sg\b"),
        ("HK", r"\bHong ?Kong\b|香港|九龙|新界|\.hk\b"),
        ("TW", r"\bTaiwan\b|台湾|台北|臺灣|臺北|新北|桃园|台中|台南|高雄|新竹|基隆|嘉义|屏东|宜兰|花莲|\.tw\b"),
        ("MO", r"\bMaca[uo]\b|澳门"),
        ("JP", r"\b(?:Japan|Nippon)\b|日本|东京|大阪|\.jp\b"),
        ("KR", r"\b(?:Korea|Gyeonggi)\b|韩国|首尔|\.kr\b"),
        ("BE", r"\b(?:Belgium|Belgique|België)\b|\.be\b"),
        ("SE", r"\b(?:Sweden|Sverige)\b|\.se\b"),
        ("NO", r"\b(?:Norway|Norge)\b"),
        ("DK", r"\b(?:Denmark|Danmark)\b|\.dk\b"),
        ("FI", r"\b(?:Finland|Suomi)\b|\.fi\b"),
        ("PL", r"\b(?:Poland|Polska)\b|\.pl\b"),
        ("PT", r"\bPortugal\b|\.pt\b"),
        ("TR", r"\b(?:Turkey|Türkiye)\b|\.com\.tr\b"),
        ("ZA", r"\bSouth Africa\b|\.co\.za\b"),
        ("NG", r"\bNigeria\b"),
        ("KE", r"\bKenya\b"),
        ("AE", r"\b(?:UAE|United Arab Emirates|Dubai|Abu Dhabi)\b"),
        ("PK", r"\bPakistan\b"),
        ("MY", r"\bMalaysia\b|马来西亚"),
        ("ID", r"\bIndonesia\b"),
        ("TH", r"\bThailand\b"),
        ("VN", r"\bViet ?nam\b|越南|Việt Nam|[\u1ea0-\u1ef9]"),
        ("PH", r"\bPhilippines\b"),
        ("BR", r"\b(?:Brazil|Brasil)\b|\.com\.br\b"),
        ("MX", r"\b(?:Mexico|México)\b"),
        ("CA", r"\b(?:Canada|Ontario)\b|\.ca\b"),
        ("US", rf"\bUSA\b|\bUnited States\b|, [A-Z]{{2}} \d{{5}}\b|, (?:{US_STATES})(?![\w.])"),
    )
)  # fmt: skip
_TRUNK = frozenset(
    [
        "GB",
        "IE",
        "DE",
        "AT",
        "CH",
        "FR",
        "BE",
        "NL",
        "SE",
        "FI",
        "AU",
        "NZ",
        "JP",
        "KR",
        "TW",
        "ZA",
        "TR",
        "MY",
        "TH",
        "VN",
        "ID",
        "PH",
    ]
)
"""Countries whose numbers are written with a 0 before them where their code is not."""
# How numbers are written without their country; the second is for those that nobody has, as in films.
_FORMS = tuple(
    (region, re.compile(pattern))
    for region, pattern in (
        ("US", r"(?:\([2-9]\d\d\)|[2-9]\d\d)[ .\-]?[2-9]\d\d[ .\-]\d{4}"),
        (
            "GB",
            r"07\d{3}[ -]?\d{6}|07\d{3}[ -]\d{3}[ -]\d{3}|0[12]\d{1,4}[ -]\d{3,4}[ -]\d{3,4}|\(0[12]\d{1,4}\) ?\d{3,4}[ -]?\d{3,4}",
        ),
        ("FR", r"0[1-79](?:[ .\-]?\d\d){4}"),
        ("DE", r"01[567]\d[ /\-]{0,3}\d[\d ]{6,10}"),
        ("TW", r"09\d\d[ -]\d{3}[ -]\d{3}|09\d{8}|\(?0[2-8]\)?[ -]\d{4}[ -]\d{4}"),
        ("AU", r"04\d\d ?\d{3} ?\d{3}|\(0[2378]\) ?\d{4} ?\d{4}"),
        ("JP", r"0[789]0-\d{4}-\d{4}"),
        ("KR", r"010-\d{4}-\d{4}"),
        ("HK", r"[5679]\d{3}[ -]?\d{4}"),
        ("SG", r"[89]\d{3}[ -]?\d{4}"),
    )
)


def emails(text: str) -> Iterator[Found[str]]:
    """Yield email addresses in lower case."""
    for match in _EMAIL.finditer(text):
        yield Found(value=match[0].replace(" ", "").lower(), confidence=0.99, spans=(Span(*match.span()),))


class Regions(NamedTuple):
    """Countries (ISO 3166), the likeliest first: those that a text tells of, and those that are usual in its language."""

    told: tuple[str, ...]
    usual: tuple[str, ...]


_DOMAIN = re.compile(r"@[\w.\-]{1,60}\.([a-z]{2})(?![\w.])")
_GENERIC = frozenset(("me", "co", "io", "ai", "tv", "cc", "fm", "ly", "gg", "to", "id"))
"""Endings of domains that tell nothing of a country."""


def regions(text: str, language: str, *, traditional: bool = False) -> Regions:
    """Return the countries whose numbers a text may have: what it says of countries, its language.

    `traditional`: whether it is written in traditional characters.
    """
    sample = text[:_SAMPLE]
    told = Counter({region: len(pattern.findall(sample)) for region, pattern in _EVIDENCE})
    told.update(countries_of_cities(sample))
    for mailbox in _DOMAIN.finditer(sample.lower()):
        region = "GB" if mailbox[1] == "uk" else mailbox[1].upper()
        if region in phonenumbers.SUPPORTED_REGIONS and mailbox[1] not in _GENERIC:
            told[region] += 2
    for match in _CODE.finditer(sample):
        for length in (3, 2, 1):
            if (region := phonenumbers.region_code_for_country_code(int(match[1][:length]))) != "ZZ":
                told[region] += 3
                break
    if traditional:
        told["HK" if told["HK"] > told["TW"] else "TW"] += 2
    return Regions(tuple(region for region, count in told.most_common() if count), _REGIONS[language])


def phones(text: str, where: Regions) -> Iterator[Found[str]]:
    """Yield phone numbers in E.164; those without a country's code are read as `where` says, see `regions`."""
    for match in islice(_PHONE.finditer(digits(text)), _MOST_PHONES):
        whole = _phone(match[0], match.start(), where)
        if whole:
            yield whole
            continue
        at = match.start()
        for word in match[0].split(" "):  # a date may stand before the number
            if found := _phone(word, at, where):
                yield found
            at += len(word) + 1


def _phone(shown: str, at: int, where: Regions) -> Found[str] | None:
    bare = shown.strip()
    if ")" not in bare and "）" not in bare:
        bare = bare.lstrip("(（")
    if not 7 <= sum(c.isdigit() for c in bare) <= 15 or re.fullmatch(r"(?:19|20)\d\d\D.{0,12}(?:19|20)?\d\d", bare):
        return None
    for when in dates(bare):
        if when.at[0] == 0 and sum(c.isdigit() for c in bare[when.at[1] :]) < (7 if when.period else 1):
            return None
    number = _number(bare, where)
    return Found(value=number, confidence=0.97, spans=(Span(at, at + len(shown)),)) if number else None


def _number(shown: str, where: Regions) -> str | None:
    plain = re.sub(r"^00", "+", shown.replace("＋", "+").replace("（", "(").replace("）", ")").replace("(+", "+"))
    plain = re.sub(r"\+(\d{1,3})[ ]?\(0\)", r"+\1", re.sub(r" ?[·•‧∙] ?", " ", plain))
    formed = [region for region, pattern in _FORMS if pattern.fullmatch(plain)]
    trunk = plain.startswith(("0", "(0"))
    # The likeliest first: a country that the text tells of, then one that the number's form tells.
    likely = [
        *(r for r in where.told if r in formed),
        *(r for r in where.told if r not in formed and (trunk or r not in _TRUNK)),
        *(r for r in where.usual if r in formed),
        *formed,
    ]
    if re.fullmatch(r"1[3-9]\d[ \-]?\d{4}[ \-]?\d{4}", plain):
        likely = ["CN"]
    elif len(re.sub(r"\D", "", plain)) < 9:  # eight digits are a number only where the document speaks of its country
        likely = [r for r in likely if r in where.told or r in where.usual]
    known = (*likely, *where.usual, *where.told)
    for region in dict.fromkeys(known):
        try:
            number = phonenumbers.parse(plain, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number) or (
            phonenumbers.is_possible_number(number)
            and (
                plain.startswith("+")
                or ("555" in plain and region in ("US", "CA"))
                or (region == known[0] == "CN" and len(plain) >= 11)
                or (region in formed and region == next((r for r in likely if r in formed), None))
            )
        ):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None


def links(text: str) -> Iterator[Found[WebLink]]:
    """Yield addresses of the web."""
    for match in _LINK.finditer(text):
        shown = match[0].rstrip(".,;:/")
        if _SITE.fullmatch(shown):
            continue
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
