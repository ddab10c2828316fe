"""Matches as they are stored: by talent, in pages, with the pairs that ended and the history of all.

A talent's pairs lie in page 0. Once that holds MAX_PAIRS active matches it is `full` for good: pairs that are new from
then on lie in one of SPREAD further pages, which the job's id decides. So only two pages can hold a given pair. And a
page that is full never takes a new pair: who finds it full, and the pair not in it, will never be wrong about that.
"""

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from processors.matching.frames import Log
from schemas.history import MAX_REVISIONS, MatchRevision
from schemas.messages import Match, MatchFeature

MAX_PAIRS = 64
"""So many active matches fill page 0. More than these and those of one batch are never in it."""
SPREAD = 64
"""Further pages that a talent can have."""

Entry = dict[str, Any]
"""A match in a page: all but its talent, the features as JSON text. As documents they cost as much as all the rest."""

_FEATURES = TypeAdapter(list[MatchFeature])
_PLAIN = tuple(name for name in Match.model_fields if name not in ("talent_id", "features"))


def entry_of(match: Match) -> Entry:
    """Return what is stored of a match."""
    entry: Entry = {name: getattr(match, name) for name in _PLAIN}
    entry["features"] = _FEATURES.dump_json(match.features).decode()
    return entry


def match_of(talent_id: str, entry: Mapping[str, Any]) -> Match:
    """Return the match that was stored."""
    plain = {name: entry[name] for name in _PLAIN}
    return Match.model_construct(talent_id=talent_id, features=_FEATURES.validate_json(entry["features"]), **plain)


def page_id(talent_id: str, number: int) -> str:
    """Return the id of a page; neither a talent's id nor a pair's can hold the slash."""
    return f"{talent_id}/{number}"


def page_ids(talent_id: str) -> list[str]:
    """Return the ids of all pages that a talent can have."""
    return [page_id(talent_id, number) for number in range(SPREAD + 1)]


def further_page(job_id: str) -> int:
    """Return the number of the page that holds a talent's pair with this job if page 0 does not."""
    return 1 + zlib.crc32(job_id.encode()) % SPREAD


@dataclass(slots=True)
class Page:
    """Pairs of one talent: active matches by job, what has ended, and the history of both.

    `version` counts the writes, and is 0 of a page that is not stored yet. A page is only ever written over the version
    that was read.
    """

    talent_id: str
    number: int = 0
    version: int = 0
    full: bool = False
    active: dict[str, Entry] = field(default_factory=dict)
    ended: Log = field(default_factory=Log)
    history: Log = field(default_factory=Log)
    _texts: dict[str, str] | None = field(default=None, compare=False)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Page":
        """Return the page that a document holds."""
        return cls(
            document["talent_id"],
            document["page"],
            document["version"],
            document["full"],
            {entry["job_id"]: entry for entry in document["matches"]},
            Log([bytes(frame) for frame in document["ended"]]),
            Log([bytes(frame) for frame in document["history"]]),
        )

    def to_document(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "_id": page_id(self.talent_id, self.number),
            "talent_id": self.talent_id,
            "page": self.number,
            "version": self.version,
            "full": self.full,
            "matches": list(self.active.values()),
            "ended": self.ended.frames,
            "history": self.history.frames,
        }

    def get(self, job_id: str) -> Entry | None:
        """Return the newest result of a pair, which holds or has ended."""
        if found := self.active.get(job_id):
            return found
        text = self._of_ended().get(job_id)
        return None if text is None else json.loads(text)

    def entries(self) -> dict[str, Entry]:
        """Return the newest results of all pairs, by job."""
        return {job_id: json.loads(text) for job_id, text in self._of_ended().items()} | self.active

    def revisions(self, job_id: str) -> list[MatchRevision]:
        """Return the published results of a pair that are remembered, the oldest first."""
        texts = [text for key, text in self.history if key == job_id]
        return [MatchRevision.model_validate_json(text) for text in texts[-MAX_REVISIONS:]]

    def put(self, entries: Iterable[Entry], revisions: Iterable[tuple[str, MatchRevision]]) -> None:
        """Store new results, and remember the published ones of them, by job."""
        over: list[tuple[str, str]] = []
        for entry in entries:
            job_id = entry["job_id"]
            if entry["status"] == "active":
                self.active[job_id] = entry
            else:
                self.active.pop(job_id, None)
                over.append((job_id, json.dumps(entry, ensure_ascii=False)))
        if over:
            self.ended.add(over, keep=1)
            self._texts = None
        if lines := [(job_id, revision.model_dump_json()) for job_id, revision in revisions]:
            self.history.add(lines, keep=MAX_REVISIONS)
        self.full = self.full or (self.number == 0 and len(self.active) >= MAX_PAIRS)
        self.version += 1

    def _of_ended(self) -> dict[str, str]:
        if self._texts is None:
            self._texts = dict(self.ended)
        return self._texts
