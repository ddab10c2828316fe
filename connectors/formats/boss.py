"""Boss直聘: answers of its pages (jobs, candidates), and tables."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from connectors.formats.base import Format, Record, identity, made
from connectors.formats.chinese_table import asked_degree, is_table, of_table, town
from connectors.formats.people import education, positions
from connectors.formats.terms import degree, said_salary, years
from connectors.formats.values import first, long, many, obj, objects, short, shorts, words
from connectors.plain import RefusedError

_LISTS = ("jobList", "geeks", "geekList", "cardList")
_DATES = re.compile(r"(\d{4}(?:[.年/-]\d{1,2})?)\D*?[-~–至]\D*?(\d{4}(?:[.年/-]\d{1,2})?|至今|今)")


def items(document: Any) -> Iterator[Any]:
    """Yield the jobs or candidates of an answer, of a list, or a single one."""
    for one in many(document):
        inner = obj(one).get("zpData", one)
        held = next((inner[name] for name in _LISTS if name in inner), inner) if isinstance(inner, dict) else inner
        yield from many(held)


def recognises(document: Any) -> bool:
    """Whether a document is from Boss直聘."""
    one = next(items(document), None)
    if not isinstance(one, dict):
        return False
    return bool(_job_id(one) or _geek(one)) or (is_table(one) and "zhipin.com" in str(list(one.values())))


def _job_id(one: dict[str, Any]) -> Any:
    return one.get("encryptJobId") or obj(one.get("jobInfo")).get("encryptId")


def _geek(one: dict[str, Any]) -> dict[str, Any]:
    card = obj(one.get("geekCard")) or one
    return card if "encryptGeekId" in card or "geekName" in card else {}


def record(one: Any, at: datetime) -> Record:
    """Return what a job, a candidate or a table's row says. Raises RefusedError."""
    said = obj(one)
    if card := _geek(said):
        return _talent({**said, **card})
    if _job_id(said):
        return _job(said)
    if is_table(said):
        return of_table("boss", said)
    raise RefusedError("a record of Boss直聘 has encryptJobId, encryptGeekId or geekName, or the columns of a table")


def _job(said: dict[str, Any]) -> Record:
    detail, brand = obj(said.get("jobInfo")), obj(said.get("brandComInfo"))
    title = first(said.get("jobName"), detail.get("jobName"), detail.get("positionName"))
    description = long(
        detail.get("postDescription"), detail.get("jobDescription"), said.get("postDescription"), said.get("jobDesc")
    )
    pay = (first(said.get("salaryDesc"), detail.get("salaryDesc")), short(said.get("salaryMonthText")))
    if title is None and description is None:
        raise RefusedError("a job of Boss直聘 has a jobName or a postDescription")
    least, most = years(first(said.get("jobExperience"), detail.get("experienceName")))
    fields = {
        "title": title,
        "company": first(said.get("brandName"), brand.get("brandName"), brand.get("customerBrandName")),
        "language": "zh",
        "description": description,
        "skills": [
            {"name": name}
            for name in words(said.get("skills") or detail.get("showSkills") or detail.get("skills"))[:500]
        ],
        "years_experience_min": least,
        "years_experience_max": most,
        "education_level": asked_degree(first(said.get("jobDegree"), detail.get("degreeName"))),
        "locations": shorts(town(first(said.get("cityName"), detail.get("locationName")))),
        "salary": said_salary("·".join(part for part in pay if part), "zh"),
        "status": "closed" if "关闭" in (short(detail.get("jobStatusDesc")) or "") else "open",
    }
    return made("job", identity("boss", _job_id(said)), fields)


def _talent(said: dict[str, Any]) -> Record:
    name = first(said.get("geekName"), said.get("name"))
    if name is None:
        raise RefusedError("a candidate of Boss直聘 has a geekName")
    worked = [*objects(said.get("geekWorks") or said.get("workList")), *objects(said.get("showWorks"))]
    studied = [*objects(said.get("geekEdus")), *objects(said.get("showEdus"))] or list(objects(said.get("geekEdu")))
    least, _ = years(first(said.get("geekWorkYear"), said.get("workYear")))
    labels = [one.get("markWord") for one in objects(said.get("labelMatchList"))]
    history = positions(map(_position, worked))
    fields = {
        "name": name,
        "language": "zh",
        "title": first(
            *(one.get("title") for one in history[:1]), said.get("expectPositionName"), said.get("positionName")
        ),
        "summary": long(said.get("geekDesc"), said.get("geekAdvantage")),
        "skills": [{"name": label} for label in words([*many(said.get("skills")), *labels])[:500]],
        "years_experience": least,
        "education_level": degree(first(said.get("geekDegree"), said.get("highestDegreeName"), said.get("degreeName"))),
        "education": education(map(_study, studied)),
        "employments": history,
        "locations": shorts([town(first(said.get(name))) for name in ("expectLocationName", "city", "cityName")]),
        "salary_expected": said_salary(
            first(said.get("salary"), said.get("salaryDesc"), said.get("expectSalary")), "zh"
        ),
    }
    return made("talent", identity("boss", said.get("encryptGeekId"), name), fields)


def _position(work: dict[str, Any]) -> tuple[Any, Any, Any, Any, Any]:
    """Return a position; cards write employer and title as one, `云图科技·Java`, and the time as a range."""
    company, _, title = (short(work.get("name")) or "").partition("·")
    start, end = _range(work)
    return (
        first(work.get("company"), work.get("companyName"), company),
        first(work.get("positionName"), work.get("position"), title.rpartition("·")[2]),
        start,
        end,
        first_long(work, "responsibility", "workContent", "workDesc"),
    )


def _study(study: dict[str, Any]) -> tuple[Any, Any, Any, Any, Any]:
    start, end = _range(study)
    return (
        first(study.get("school"), study.get("schoolName")),
        degree(first(study.get("degreeName"), study.get("degree"))),
        first(study.get("major"), study.get("majorName")),
        start,
        end,
    )


def _range(said: dict[str, Any]) -> tuple[Any, Any]:
    found = _DATES.search(short(said.get("dateRange")) or "")
    start, end = found.groups() if found else (first(said.get("startDate")), first(said.get("endDate")))
    return _dashed(start), _dashed(end)


def _dashed(when: str | None) -> str | None:
    """Return `20190301` and `201903` as ISO 8601 writes them."""
    found = re.fullmatch(r"(\d{4})(\d\d)(\d\d)?", when or "")
    return "-".join(part for part in found.groups() if part) if found else when


def first_long(said: dict[str, Any], *names: str) -> Any:
    """Return the first of some texts that says something."""
    return next((said[name] for name in names if short(said.get(name))), None)


FORMAT = Format(
    name="boss",
    title="Boss直聘",
    files=(".json", ".jsonl", ".csv"),
    recognises=recognises,
    items=items,
    record=record,
    page="page",
)
