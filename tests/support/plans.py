"""What MongoDB does for each query of a worker or of the API: the shapes come from its log, the plans from the server."""

import ast
import asyncio
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from schemas.settings import Settings
from sinks import mongodb

_SLOW = re.compile(r"slow: \d+ ms for (\w+) ([\w-]+)(.*)")
_PARTS = re.compile(r", (filter|query|sort|pipeline) (.*?)(?=, (?:filter|query|sort|pipeline) |$)")
_GUARD = re.compile(r", \d+ (?:updates|deletes)( .*)?$")

EVERYTHING_IS_ASKED_FOR = {
    "generations": "one document a generation",
    "migrations": "one document a migration",
    "models": "one document a generation and one of the rollout",
    "forgotten": "a digest a person; read when their number has changed",
    "api_keys": "10,000 at most; read when they have changed",
    "restored": "one document a partition; read when a worker starts after a restore",
}
"""Collections that are read whole, and why that is right."""


def shapes(log: Path) -> set[tuple[str, str, str]]:
    """Return the commands that a worker has logged as slow: command, collection, the rest."""
    lines = log.read_text("utf-8").splitlines()  # of one that was killed the last may be cut off
    return shapes_of(json.loads(line)["message"] for line in lines if line.startswith("{") and line.endswith("}"))


def shapes_of(messages: Iterable[str]) -> set[tuple[str, str, str]]:
    """Return the commands that messages tell as slow."""
    return {found.groups() for said in messages if (found := _SLOW.fullmatch(said))}  # type: ignore[misc]


def query_of(command: str, rest: str) -> dict[str, Any] | None:
    """Return an example of what is asked for; None for what finds nothing, and for counting all, which reads no document."""
    if command == "count" and "filter" not in rest and "query" not in rest:
        return None
    if command in ("update", "delete"):
        guard = _GUARD.search(rest)
        return ast.literal_eval(guard[1].strip()) if guard and guard[1] else {}
    parts = {name: ast.literal_eval(value) for name, value in _PARTS.findall(rest)}
    return (
        parts.get("filter", parts.get("query", {}))
        if command in ("find", "findAndModify", "count", "distinct")
        else None
    )


def stages(plan: Any) -> Iterator[str]:
    """Yield the stages of a plan."""
    if isinstance(plan, dict):
        if "stage" in plan:
            yield plan["stage"]
        for inner in plan.values():
            yield from stages(inner)
    elif isinstance(plan, list):
        for inner in plan:
            yield from stages(inner)


def scanned(settings: Settings, asked: set[tuple[str, str, str]]) -> list[str]:
    """Return what reads a whole collection without need.

    What is read in the order of ids is read a page at a time. A query of several fields is narrowed by the index of
    any of them: of such the embedded server tells COLLSCAN, and does not.
    """

    async def explain() -> list[str]:
        client, database = mongodb.connect(settings.mongodb)

        async def scans(collection: str, query: dict[str, Any]) -> bool:
            told = await database.command(
                {"explain": {"find": collection, "filter": query}, "verbosity": "queryPlanner"}
            )
            return "COLLSCAN" in stages(told["queryPlanner"]["winningPlan"])

        found = []
        try:
            for command, collection, rest in sorted(asked):
                query = query_of(command, rest)
                if query is None or collection in EVERYTHING_IS_ASKED_FOR or "sort {'_id': " in rest:
                    continue
                parts = [query, *({field: value} for field, value in query.items())]
                if all([await scans(collection, part) for part in parts]):
                    found.append(f"{command} {collection} {query}")
        finally:
            await client.close()
        return found

    return asyncio.run(explain())
