"""A talent's matches in pages, where every pair had a document.

A page has the active matches of a talent with the features as a text, and as compressed lines what has ended and the
history. A pair's page is the one with number 0 or, of a talent with more than 64 active matches, one of 64 others.
"""

import json
import zlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

from pymongo.errors import BulkWriteError

from sinks.migrations.migration import Migration, Progress
from sinks.mongodb import Database
from sinks.scan import count, everything

_MATCHES = "matches"
_PAIRS = {"job_id": {"$exists": True}}
_OLD_INDEXES = ("by_talent", "by_job")
_FULL, _SPREAD = 64, 64
_PLAIN = ("job_id", "talent_revision", "job_revision", "status", "score", "language", "model")
_TALENTS = 100
_AT_ONCE = 200
_DUPLICATE_KEY = 11000


async def _plan(database: Database) -> Mapping[str, int]:
    return {_MATCHES: await count(database[_MATCHES], _PAIRS)}


async def _apply(database: Database, progress: Progress) -> None:
    """The page with number 0 comes last: where it is, all of a talent are, and the pairs may be deleted."""
    stored = database[_MATCHES]
    total, done = await count(stored, _PAIRS), 0
    async for talents in _talents(database):
        firsts, further = [], []
        for talent_id, pairs in talents.items():
            first, *others = pages_of(talent_id, pairs)
            firsts.append(first)
            further += others
        known = {d["_id"] async for d in stored.find({"_id": {"$in": [p["_id"] for p in firsts]}}, {"_id": 1})}
        new = [p for p in firsts if p["_id"] not in known]
        await _insert(database, [p for p in further if f"{p['talent_id']}/0" not in known])
        await _insert(database, new)
        ids = [pair["_id"] for pairs in talents.values() for pair in pairs]
        for start in range(0, len(ids), _AT_ONCE):
            await stored.delete_many({"_id": {"$in": ids[start : start + _AT_ONCE]}})
        done += len(ids)
        progress(_MATCHES, done, max(done, total))
    for name in set(await stored.index_information()) & set(_OLD_INDEXES):
        await stored.drop_index(name)
    await stored.create_index([("matches.job_id", 1)], name="job")


async def _talents(database: Database) -> AsyncIterator[dict[str, list[dict[str, Any]]]]:
    """Yield the pairs of some talents at a time, all of each: in the order of their ids they are side by side."""
    batch: dict[str, list[dict[str, Any]]] = {}
    async for pair in everything(database[_MATCHES].find(_PAIRS).sort("_id", 1)):
        if pair["talent_id"] not in batch and len(batch) == _TALENTS:
            yield batch
            batch = {}
        batch.setdefault(pair["talent_id"], []).append(pair)
    if batch:
        yield batch


def pages_of(talent_id: str, pairs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a talent's pages, the one with number 0 first."""
    active = [pair for pair in pairs if pair["status"] == "active"]
    is_full = len(active) >= _FULL
    beyond = {pair["job_id"] for pair in active[_FULL:]}
    pages: dict[int, list[dict[str, Any]]] = {0: []}
    for pair in pairs:
        number = 1 + zlib.crc32(pair["job_id"].encode()) % _SPREAD if pair["job_id"] in beyond else 0
        pages.setdefault(number, []).append(pair)
    return [_page(talent_id, number, found, is_full and not number) for number, found in pages.items()]


def _page(talent_id: str, number: int, pairs: list[dict[str, Any]], is_full: bool) -> dict[str, Any]:
    entries = [{**{name: p[name] for name in _PLAIN}, "features": _text(p["features"])} for p in pairs]
    ended = [(e["job_id"], _text(e)) for e in entries if e["status"] != "active"]
    history = sorted(
        ((p["job_id"], r) for p in pairs for r in p.get("history", ())), key=lambda h: json.loads(h[1])["time"]
    )
    return {
        "_id": f"{talent_id}/{number}",
        "talent_id": talent_id,
        "page": number,
        "version": 1,
        "full": is_full,
        "matches": [e for e in entries if e["status"] == "active"],
        "ended": _frames(ended),
        "history": _frames(history),
    }


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _frames(lines: list[tuple[str, str]]) -> list[bytes]:
    return [zlib.compress("\n".join(f"{job_id}\t{text}" for job_id, text in lines).encode(), 1)] if lines else []


async def _insert(database: Database, pages: list[dict[str, Any]]) -> None:
    """Insert what is not there yet, from another run of this perhaps."""
    for start in range(0, len(pages), _AT_ONCE):
        try:
            await database[_MATCHES].insert_many(pages[start : start + _AT_ONCE], ordered=False)
        except BulkWriteError as error:
            if any(e.get("code") != _DUPLICATE_KEY for e in (error.details or {}).get("writeErrors", [{}])):
                raise


MIGRATION = Migration(2, "pages", "a talent's matches are stored together, in pages", _plan, _apply)
