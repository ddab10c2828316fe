"""What must not count: sex, age, birth, origin, marital state and the like, cut out of free text."""

import re

_LABELS = (
    r"性别|年龄|出生(?:日期|年月|地)?|生日|民族|籍贯|户籍|户口|婚姻(?:状况)?|婚育(?:状况)?|政治面貌|宗教(?:信仰)?|身高|体重|照片|姓名"
    r"|gender|sex|age|date of birth|d\.?o\.?b\.?|birth ?(?:day|date|place)|place of birth|marital status"
    r"|nationality|ethnicity|ethnic origin|race|religion|photo(?:graph)?|father'?s name|mother'?s name|spouse"
    r"|children|(?:full |first |last )?name"
)
_LABELLED = re.compile(rf"(?<!\w)(?:{_LABELS})[ \t]*[:：][ \t]*[^\n,，;；|。]{{0,60}}", re.IGNORECASE)
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
_HONORIFIC = re.compile(r"(?<!\w)(?:mr|mrs|ms|miss)\.?\s(?=[A-Z])", re.IGNORECASE)
_PRONOUNS = (
    (re.compile(r"\b(?:he|she)\b", re.IGNORECASE), "they"),
    (re.compile(r"\b(?:his|her|hers)\b", re.IGNORECASE), "their"),
    (re.compile(r"\b(?:him)\b", re.IGNORECASE), "them"),
    (re.compile(r"\b(?:himself|herself)\b", re.IGNORECASE), "themselves"),
    (re.compile(r"她"), "他"),
    (re.compile(r"先生|女士|小姐"), ""),
)


def impersonal(text: str) -> str:
    """Return text without labelled or stated sex, age, birth, origin, marital state; pronouns are made neutral."""
    for pattern in (_LABELLED, _AGE, _STATE, _HONORIFIC):
        text = pattern.sub(" ", text)
    for pattern, neutral in _PRONOUNS:
        text = pattern.sub(neutral, text)
    return text
