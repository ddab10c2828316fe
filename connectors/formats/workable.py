"""Workable: jobs of its API and of the widget of careers pages."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from connectors.formats.base import Format, Record, identity, made
from connectors.formats.terms import degree, salary, work_forms, workplace
from connectors.formats.values import first, long, many, moment, obj, objects, short, titled, words
from connectors.plain import RefusedError

_SENIORITY = {
    "internship": "intern",
    "entry level": "junior",
    "associate": "mid",
    "mid-senior level": "senior",
    "director": "executive",
    "executive": "executive",
}
_STATUS = {"draft": "paused", "closed": "closed", "archived": "closed"}


def items(document: Any) -> Iterator[Any]:
    """Yield the jobs of a page, of a list, of a widget with the account's name, or a single one."""
    for one in many(document):
        held = next((one[name] for name in ("jobs", "results") if name in one), None) if isinstance(one, dict) else None
        if held is not None:
            account = {"company": one["name"]} if short(one.get("name")) else {}
            yield from ({**account, **job} if isinstance(job, dict) else job for job in many(held))
        else:
            yield one


def recognises(document: Any) -> bool:
    """Whether a document is from Workable."""
    one = next(items(document), None)
    return isinstance(one, dict) and "shortcode" in one and "title" in one


def record(one: Any, at: datetime) -> Record:
    """Return the job of one posting. Raises RefusedError."""
    said = obj(one)
    code, title = said.get("shortcode", said.get("id")), first(said.get("title"), said.get("full_title"))
    parts = [
        said.get("description"),
        titled("Requirements:", said.get("requirements")),
        titled("Benefits:", said.get("benefits")),
    ]
    description = long(*parts) or long(said.get("full_description"))
    if code is None or (title is None and description is None):
        raise RefusedError("a job of Workable has a shortcode, and a title or a description")
    place = obj(said.get("location"))
    pay, experience = obj(said.get("salary")), (short(said.get("experience")) or "").casefold()
    where = first(place.get("workplace_type"), said.get("workplace_type"), said.get("workplace"))
    far = place.get("telecommuting", said.get("telecommuting"))
    fields = {
        "title": title,
        "company": first(said.get("company"), obj(said.get("account")).get("name")),
        "seniority": _SENIORITY.get(experience),
        "description": description,
        "skills": [{"name": name} for name in words(said.get("keywords"))[:500]],
        "education_level": degree(said.get("education")),
        "locations": _places(said, place),
        "workplace": workplace(where) or ("remote" if far is True else None),
        **work_forms(said.get("employment_type"), said.get("type")),
        "salary": salary(
            pay.get("salary_from"),
            pay.get("salary_to"),
            pay.get("salary_currency"),
            pay.get("salary_period"),
            "salary_period",
        ),
        "status": _STATUS.get((short(said.get("state")) or "").casefold(), "open"),
    }
    return made("job", identity("workable", code), fields, moment(said.get("updated_at")))


def _places(said: dict[str, Any], place: dict[str, Any]) -> list[str]:
    """Return the towns, or regions or countries where there are none, that are not hidden."""
    listed = [one for one in objects(said.get("locations")) if one.get("hidden") is not True] or [place, said]
    named = [first(one.get("city"), one.get("region"), one.get("state_name"), one.get("country")) for one in listed]
    return list(dict.fromkeys(one for one in named if one))[: 50 if said.get("locations") else 1]


FORMAT = Format(
    name="workable",
    title="Workable",
    files=(".json", ".jsonl"),
    recognises=recognises,
    items=items,
    record=record,
)
