"""The stage that makes resumes searchable: what it stores, keeps and removes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from opentelemetry import trace

from processors.embedding.model import Vectors
from processors.embedding.resume_parts import PART_CHARACTERS, resume_parts
from processors.sync.merge import State
from processors.sync.policy import DEFAULT
from processors.sync.stored import StoredRecord
from schemas.entities import RESUME
from schemas.envelope import Envelope
from schemas.events import EntityEvent, encode
from schemas.records import SourceRecord
from sinks.owners import Owner, RevokedError
from sinks.qdrant import Point, as_list
from sinks.resumes import ResumePart
from sinks.vector_index import PART
from streams.delivery import Delivery, Inbound
from streams.resume_index import ResumeIndexStage
from streams.sync import SyncStage
from tests.support.sync_sinks import SyncSinks

LINE = "负责订单系统的服务拆分"
LONG = "\n".join(f"{LINE}{number}" for number in range(PART_CHARACTERS // 4))


class Store:
    """Resumes in memory."""

    collection = "resumes"

    def __init__(self) -> None:
        self.resumes: dict[str, list[Point]] = {}
        self.asked = 0
        self.replaced = 0

    async def get(self, talents: Iterable[str]) -> dict[str, list[Point]]:
        self.asked += 1
        return {t: self.resumes[t] for t in talents if t in self.resumes}

    async def replace(self, resumes: Mapping[str, Sequence[ResumePart]], stored: Mapping[str, Sequence[Point]]) -> None:
        self.replaced += 1
        for talent, parts in resumes.items():
            self.resumes[talent] = [
                Point(p.id, {**p.to_dict(), PART: n}, as_list(p.vector), p.words) for n, p in enumerate(parts)
            ]
            if not parts:
                del self.resumes[talent]


class Pool:
    """A model that remembers what it was asked."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.seen: list[str] = []

    async def embed(self, texts: Sequence[str]) -> Vectors:
        self.seen += texts
        return np.array([[len(self.seen), 1.0] for _ in texts], dtype=np.float32)


def delivery(revision: int, text: str | None, deleted: bool = False, **fields: Any) -> Delivery[SourceRecord]:
    given = {"title": "工程师", **fields} | ({"resume_text": text} if text else {})
    record = SourceRecord("talent", "t1", revision, deleted, {} if deleted else given, {})
    return Delivery(Inbound("talent-records", 0, revision, b"t1", None, [], 0.0), record, trace.INVALID_SPAN)


class Results:
    """Knows that a later generation of the group than the first has its partitions."""

    def require(self, owners: Iterable[Owner]) -> None:
        if any(owner.generation == 1 for owner in owners):
            raise RevokedError


@pytest.fixture
def store() -> Store:
    return Store()


def stage(store: Any, pool: Any) -> ResumeIndexStage:
    return ResumeIndexStage(pool, store, cast(Any, Results()))


async def test_the_newest_resume_is_stored_in_parts_with_the_facts_and_no_text(store: Store) -> None:
    older, newer = delivery(1, "会计"), delivery(2, LONG, years_experience=7, locations=["上海"])
    await stage(store, Pool("m")).process([newer, older])
    parts = store.resumes["t1"]
    assert len(parts) == len(resume_parts({"resume_text": LONG})) > 2
    assert older.outcome == "superseded"
    assert {p.payload["years"] for p in parts} == {7}
    assert parts[0].payload["locations"] == ["shanghai"]
    assert {p.payload["model"] for p in parts} == {"m"}
    assert LINE not in str([p.payload for p in parts])


async def test_the_resume_of_a_partition_that_became_another_s_is_not_stored(store: Store) -> None:
    late = delivery(1, LONG)
    late.inbound = replace(late.inbound, generation=1)
    with pytest.raises(RevokedError):
        await stage(store, Pool("m")).process([late])
    assert store.resumes == {}


async def test_a_change_of_facts_embeds_nothing_and_a_change_of_text_its_parts_only(store: Store) -> None:
    pool = Pool("m")
    await stage(store, pool).process([delivery(1, LONG)])
    before, count = store.resumes["t1"], len(pool.seen)
    await stage(store, pool).process([delivery(2, LONG, status="hired")])
    assert len(pool.seen) == count
    assert {p.payload["status"] for p in store.resumes["t1"]} == {"hired"}
    assert [p.vector for p in store.resumes["t1"]] == [p.vector for p in before]
    await stage(store, pool).process([delivery(3, LONG + "\n新的一行")])
    assert len(pool.seen) == count + 1
    await stage(store, Pool("other")).process([delivery(3, LONG)])
    assert {p.payload["model"] for p in store.resumes["t1"]} == {"other"}


@pytest.mark.parametrize("last", [delivery(2, None), delivery(2, None, deleted=True)])
async def test_a_resume_that_is_gone_is_removed(store: Store, last: Delivery[SourceRecord]) -> None:
    await stage(store, Pool("m")).process([delivery(1, LONG)])
    await stage(store, Pool("m")).process([last])
    assert store.resumes == {}


async def test_a_talent_without_a_resume_costs_no_write(store: Store) -> None:
    await stage(store, Pool("m")).process([delivery(1, None)])
    assert (store.asked, store.replaced) == (1, 0), "a record that does not say whether there was one"


async def synced(history: Sequence[tuple[int, str, Mapping[str, Any] | None]]) -> list[Delivery[SourceRecord]]:
    """What the sync stage makes of events: of a minute, a source, and the fields or None for a delete."""
    sinks: Any = SyncSinks()
    sync, index = SyncStage("talent", sinks, sinks, DEFAULT), stage(Store(), Pool("m"))
    for number, (minute, source, fields) in enumerate(history):
        action: Any = "deleted" if fields is None else "upserted"
        time = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(minutes=minute)
        envelope = Envelope(f"e{number}", source, f"looma.talent.{action}", "t1", time, 2)
        key, value, headers = encode(EntityEvent(envelope, "talent", action, dict(fields or {})))
        inbound = Inbound("talent-events", 0, number, key, value, headers, time.timestamp())
        await sync.process([Delivery(inbound, sync.decode(inbound), trace.INVALID_SPAN)])
    records = [m for m in sinks.published if m.topic == "talent-records"]
    told = [Inbound(m.topic, 0, n, m.key, m.value, m.headers, 0.0) for n, m in enumerate(records)]
    return [Delivery(inbound, index.decode(inbound), trace.INVALID_SPAN) for inbound in told]


events = st.tuples(
    st.integers(0, 9),
    st.sampled_from(["crm", "resume"]),
    st.none()
    | st.fixed_dictionaries({"title": st.sampled_from("ab")}, optional={RESUME: st.sampled_from([LINE, None])}),
)


WITH, WITHOUT, NULL = {RESUME: LINE}, {"title": "a"}, {RESUME: None}


@example([(0, "crm", WITH), (1, "crm", NULL)], "11", 1)
@example([(0, "crm", WITH), (1, "crm", NULL), (2, "crm", WITHOUT)], "101", 1)
@example([(0, "crm", WITH), (1, "crm", None), (2, "crm", WITHOUT)], "101", 1)
@example([(0, "crm", WITHOUT), (1, "crm", WITH), (2, "crm", None), (3, "resume", WITHOUT)], "1101", 2)
@given(st.lists(events, min_size=1, max_size=8), st.text("01", min_size=8), st.integers(1, 4))
async def test_whatever_was_indexed_goes_with_the_resume(history: list[Any], seen: str, batch: int) -> None:
    """Of a compacted topic any record may be missing but the newest; each batch meets a worker that knows nothing."""
    records = await synced(history)
    *older, newest = records
    left = [*(d for d, is_seen in zip(older, seen, strict=False) if is_seen == "1"), newest]
    store = Store()
    for start in range(0, len(left), batch):
        await stage(store, Pool("m")).process(left[start : start + batch])
    assert bool(store.resumes) == (RESUME in newest.item.fields)


async def test_of_talents_that_never_had_a_resume_nothing_is_asked(store: Store) -> None:
    """The number of requests for a fixed set of records."""
    for text, requests in ((None, 0), (LINE, 2)):
        records = await synced([(n, "crm", {"title": str(n)} | ({RESUME: text} if text else {})) for n in range(3)])
        for record in records:
            await stage(store, Pool("m")).process([record])
        assert store.asked + store.replaced == requests * len(records)


def test_of_a_record_that_was_told_again_nothing_is_claimed() -> None:
    """An earlier telling may have had what this state does not know of."""
    stored = StoredRecord.of("talent", "t1", 1, State(), DEFAULT)
    assert stored.never_had(RESUME)
    assert not replace(stored, retold=1).never_had(RESUME)
