"""Greenhouse: jobs of the job board API, candidates of the Harvest API."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from connectors.formats.base import Format, Record, identity, made
from connectors.formats.people import education, full_name, highest, origin, positions
from connectors.formats.terms import degree, place_and_workplace, salary, work_forms
from connectors.formats.values import emails, first, long, many, moment, number, obj, objects, short, shorts
from connectors.plain import RefusedError

_FORM = re.compile(r"employment type|time type|commitment|contract type|job type", re.IGNORECASE)
"""Fields of an employer's own that say the form of the work."""


def items(document: Any) -> Iterator[Any]:
    """Yield the jobs or candidates of a page, a list, or a single one."""
    for one in many(document):
        held = (
            next((one[name] for name in ("jobs", "candidates") if name in one), one) if isinstance(one, dict) else one
        )
        yield from many(held)


def recognises(document: Any) -> bool:
    """Whether a document is from Greenhouse."""
    one = next(items(document), None)
    return isinstance(one, dict) and (_is_job(one) or _is_candidate(one))


def _is_job(one: dict[str, Any]) -> bool:
    return "absolute_url" in one and ("internal_job_id" in one or "content" in one)


def _is_candidate(one: dict[str, Any]) -> bool:
    return "email_addresses" in one and ("application_ids" in one or "applications" in one or "first_name" in one)


def record(one: Any, at: datetime) -> Record:
    """Return what a job or a candidate says. Raises RefusedError."""
    said = obj(one)
    return _candidate(said) if _is_candidate(said) else _job(said)


def _job(said: dict[str, Any]) -> Record:
    title, description = short(said.get("title")), long(said.get("content"))
    if "id" not in said or (title is None and description is None):
        raise RefusedError("a job of Greenhouse has an id, and a title or content; a candidate has email_addresses")
    offices = [
        first(office.get("name"), obj(office.get("location")).get("name")) for office in objects(said.get("offices"))
    ]
    place, form = place_and_workplace(obj(said.get("location")).get("name"))
    fields = {
        "title": title,
        "company": short(said.get("company_name")),
        "language": {"en": "en", "zh": "zh"}.get((short(said.get("language")) or "")[:2]),
        "description": description,
        "locations": [place] if place else shorts(offices)[:50],
        "workplace": form or ("remote" if place and "remote" in place.casefold() else None),
        **work_forms(
            *(one.get("value") for one in objects(said.get("metadata")) if _FORM.search(str(one.get("name"))))
        ),
        "salary": _pay(said),
        "status": "open",
    }
    return made("job", identity("greenhouse", said["id"]), fields, moment(said.get("updated_at")))


def _pay(said: dict[str, Any]) -> dict[str, Any] | None:
    """Return the first pay range; Greenhouse states cents, of a year unless the title says else."""
    for band in objects(said.get("pay_input_ranges")):
        low, high = (number(band.get(name)) for name in ("min_cents", "max_cents"))
        label = (short(band.get("title")) or "").casefold()
        unit = next((word for word in ("hour", "day", "week", "month") if word in label), None)
        if found := salary(low and low / 100, high and high / 100, band.get("currency_type"), unit, "pay_input_ranges"):
            return found
    return None


def _candidate(said: dict[str, Any]) -> Record:
    name = full_name(said.get("first_name"), said.get("last_name"))
    mails = emails([one.get("value") for one in objects(said.get("email_addresses"))])
    if "id" not in said or not (name or mails):
        raise RefusedError("a candidate of Greenhouse has an id, and a name or an e-mail address")
    worked = positions(
        (job.get("company_name"), job.get("title"), job.get("start_date"), job.get("end_date"), None)
        for job in objects(said.get("employments"))
    )
    current = positions([(said.get("company"), said.get("title"), None, None, None)])
    studied = list(objects(said.get("educations")))
    levels = [degree(one.get("degree")) for one in studied]
    fields = {
        "name": name,
        "emails": mails,
        "phones": shorts([one.get("value") for one in objects(said.get("phone_numbers"))])[:20],
        "title": first(said.get("title"), *(job.get("title") for job in worked)),
        "education_level": highest(levels),
        "education": education(
            (one.get("school_name"), level, one.get("discipline"), one.get("start_date"), one.get("end_date"))
            for one, level in zip(studied, levels, strict=True)
        ),
        "employments": worked or current,
        **origin(written=obj(said.get("addresses")).get("value")),
        "locations": shorts([one.get("value") for one in objects(said.get("addresses"))])[:50],
    }
    return made("talent", identity("greenhouse", said["id"]), fields, moment(said.get("updated_at")))


FORMAT = Format(
    name="greenhouse",
    title="Greenhouse",
    files=(".json", ".jsonl"),
    recognises=recognises,
    items=items,
    record=record,
    page="page",
)
