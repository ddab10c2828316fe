"""What ads agree on, in the words of many systems: pay, experience, degrees."""

import re
from itertools import pairwise
from typing import Any

from connectors.formats.values import number, short, text, words
from connectors.plain import RefusedError
from processors.lexicon.script import is_han
from processors.resume.degrees import level
from processors.resume.terms import likely_period, pay
from schemas.base import EducationLevel, Language, Salary

PERIODS = ("hour", "day", "week", "month", "year")
_PERIODS = {
    "hour": "hour hourly hr hrs h hur perhour perhourwage 小时 时薪 每小时",
    "day": "day daily d days perday perdaywage perdiem 天 日 日薪 每天",
    "week": "week weekly wk wee perweek perweeksalary 周 周薪",
    "month": "month monthly mon mo mth permonth permonthsalary 月 月薪 每月",
    "year": "year yearly annual annually annum ann yr p1y peryear perannum peryearsalary 年 年薪",
}
_PERIOD_OF = {word: period for period, said in _PERIODS.items() for word in said.split()}
_SIGNS = {
    "$": "USD",
    "US$": "USD",
    "€": "EUR",
    "£": "GBP",
    "¥": "CNY",
    "￥": "CNY",
    "元": "CNY",
    "RMB": "CNY",
    "人民币": "CNY",
    "円": "JPY",
    "₹": "INR",
}
_FORMS = {
    "full_time": "fulltime full vollzeit 全职",
    "part_time": "parttime part teilzeit 兼职",
    "casual": "perdiem casual hourly 小时工 临时工",
    "internship": "intern internship praktikum 实习 实习生",
    "apprenticeship": "apprentice apprenticeship ausbildung 学徒",
    "volunteer": "volunteer 志愿者",
}
_CONTRACTS = {
    "permanent": "permanent regular directhire unlimited 正式 长期",
    "fixed_term": "temporary temp contract fixedterm limited fixedtermcontract 合同制",
    "agency": "agency agencyworker 劳务派遣 外包 派遣",
    "freelance": "contractor freelance freelancer selfemployed 自由职业",
}
_FORM_OF = {word: form for form, said in _FORMS.items() for word in said.split()}
_CONTRACT_OF = {word: contract for contract, said in _CONTRACTS.items() for word in said.split()}
_WORKPLACES = {
    "on_site": "onsite on-site site office inoffice 现场办公",
    "hybrid": "hybrid 混合办公",
    "remote": "remote telecommute fullyremote 远程 远程办公",
}
_WORKPLACE_OF = {word: place for place, said in _WORKPLACES.items() for word in said.replace("-", "").split()}
_AMONG = {word: word for word in (*_FORM_OF, *_CONTRACT_OF)}
for _word in ("full", "part", "limited", "unlimited", "hourly"):  # among others these say something else
    _AMONG.pop(_word)
_TIMES = {
    "semimonth": (2, "month"),
    "bimonth": (0.5, "month"),
    "biweek": (26, "year"),
    "fortnight": (26, "year"),
    "quarter": (4, "year"),
}
_UNUSUAL = re.compile(rf"(?:per)?({'|'.join(_TIMES)})(?:ly)?(?:salary|wage)?")
_CODE = re.compile("[A-Z]{3}")
_SIGN = re.compile(r"^[^\d\s]{1,3}\s?(?=\d)|(?<=\d)\s?(?:[^\d\s.,]{1,3})$")
_APART = re.compile(r"\s+[-–—|/·]\s+|\s*[()（）]\s*")
_YEARS = re.compile(r"(\d{1,2})\s*(?:[-–~至到]\s*(\d{1,2}))?\s*(?:年|\+|years?|yrs?)")
_BELOW = re.compile(r"(\d{1,2})\s*年(?:以下|以内)")


def salary(minimum: Any, maximum: Any, currency: Any, unit: Any, where: str) -> dict[str, Any] | None:
    """Return the pay that four values state, None if there is none.

    `where` names the field of the unit, for the refusal of one that is no period. Raises RefusedError.
    """
    low, high = _amount(minimum), _amount(maximum)
    amounts = [amount for amount in (low, high) if amount]
    said = (short(currency) or "").upper()
    code = _SIGNS.get(said, said)
    if not amounts or not _CODE.fullmatch(code):
        return None
    unusual = _UNUSUAL.fullmatch(_folded(short(unit) or ""))
    times, per = _TIMES[unusual[1]] if unusual else (1, period(unit, where) or likely_period(amounts[0], code))
    return {
        **({"minimum": min(amounts) * times} if low else {}),
        **({"maximum": max(amounts) * times} if high else {}),
        "currency": code,
        "period": per,
    }


def _amount(value: Any) -> float | None:
    """Return a number, also one with the sign of its currency: `£25,000`."""
    found = number(value)
    return number(_SIGN.sub("", value.strip())) if found is None and isinstance(value, str) else found


def period(unit: Any, where: str) -> str | None:
    """Return the period that a word or code means, None for no word. Raises RefusedError, which tells the periods."""
    word = short(unit)
    if word is None:
        return None
    found = _PERIOD_OF.get(_folded(word))
    if found is None:
        raise RefusedError(f"{where} is one of {', '.join(PERIODS)}")
    return found


def work_forms(*values: Any) -> dict[str, Any]:
    """Return the fields `employment_types` and `contracts` of what values name: `FULL_TIME`, `Part-time`, `实习`."""
    named = [one for value in values for word in words(value) for one in _named(word)]
    return {
        "employment_types": list(dict.fromkeys(_FORM_OF[word] for word in named if word in _FORM_OF)),
        "contracts": list(dict.fromkeys(_CONTRACT_OF[word] for word in named if word in _CONTRACT_OF)),
    }


def _named(word: str) -> list[str]:
    """Return the forms that a word means, or that stand among several: `Regular Full Time (Salary)`."""
    if (folded := _folded(word)) in _FORM_OF or folded in _CONTRACT_OF:
        return [folded]
    parts = re.findall(r"[a-z]+", word.casefold())
    return [one for one in (*parts, *map("".join, pairwise(parts))) if one in _AMONG]


def place_and_workplace(value: Any) -> tuple[str | None, str | None]:
    """Return the place and the workplace that one text names: `Remote - US` is remote, and in the US."""
    said = short(value)
    if said is None:
        return None, None
    parts = [part for part in _APART.split(said) if part]
    forms = [form for part in parts if (form := workplace(part))]
    named = [part for part in parts if not workplace(part)]
    return (", ".join(named) or None, forms[0]) if forms else (said, None)


def workplace(value: Any) -> str | None:
    """Return where the work is done, of a word for it."""
    return _WORKPLACE_OF.get(_folded(short(value) or ""))


def _folded(word: str) -> str:
    return re.sub(r"[\s_/.\-]", "", word.casefold())


def said_salary(value: Any, language: Language | None = None) -> dict[str, Any] | None:
    """Return the pay that a text says: `£18 per hour`, `20-30K·14薪`; the language tells a bare amount's currency."""
    said = text(value)
    found = pay(said[:200], language or ("zh" if is_han(said) else "en")) if said else None
    if found is None:
        return None
    return found.model_dump(include=set(Salary.model_fields), exclude_none=True)


def years(value: Any) -> tuple[int | None, int | None]:
    """Return the least and most years of experience that a text asks for: `3-5年`, `5+ years`, `1年以下`."""
    said = short(value) or ""
    if below := _BELOW.search(said):
        return None, int(below[1])
    found = _YEARS.search(said)
    if not found:
        return None, None
    least, most = int(found[1]), int(found[2]) if found[2] else None
    return (least, most) if most is None or least <= most else (most, least)


def degree(value: Any) -> EducationLevel | None:
    """Return the level of education that a text names."""
    said = short(value)
    return level(said[:100].replace("_", " ")) if said else None
