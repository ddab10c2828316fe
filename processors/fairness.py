"""What must not count, cut out of free text: who somebody is, sex, age, origin and the like, homes and employers."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from processors.lexicon.headings import heading
from processors.lexicon.places import known_places, without_places
from processors.lexicon.titles import title_score
from processors.skills import normalise

IDENTITY = frozenset(("name", "emails", "phones", "birth_date", "street_address", "postal_code"))
"""The fields of a record that say who somebody is."""
_TEXTS = ("summary", "resume_text")
_CONTACTS = re.compile(
    r"[a-z0-9._%+\-]{1,64}@[a-z0-9.\-]{1,190}"  # e-mail addresses
    r"|(?:https?://|www\.)[^\s，。；）)]+"
    r"|\+?\d[\d\s().\-]{5,30}\d"  # phone and identity numbers
    r"|(?:微信|wechat|qq|skype|telegram)(?:号|id)?\s*[:：]\s*[\w.\-]+",
    re.IGNORECASE,
)
_LABELS = (
    r"性别|年龄|出生(?:日期|年月|地)?|生日|民族|籍贯|户籍|户口|婚姻(?:状况)?|婚育(?:状况)?|政治面貌|宗教(?:信仰)?|身高|体重|照片|姓名"
    r"|gender|sex|age|date of birth|d\.?o\.?b\.?|birth ?(?:day|date|place)|place of birth|marital status"
    r"|nationality|ethnicity|ethnic origin|race|religion|photo(?:graph)?|father'?s name|mother'?s name|spouse"
    r"|children|(?:full |first |last )?name"
)
_LABELLED = re.compile(rf"(?<!\w)(?:{_LABELS})[ \t]*[:：][ \t]*[^\n,，;；|。]{{0,60}}", re.IGNORECASE)
_BRIEFLY = re.compile(
    rf"(?<!\w)(?:{_LABELS})[ \t]*[:：][ \t]*\S{{0,20}}(?:[ \t]+(?:[A-Z][a-z]{{2,8}}\.?,?[ \t]+)?\d{{1,4}}(?!\S))*",
    re.IGNORECASE,
)
"""The same up to a blank, with the parts of a date: what else stands in the line is work."""
_AGE = re.compile(
    r"\d{1,2}\s?(?:周?岁)|(?<!\w)(?:aged?|age of)\s+\d{1,2}\b|\b\d{1,2}[- ]years?[- ]old\b"
    r"|(?:19|20)\d\d年(?:\d{1,2}月)?(?:出)?生(?!产)"
    r"|\bborn (?:in|on)\s+[^\n,.;]{1,30}",
    re.IGNORECASE,
)
_STATE = re.compile(
    r"(?<![\w儿])(?:男性?|女性?|已婚(?:已育|未育)?|未婚(?:未育)?|离异|[汉回满壮藏苗]族)(?![\w])"
    r"|\b(?:male|female|(?:un)?married|single|divorced|widowed)\b(?=\s*(?:[,;|.\n]|$))",
    re.IGNORECASE,
)
_NAME_LINE = re.compile(
    r"[\s*#_]*(?P<name>[\u3400-\u9fff]{2,4}|[\u3400-\u9fff]{1,6}·[\u3400-\u9fff]{1,8}"
    r"|[A-Z][\w'’-]+(?:[ ][A-Z][\w.'’-]*){1,3})[ \t*#]*\n"
)
"""A first line of two to four Chinese characters, or of two to four words with capitals; Markdown may mark it."""
_WORK = re.compile(
    r"管理|工程|技术|设计|开发|运营|财务|会计|销售|市场|人事|行政|教育|物流|采购|客服|法务|护理|简历|简介|求职|应聘|自我|个人"
    r"|\b(?:resume|curriculum|cv|profile|summary|objective|sales|marketing|finance|operations|accounting|design|engineering|development"
    r"|management|learning|logistics|nursing|teaching|support|research|services?|systems?|data|software)\b",
    re.IGNORECASE,
)
_LEGAL_FORM = re.compile(
    r"(?:,? (?:inc|ltd|llc|corp|co|plc|gmbh|ag|sa|limited|corporation|incorporated|company)\.?)+$"
    r"|(?:股份|集团)?(?:有限)?(?:责任)?公司$",
    re.IGNORECASE,
)
_HONORIFIC = re.compile(r"(?<!\w)(?:mr|mrs|ms|miss)\.?\s(?=[A-Z])", re.IGNORECASE)
_PRONOUNS = re.compile(
    r"\b(?:(?P<they>he|she)|(?P<their>his|hers?)|(?P<them>him)|(?P<themselves>himself|herself))\b", re.IGNORECASE
)
"""By what is neutral."""
_TITLES = re.compile("先生|女士|小姐")


def impersonal(text: str) -> str:
    """Return text without labelled or stated sex, age, birth, origin, marital state; pronouns are made neutral.

    A first line that is nothing but a name goes as well.
    """
    labelled = (_LABELLED,) if ":" in text or "：" in text else ()
    text = _cut(text, *labelled, _AGE, _STATE)
    first = _NAME_LINE.match(text)
    if first and not _says_work(first["name"]):
        text = text[first.end() :]
    text = _PRONOUNS.sub(lambda found: found.lastgroup or "", _HONORIFIC.sub(" ", text))
    return _TITLES.sub("", text.replace("她", "他"))


def without_origin(text: str) -> str:
    """Return a text to read work from: a year of birth is no date of it, the name of a people no language, and who is
    married has no name of four characters."""
    return _cut(text, _BRIEFLY, _AGE, _STATE)


def _cut(text: str, *patterns: re.Pattern[str]) -> str:
    """Return a text without what patterns find. A line of nothing else goes as a whole: where somebody stands in it or
    not, the lines behind are read alike."""
    cut = text
    for pattern in patterns:
        cut = pattern.sub(" ", cut)
    if cut == text:
        return text
    before, after = text.split("\n"), cut.split("\n")
    if len(before) != len(after):  # what was found went over the end of a line
        return cut
    return "\n".join(new for old, new in zip(before, after, strict=True) if new.strip() or not old.strip())


def private_words(fields: Mapping[str, Any]) -> list[str]:
    """Return the person's own name and contact data, the longest first."""
    known: set[str] = set()
    name = _told(fields.get("name"))
    if name:
        known |= {name, *(part for part in name.split(" ") if len(part) > 2)}
    for key in ("emails", "phones"):
        known |= {value for value in fields.get(key) or () if isinstance(value, str)}
    return _longest_first(known)


def anonymous(text: str, private: Sequence[str]) -> str:
    """Return a text without the words of `private_words`, contact data and what `impersonal` cuts."""
    return impersonal(_CONTACTS.sub(" ", _without(text, private)))


def impartial(text: str, fields: Mapping[str, Any]) -> str:
    """Return a talent's text without the places and the employers of its record, and cities that it names.

    How near they are and in which industry is compared where a job asks for it; a name says nothing of the work. A
    product keeps its maker's name: who worked there knows it as others do.
    """
    known = {value for value in map(_told, fields.get("locations") or ()) if value}
    for employment in fields.get("employments") or ():
        if company := _told(employment.get("company")):
            known |= {company, _LEGAL_FORM.sub("", company)}
    return without_places(_without(text, _longest_first(known), but=_is_product))


def _told(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _longest_first(words: set[str]) -> list[str]:
    return sorted((word for word in words if len(word) > 1), key=lambda word: (-len(word), word))


def _without(text: str, words: Sequence[str], but: Callable[[re.Match[str]], bool] | None = None) -> str:
    folded = text.casefold()
    mentioned = [word for word in words if word.casefold() in folded]
    if mentioned:  # rare; compiling a pattern for every record would cost more than all the rest
        pattern = re.compile("|".join(map(_bounded, mentioned)), re.IGNORECASE)
        text = pattern.sub(lambda found: found[0] if but and but(found) else " ", text)
    return text


_BEHIND = re.compile(r" [A-Za-z\d+#.-]{1,24}(?: [A-Za-z\d+#.-]{1,24})?|[\u3400-\u9fff]{1,4}")


def _is_product(name: re.Match[str]) -> bool:
    """Whether a name begins that of a skill: Microsoft Office, Google Maps API, 腾讯云."""
    behind = _BEHIND.match(name.string, name.end())
    if behind is None:
        return False
    ends = re.finditer(r"(?<=\S)(?= |$)", behind[0]) if behind[0][0] == " " else re.finditer(r"(?<=.)", behind[0])
    return any(normalise(f"{name[0]}{behind[0][: end.end()]}".rstrip(".")) for end in ends)


def _bounded(text: str) -> str:
    """Return a pattern for a text: parts of a Latin name count as whole words only."""
    left = r"(?<![A-Za-z])" if text[0].isascii() and text[0].isalpha() else ""
    right = r"(?![A-Za-z])" if text[-1].isascii() and text[-1].isalpha() else ""
    return f"{left}{re.escape(text)}{right}"


def without_identity(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields without those that say who somebody is; free texts are impersonal, without the name."""
    private = private_words(fields)

    def nameless(text: str) -> str:
        return impersonal(_without(text, private))

    shown = {name: value for name, value in fields.items() if name not in IDENTITY}
    shown |= {name: nameless(shown[name]) for name in _TEXTS if shown.get(name)}
    if isinstance(employments := shown.get("employments"), list):
        shown["employments"] = [
            {**each, "description": nameless(each["description"])} if each.get("description") else each
            for each in employments
        ]
    return shown


def _says_work(line: str) -> bool:
    """Whether a short line tells of the work or is a heading, so that it is no name."""
    return bool(title_score(line) or heading(line) or normalise(line) or known_places(line) or _WORK.search(line))
