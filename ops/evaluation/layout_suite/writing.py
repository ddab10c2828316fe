"""How months and times are written, and what a reader knows of them then."""

from ops.evaluation.layout_suite.people import Month

_EN = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DE = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
]
_DE_SHORT = ["Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"]
_FR = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
_FR_SHORT = ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]
_HAN = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"]
_CIPHERS = "〇一二三四五六七八九"


def month(when: Month, style: str) -> str:
    """Return a month as a style writes it."""
    y, m = when
    match style:
        case "Mmm y":
            return f"{_EN[m - 1][:3]} {y}"
        case "Mmm. y":
            return f"{_EN[m - 1][:3]}{'.' if m != 5 else ''} {y}"
        case "Month y":
            return f"{_EN[m - 1]} {y}"
        case "MMM y":
            return f"{_EN[m - 1][:3].upper()} {y}"
        case "Mmm 'yy":
            return f"{_EN[m - 1][:3]} '{y % 100:02}"
        case "mm/y":
            return f"{m:02}/{y}"
        case "mm.y":
            return f"{m:02}.{y}"
        case "mm/yy":
            return f"{m:02}/{y % 100:02}"
        case "y-mm":
            return f"{y}-{m:02}"
        case "y.mm":
            return f"{y}.{m:02}"
        case "y.m":
            return f"{y}.{m}"
        case "y/mm":
            return f"{y}/{m:02}"
        case "y年m月":
            return f"{y}年{m}月"
        case "han":
            return "".join(_CIPHERS[int(c)] for c in str(y)) + f"年{_HAN[m - 1]}月"
        case "民國":
            return f"民國{y - 1911}年{m}月"
        case "Monat y":
            return f"{_DE[m - 1]} {y}"
        case "Mon y":
            return f"{_DE_SHORT[m - 1]} {y}"
        case "mois y":
            return f"{_FR[m - 1]} {y}"
        case "moi y":
            return f"{_FR_SHORT[m - 1]} {y}"
        case "y":
            return str(y)
        case _:
            raise ValueError(style)


def known(when: Month, style: str) -> str:
    """Return what is known of a month that was written so."""
    return str(when[0]) if style == "y" else f"{when[0]}-{when[1]:02}"


def lasted(start: Month, end: Month, words: str = "en") -> str:
    """Return how long it took, as exports write it: `2 yrs 3 mos`."""
    total = (end[0] - start[0]) * 12 + end[1] - start[1] + 1
    years, months = divmod(total, 12)
    names = {
        "en": (" year", " years", " month", " months", " "), "zh": (" 年", " 年", " 个月", " 个月", " "), "cn": ("年", "年", "个月", "个月", ""),
        "tw": ("年", "年", "個月", "個月", ""), "de": (" Jahr", " Jahre", " Monat", " Monate", " "), "fr": (" an", " ans", " mois", " mois", " "),
    }[words]  # fmt: skip
    parts = [f"{years}{names[years > 1]}"] * (years > 0) + [f"{months}{names[2 + (months > 1)]}"] * (months > 0)
    return names[4].join(parts)
