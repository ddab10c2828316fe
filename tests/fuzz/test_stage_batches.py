"""A bad message of a batch harms no neighbour: delivered together, messages end as they do one by one."""

import asyncio
import json
from collections.abc import Sequence
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from mutations import MAKERS, Sample, spoilt
from stages import NOW

from processors.sync.merge import MAX_SOURCES, Contribution, State
from processors.sync.policy import DEFAULT
from processors.sync.stored import StoredRecord
from schemas.records import SourceRecord
from schemas.topics import DEAD_LETTERS
from sinks.mongodb import refuse_record
from streams.delivery import Courier, Inbound
from streams.sync import SyncStage
from tests.support.sync_sinks import SyncSinks

_TALENTS = [make for make in MAKERS if make("x").topic == "talent-events"]


class Sinks(SyncSinks):
    """The same, with a look at the dead letters."""

    @property
    def dead_letters(self) -> dict[int, bytes]:
        """The reason of each, by the offset of its message."""
        named = [dict(m.headers) for m in self.published if m.topic == DEAD_LETTERS]
        return {int(headers["dlq_offset"]): headers["dlq_reason"] for headers in named}


def _delivered(batches: Sequence[Sequence[Inbound]], *known: StoredRecord) -> Sinks:
    sinks: Any = Sinks()
    sinks.stored = {stored.record.id: stored for stored in known}
    stage = SyncStage("talent", sinks, sinks, DEFAULT)
    courier = Courier(stage, sinks, group="g", max_bytes=1 << 30, retry_max_seconds=0.001)

    async def deliver() -> None:
        for batch in batches:
            await courier.deliver(batch)

    asyncio.run(deliver())
    return sinks


def _messages(rng: Random, count: int) -> list[Inbound]:
    """Sound and spoilt events of a few talents, from several sources and at several times."""
    found = []
    for offset in range(count):
        sample: Sample = rng.choice(_TALENTS)(f"id-{rng.randrange(3)}")
        if rng.random() < 0.6:
            sample = spoilt(sample, rng)
        own = {"ce_source": b"s%d" % rng.randrange(3), "ce_id": b"e%d" % rng.randrange(count)}
        headers = [(n, own.get(n, v) if rng.random() < 0.9 else v) for n, v in sample.headers]
        found.append(Inbound("talent-events", 0, offset, sample.key, sample.body, headers, NOW))
    return found


@settings(max_examples=40)
@given(st.randoms(use_true_random=False), st.integers(2, 12), st.integers(1, 11))
def test_however_it_is_cut_into_batches_every_message_has_the_same_fate(rng: Random, count: int, cut: int) -> None:
    messages = _messages(rng, count)
    alone = _delivered([[m] for m in messages])
    together = _delivered([messages[:cut], messages[cut:]] if cut < count else [messages])
    assert together.stored == alone.stored
    assert together.dead_letters == alone.dead_letters
    assert b"processing_failed" not in alone.dead_letters.values()
    assert b"undecodable" not in alone.dead_letters.values()


def _said(offset: int, source: str, **fields: object) -> Inbound:
    own = {"ce_source": source.encode(), "ce_id": b"e%d" % offset}
    headers = [(n, own.get(n, v)) for n, v in _TALENTS[0]("t-1").headers]
    return Inbound("talent-events", 0, offset, b"t-1", json.dumps(fields, ensure_ascii=False).encode(), headers, NOW)


def test_an_event_that_would_make_the_record_too_large_for_its_topic_is_refused_alone() -> None:
    work = [{"company": "a", "title": "b", "description": letter * 99_000} for letter in "abcde"]
    said = [{"summary": "长" * 99_000}, {"resume_text": "文" * 99_000}, {"employments": work}, {"title": "after"}]
    sinks = _delivered([[_said(n, "crm", **fields) for n, fields in enumerate(said)]])
    assert sinks.dead_letters == {2: b"oversized"}
    assert sinks.stored["t-1"].record.fields.keys() == {"summary", "resume_text", "title"}
    assert len(sinks.published) == 4, "nothing was told of what was not stored"


def test_an_event_that_would_make_the_document_too_large_for_mongodb_is_refused_alone() -> None:
    texts = [f"{n}" + "长" * 99_000 for n in range(55)]
    said = [Contribution("2026-01-05T08:00:00.000000Z", f"e{n}", text) for n, text in enumerate(texts)]
    state = State({("summary", f"s{n}"): contribution for n, contribution in enumerate(said)})
    record = SourceRecord("talent", "t-1", 1, False, {"summary": texts[0]}, {})
    known = StoredRecord(record, state, DEFAULT.version)
    refuse_record(known)
    sinks = _delivered([[_said(60, "s60", summary=texts[0] + "more"), _said(61, "s0", title="after")]], known)
    assert sinks.dead_letters == {60: b"oversized"}
    assert sinks.stored["t-1"].record.fields["title"] == "after"


def test_a_record_takes_no_more_sources_than_can_be_compared() -> None:
    messages = [_said(n, f"s{n}", title=f"title {n}") for n in range(MAX_SOURCES + 3)]
    sinks = _delivered([[*messages, _said(MAX_SOURCES + 3, "s0", title="again")]])
    assert sinks.dead_letters == {MAX_SOURCES + n: b"too_many_sources" for n in range(3)}
    assert ("title", "s0") in sinks.stored["t-1"].state.contributions
