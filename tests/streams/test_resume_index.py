"""The stage that makes resumes searchable: what it stores, keeps and removes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from opentelemetry import trace

from processors.embedding.model import Vectors
from processors.embedding.resume_parts import PART_CHARACTERS, resume_parts
from schemas.records import SourceRecord
from sinks.qdrant import Point
from sinks.vector_index import PART
from streams.delivery import Delivery, Inbound
from streams.resume_index import ResumeIndexStage

LINE = "负责订单系统的服务拆分"
LONG = "\n".join(f"{LINE}{number}" for number in range(PART_CHARACTERS // 4))


class Store:
    """Resumes in memory."""

    collection = "resumes"

    def __init__(self) -> None:
        self.resumes: dict[str, list[Point]] = {}
        self.replaced = 0

    async def get(self, talents: Iterable[str]) -> dict[str, list[Point]]:
        return {t: self.resumes[t] for t in talents if t in self.resumes}

    async def replace(self, resumes: Mapping[str, Sequence[Point]], stored: Mapping[str, Sequence[Point]]) -> None:
        self.replaced += 1
        for talent, parts in resumes.items():
            self.resumes[talent] = [Point(p.id, {**p.payload, PART: n}, p.vector, p.words) for n, p in enumerate(parts)]
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


@pytest.fixture
def store() -> Store:
    return Store()


def stage(store: Any, pool: Any) -> ResumeIndexStage:
    return ResumeIndexStage(pool, store)


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
    assert store.replaced == 0
