"""Lever: postings of the public and of the data API, opportunities with or without what their resumes say."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from connectors.formats.base import Format, Record, identity, made
from connectors.formats.people import education, highest, positions
from connectors.formats.terms import degree, place_and_workplace, said_salary, salary, work_forms, workplace
from connectors.formats.values import emails, first, long, many, moment, obj, objects, short, shorts, titled
from connectors.plain import RefusedError

_OPEN = ("published", "internal", "active")
_ONCE = ("one-time", "bonus", "one-time-payment")
_PAUSED = ("draft", "pending")


def items(document: Any) -> Iterator[Any]:
    """Yield the postings or opportunities of a list, of an answer's `data`, or a single one."""
    for one in many(document):
        yield from many(one["data"] if isinstance(one, dict) and "data" in one else one)


def recognises(document: Any) -> bool:
    """Whether a document is from Lever."""
    one = next(items(document), None)
    return isinstance(one, dict) and (_is_posting(one) or _is_opportunity(one))


def _is_posting(one: dict[str, Any]) -> bool:
    return "text" in one and "categories" in one


def _is_opportunity(one: dict[str, Any]) -> bool:
    return "emails" in one and ("contact" in one or "stage" in one or "headline" in one) and "name" in one


def record(one: Any, at: datetime) -> Record:
    """Return what a posting or an opportunity says. Raises RefusedError."""
    said = obj(one)
    return _opportunity(said) if _is_opportunity(said) else _posting(said)


def _posting(said: dict[str, Any]) -> Record:
    content, categories, title = obj(said.get("content")), obj(said.get("categories")), short(said.get("text"))
    source = {**said, **content}
    description = long(
        first_text(source, "descriptionPlain", "descriptionHtml", "description"),
        *(titled(part.get("text"), part.get("content")) for part in objects(source.get("lists"))),
        first_text(source, "additionalPlain", "additional", "closing", "closingHtml"),
    )
    if "id" not in said or (title is None and description is None):
        raise RefusedError("a posting of Lever has an id and a text, its title; an opportunity has name and emails")
    pay = obj(said.get("salaryRange"))
    if short(pay.get("interval")) in _ONCE:
        pay = {}
    listed = shorts(categories.get("allLocations"))[:50]
    place, form = place_and_workplace(categories.get("location"))
    state = (short(said.get("state")) or "published").casefold()
    fields = {
        "title": title,
        "description": description,
        "locations": listed if len(listed) > 1 else shorts(place),
        "workplace": workplace(said.get("workplaceType")) or form,
        **work_forms(categories.get("commitment")),
        "salary": salary(
            pay.get("min"), pay.get("max"), pay.get("currency"), pay.get("interval"), "salaryRange.interval"
        )
        or said_salary(said.get("salaryDescriptionPlain")),
        "status": "open" if state in _OPEN else "paused" if state in _PAUSED else "closed",
    }
    return made("job", identity("lever", said["id"]), fields, moment(said.get("updatedAt")))


def first_text(source: dict[str, Any], *names: str) -> Any:
    """Return the first of some texts that says something."""
    return next((source[name] for name in names if short(source.get(name))), None)


def _opportunity(said: dict[str, Any]) -> Record:
    name, mails = short(said.get("name")), emails(said.get("emails"))
    if "id" not in said or not (name or mails):
        raise RefusedError("an opportunity of Lever has an id, and a name or emails")
    parsed = obj(obj(said.get("resume")).get("parsedData") or said.get("parsedData"))
    worked = positions(
        (job.get("org"), job.get("title"), job.get("start"), job.get("end"), job.get("summary"))
        for job in objects(parsed.get("positions"))
    )
    schools = list(objects(parsed.get("schools")))
    levels = [degree(one.get("degree")) for one in schools]
    person = obj(said.get("contact"))
    fields = {
        "name": name,
        "emails": mails,
        "phones": shorts([one.get("value") if isinstance(one, dict) else one for one in many(said.get("phones"))])[:20],
        "title": first(*(job.get("title") for job in worked)),
        "summary": long(said.get("headline")),
        "employments": worked,
        "education_level": highest(levels),
        "education": education(
            (one.get("org"), level, one.get("field"), one.get("start"), one.get("end"))
            for one, level in zip(schools, levels, strict=True)
        ),
        "locations": shorts(first(obj(said.get("location")).get("name"), said.get("location"), person.get("location"))),
    }
    # Opportunities are of one person; several of them make one talent.
    who = person.get("id", said.get("contact"))
    return made("talent", identity("lever", who, said["id"]), fields, moment(said.get("updatedAt")))


FORMAT = Format(
    name="lever",
    title="Lever",
    files=(".json", ".jsonl"),
    recognises=recognises,
    items=items,
    record=record,
    page="offset",
)
