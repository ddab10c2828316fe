"""How messages speak of years, degrees and forms of employment."""

import re

from processors.skills.levels import number

_N = r"\d{1,2}|[一二三四五六七八九十两]|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty)\b"
YEARS = re.compile(
    rf"(?P<low>{_N})\s?(?:[-~–至到]|to)\s?(?:{_N})\s?(?:年|years?|yrs?)"
    rf"|(?P<one>{_N})\s?\+?\s?(?:and a half )?(?:多|来|几)?(?:个?年|years?\b|yrs?\b)"
    r"(?!级|前|底|初|薪|终|包|会|内|\s?ago|\s?old|\s?(?:大概|大约|能|可以|差不多|至少|最少|起码|到手)*(?:拿|挣|赚|给(?!我)|收入|开得))"
    r"|\b(?:around|about|nearly|almost|over|at least|only|just) a year\b(?! ago)|(?<![\dk] )\ba year\b(?=(?:'s)? (?:of|in|on|at|behind|experience)\b)",
    re.IGNORECASE,
)
NAMED_YEARS = re.compile(
    r"(?:经验|年限|年数|工龄)(?:要求|条件)?[^\d,，。;；]{0,6}?(?:(?<=[经年数限验龄求])\s?(?=\d{1,2}\s?(?:\+|以上|起|往上))|改|换|调|降|放宽|提高|升|写|填|设|定|是|为|成|到|[:：])+(?P<han>\d{1,2})(?![\d.,]*\s?[\dkKwW千万元块%个])"
    r"|\b(?:years?|experience|yoe)\b[^\d,.;]{0,16}?\b(?:to|at|is|be|as)(?: just| only| around| about)? (?P<latin>\d{1,2})(?![\d.,]*\s?[\dkK%$€£])",
    re.IGNORECASE,
)
"""A number by the slot's name: `change the years to 2`."""
BARE_NUMBER = re.compile(_N, re.IGNORECASE)
EDUCATION: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (level, re.compile(pattern, re.IGNORECASE))
    for level, pattern in (
        ("doctorate", r"博士|读博|博[一二三四]|\bph\.?d\b|\bdoctora(?:te|l)\b"),
        (
            "master",
            r"硕士|研究生|读研|研[一二三](?!发|究)|\bmaster'?s?\b(?! data)|\bmsc\b|\bmba\b|\bm\.?(?:eng|tech|ed|com|phil)\b|\bll\.?m\b",
        ),
        (
            "bachelor",
            r"本科|学士|大学(?:本科|毕业|学历)|(?<!全)统招|\bbachelor'?s?\b|\bbsc\b|\bb\.?(?:eng|tech|ed|com|ba)\b|\bll\.?b\b|\bundergraduate\b",
        ),
        ("associate", r"(?<!考)(?<!读)大专|专科|\bassociate degree\b"),
        ("high_school", r"高中|中专|\bhigh school\b"),
    )
)
EMPLOYMENT: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("apprenticeship", r"学徒|\bapprentice(?:ship)?s?\b"),
        (
            "casual",
            r"临时工|暑假工|寒假工|小时工|钟点工|短期(?!内|目标)|\btemp(?:s|ing|orary)?\b(?! staff)|\bcasual\b|\bseasonal\b|\bzero[- ]hours?\b",
        ),
        ("internship", r"实习(?!过|经)|\bintern(?:ship)?s?\b"),
        (
            "part_time",
            r"兼职|\b(?:few|couple of|\d+) hours (?:a|per) week\b|工[读讀]|打工(?!人)|\bpart[- ]?tim(?:e|ers?)\b",
        ),
        (
            "contract",
            r"合同制|合同工|劳务派遣|派遣|外包|约聘|自由职业|\bcontract(?:ing|ors?|s)?\b|\bfreelanc(?:e|ers?|ing)\b",
        ),
        ("full_time", r"全职|正式工|\bfull[- ]?tim(?:e|ers?)\b|\bpermanent\b|\bperm\b"),
    )
)
BARE_FORM = re.compile(r"\W*(full|part)\b(?!-| ?time)", re.IGNORECASE)
REMOTE = re.compile(
    r"远程|远距(?!离)|远端|在宅|异地办公|居家|在家(?:里|中)?(?!带|休|待)|家里(?:办公|上班|工作|干|做)|线上(?:的)?(?:工作|兼职|岗|办公|做|上班|(?=最好|优先|也|都|可以|就行|ok))|网上(?:做|办公|兼职)|不用?坐班|不用去(?:公司|办公室)|\bremote(?:ly)?\b|\b(?:work|working) (?:from|at) home\b|\bhome[- ]working\b|\bwfh\b|\b(?:from|at) home\b|\btelecommut\w+|\bhome[- ]based\b",
    re.IGNORECASE,
)
BETTER = re.compile(
    r"(?:学历|的)?(?:更|优先|最)好?|,? (?:is |would be )?(?:preferred|ideal(?:ly)?|a plus|even better|better)\b",
    re.IGNORECASE,
)


def count(word: str) -> float:
    """Return a number as written in a message."""
    more = {"eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20}
    return float(more.get(word.lower()) or number(word))
