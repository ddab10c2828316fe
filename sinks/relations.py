"""Relations between golden records: what records refer to, followed through merges when it is read.

Records keep the ids that their sources wrote, so a merge or un-merge rewrites none of them: what refers to a record
that became part of another is the golden one's at once, and its own again after an un-merge.
"""

from collections.abc import AsyncIterator
from typing import Any

from schemas.entities import Entity, Resolvable
from schemas.relations import ENDS, Node, Relation, RelationType
from sinks.identities import IdentityStore
from sinks.mongodb import COLLECTIONS, Database

MAX_RECORDS = 1000


async def relations_of(database: Database, entity: Resolvable, record: str) -> list[Relation]:
    """Return the relations of the person or company that `record` speaks of, golden at both ends.

    At most MAX_RECORDS of each kind are read. A record that is not resolved, as under `--sync-only`, stands for itself.
    """
    members = await IdentityStore(database, entity).members(record) or [record]
    own = {"_id": {"$in": members}} if entity == "talent" else {"fields.employments.company_id": {"$in": members}}
    worked = [
        (talent, employment["company_id"])
        async for talent, fields in _read(database, "talent", own, "employments")
        for employment in fields.get("employments", ())
        if employment.get("company_id") and (entity == "talent" or employment["company_id"] in members)
    ]
    posted = []
    if entity == "company":
        query = {"fields.company_id": {"$in": members}}
        posted = [(job, f["company_id"]) async for job, f in _read(database, "job", query, "company_id")]
    people = await IdentityStore(database, "talent").golden(talent for talent, _ in worked)
    companies = await IdentityStore(database, "company").golden(company for _, company in (*worked, *posted))
    edges: set[tuple[RelationType, str, str]] = {("worked_at", people[t], companies[c]) for t, c in worked}
    edges |= {("posted_by", job, companies[company]) for job, company in posted}
    return [_relation(*edge) for edge in sorted(edges)]


async def _read(
    database: Database, entity: Entity, query: dict[str, Any], field: str
) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    wanted = {**query, "deleted": False}
    async for document in database[COLLECTIONS[entity]].find(wanted, {f"fields.{field}": 1}).limit(MAX_RECORDS):
        yield document["_id"], document["fields"]


def _relation(kind: RelationType, source: str, target: str) -> Relation:
    return Relation(type=kind, source=Node(kind=ENDS[kind][0], id=source), target=Node(kind=ENDS[kind][1], id=target))
