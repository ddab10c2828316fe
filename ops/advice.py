"""Where advice takes the jobs from that demand is counted in: stored records, or a file."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from processors.advice import Corpus, StoredJob, stored_job
from sinks.mongodb import COLLECTIONS, Database

MOST_JOBS = 5_000
_FIELDS = ("title", "skills", "description", "seniority", "years_experience_min")


class JobsError(ValueError):
    """The file of jobs is not one; the message says where and why."""


async def stored_jobs(db: Database) -> Corpus:
    """Return 5,000 jobs of a database at most, the greatest ids first, without the closed ones."""
    wanted = {"deleted": False, "fields.status": {"$ne": "closed"}}
    cursor = db[COLLECTIONS["job"]].find(wanted, {f"fields.{name}": 1 for name in _FIELDS}).sort("_id", -1)
    found = [(str(d["_id"]), d.get("fields", {})) async for d in cursor.limit(MOST_JOBS)]
    return await asyncio.to_thread(lambda: Corpus.of(stored_job(id, fields) for id, fields in found))


async def stored_target(db: Database, job_id: str) -> StoredJob | None:
    """Return one stored job, or None if there is none of this id."""
    document = await db[COLLECTIONS["job"]].find_one({"_id": job_id, "deleted": False})
    return stored_job(job_id, document.get("fields", {})) if document else None


def jobs_of(path: Path) -> Corpus:
    """Return the first 5,000 jobs of a file, one JSON object a line. Raises `JobsError`.

    A line is an event (`id`, `fields`; other entities are passed over), or `title` with `text` or `description`.
    """
    jobs: list[StoredJob] = []
    for number, row in _rows(path):
        if row.get("entity", "job") != "job":
            continue
        fields = row.get("fields") or {**row, "description": row.get("description") or row.get("text")}
        try:
            if not isinstance(fields["title"], str):
                raise TypeError("title must be a text")
            jobs.append(stored_job(str(row.get("id", number)), {name: fields.get(name) for name in _FIELDS}))
        except (KeyError, TypeError, AttributeError) as error:
            raise JobsError(f"{path.name}:{number}: not a job: {error}") from error
        if len(jobs) == MOST_JOBS:
            break
    if not jobs:
        raise JobsError(f"{path.name} has no job")
    return Corpus.of(jobs)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise JobsError(f"{path.name}:{number}: not JSON: {error}") from error
            if not isinstance(row, dict):
                raise JobsError(f"{path.name}:{number}: not a JSON object")
            yield number, row
