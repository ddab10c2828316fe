"""Persons' verdicts are told apart by the source and id of their events."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from processors.resolution.clusters import Verdict
from sinks.identities import VERDICTS, IdentityStore
from streams import resolution


class Resolver:
    """Keep what is judged, as the store keeps it."""

    def __init__(self) -> None:
        self.stored: dict[str, Verdict] = {}
        self.identities = self

    async def judge(self, verdicts: list[Verdict]) -> None:
        self.stored |= {verdict.id: verdict for verdict in verdicts}

    async def settle(self, *_: object) -> None: ...


def said(source: str, event_id: str, left: str) -> Any:
    envelope = SimpleNamespace(source=source, id=event_id, time=datetime(2026, 1, 5, tzinfo=UTC))
    verdict = SimpleNamespace(entity="talent", left=left, right="z")
    return SimpleNamespace(item=SimpleNamespace(envelope=envelope, verdict=verdict, action="merge"))


async def test_two_sources_may_give_their_events_one_id() -> None:
    resolver = Resolver()
    stage = object.__new__(resolution.VerdictStage)
    stage._resolvers = {"talent": resolver}  # type: ignore[dict-item]
    events = [said("crm", "1", "a"), said("hr", "1", "b"), said("hr,1", "", "c"), said("hr", ",1", "d")]
    await stage.process(events)
    await stage.process(events)
    assert sorted(verdict.left for verdict in resolver.stored.values()) == ["a", "b", "c", "d"]


class Documents:
    """A database in which an earlier version has left a verdict under its event's id alone."""

    def __getitem__(self, name: str) -> "Documents":
        found = Documents()
        found.name = name  # type: ignore[attr-defined]
        return found

    async def find(self, query: Any, *_: object) -> Any:
        if self.name == VERDICTS and "left" in query:  # type: ignore[attr-defined]
            for document_id in ("e-1", '["crm", "e-1"]'):
                yield {
                    "_id": document_id,
                    "left": "a",
                    "right": "b",
                    "action": "merge",
                    "time": "2026-01-05T08:00:00Z",
                }


async def test_verdicts_of_earlier_versions_still_count() -> None:
    found = await IdentityStore(Documents(), "talent").component(["a"])  # type: ignore[arg-type]
    assert [verdict.id for verdict in found.verdicts] == ["e-1", '["crm", "e-1"]']
