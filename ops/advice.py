"""Where advice takes the jobs from that demand is counted in: stored records, or a file."""

import asyncio
from pathlib import Path

from ops.runtime.json_rows import DataError, json_rows
from processors.advice import Corpus, StoredJob, stored_job
from sinks.mongodb import COLLECTIONS, Database

MOST_JOBS = 5_000
_FIELDS = ("title", "skills", "description", "seniority", "years_experience_min")


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
    """Return the first 5,000 jobs of a file, one JSON object a line. Raises `DataError`.

    A line is an event (`id`, `fields`; other entities are passed over), or `title` with `text` or `description`.
    """
    jobs: list[StoredJob] = []
    for where, row in json_rows(path):
        if row.get("entity", "job") != "job":
            continue
        line = where.rpartition(":")[2]
        fields = row.get("fields") or {**row, "description": row.get("description") or row.get("text")}
        try:
            if not isinstance(fields["title"], str):
                raise TypeError("title must be a text")
            jobs.append(stored_job(str(row.get("id", line)), {name: fields.get(name) for name in _FIELDS}))
        except (KeyError, TypeError, AttributeError) as error:
            raise DataError(f"{where}: not a job: {error}") from error
        if len(jobs) == MOST_JOBS:
            break
    if not jobs:
        raise DataError(f"{path.name} has no job")
    return Corpus.of(jobs)
