"""智联招聘 (Zhaopin): answers of its job search, and tables."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from connectors.formats.base import Format, Record, identity, made
from connectors.formats.chinese_table import asked_degree, is_table, of_table, town
from connectors.formats.terms import said_salary, work_forms, workplace, years
from connectors.formats.values import closed, first, long, many, obj, short, shorts, words
from connectors.plain import RefusedError

_LISTS = ("list", "results", "positions", "positionList")


def items(document: Any) -> Iterator[Any]:
    """Yield the jobs of an answer, of a list, or a single one."""
    for one in many(document):
        inner = one.get("data", one) if isinstance(one, dict) else one
        inner = obj(obj(inner).get("jobDetail")).get("detailedPosition", inner)
        held = next((inner[name] for name in _LISTS if name in inner), inner) if isinstance(inner, dict) else inner
        yield from many(held)


def recognises(document: Any) -> bool:
    """Whether a document is from 智联招聘."""
    one = next(items(document), None)
    if not isinstance(one, dict):
        return False
    return _is_job(one) or (is_table(one) and "zhaopin.com" in str(list(one.values())))


def _is_job(one: dict[str, Any]) -> bool:
    return bool({"salary60", "salaryReal", "positionNumber", "workingExp"} & one.keys()) and bool(_number(one))


def _number(one: dict[str, Any]) -> Any:
    return one.get("number") or one.get("positionNumber")


def record(one: Any, at: datetime) -> Record:
    """Return what a job or a table's row says. Raises RefusedError."""
    said = obj(one)
    if not _is_job(said) and is_table(said):
        return of_table("zhaopin", said)
    title = first(said.get("name"), said.get("positionName"), said.get("jobName"))
    detail = obj(said.get("jobDetailData"))
    description = long(
        *(said.get(name) for name in ("jobDesc", "jobDescPC", "positionDesc", "jobSummary", "description")),
        obj(obj(detail.get("position")).get("desc")).get("description"),
    )
    if _number(said) is None or (title is None and description is None):
        raise RefusedError("a job of 智联招聘 has a number and a name; a table has columns such as 职位名称 or 姓名")
    least, most = years(
        first(said.get("workingExp"), said.get("positionWorkingExp"), obj(said.get("workingExp")).get("name"))
    )
    labels = [
        one.get("value", one.get("name")) if isinstance(one, dict) else one for one in many(said.get("skillLabel"))
    ]
    fields = {
        "title": title,
        "company": first(said.get("companyName"), obj(said.get("company")).get("name")),
        "language": "zh",
        "description": description,
        "skills": [{"name": name} for name in words(labels)[:500]],
        "years_experience_min": least,
        "years_experience_max": most,
        "education_level": asked_degree(first(said.get("education"), obj(said.get("eduLevel")).get("name"))),
        "locations": shorts(
            town(
                first(
                    *(said.get(name) for name in ("workCity", "positionWorkCity", "cityName")),
                    obj(said.get("city")).get("display"),
                )
            )
        ),
        "salary": said_salary(first(said.get("salary60"), said.get("salaryReal"), said.get("salary")), "zh"),
        "workplace": workplace(obj(obj(detail.get("stateInfo")).get("state")).get("workMode")),
        **work_forms(said.get("workType"), obj(said.get("emplType")).get("name"), said.get("emplType")),
        "status": "closed" if closed(said.get("endDate"), at) else "open",
    }
    return made("job", identity("zhaopin", _number(said), short(title)), fields)


FORMAT = Format(
    name="zhaopin",
    title="智联招聘",
    files=(".json", ".jsonl", ".csv"),
    recognises=recognises,
    items=items,
    record=record,
    page="page",
)
