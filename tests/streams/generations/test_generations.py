"""What follows from a generation, what a switch tells consumers, and what a replay selects: the pure parts."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.checkpoint import CheckpointError
from ops.replay import checkpoint as checkpoints
from ops.replay.checkpoint import Checkpoint, Position
from ops.replay.selection import SelectionError, Start, parse_offsets, parse_time, select
from processors.matching.pages import page_id
from schemas.chain import REPLAY
from schemas.messages import Match, MatchFeature
from schemas.settings import KafkaSettings
from schemas.topics import DEAD_LETTERS, EVENTS, MATCH_REQUESTS, MATCH_RESULTS, RECORDS, TOPICS
from sinks.topic_sink import Message, TopicSink
from streams.generations.generation import Active, ActiveView, Generation, GenerationError
from streams.generations.sink import EPOCH, GenerationSink, route
from streams.generations.switching import _talents, announcement
from streams.matching import result_message

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)


def match(score: float = 0.5, status: str = "active", language: str = "zh", revision: int = 1) -> Match:
    feature = MatchFeature(name="skills", score=score, weight=1, contribution=score, reason=f"in {language}")
    return Match(
        talent_id="t",
        job_id="j",
        talent_revision=revision,
        job_revision=1,
        status=status,
        score=score,
        language=language,
        features=[feature],
        model="m",
    )


def test_the_base_generation_has_plain_names_and_others_a_suffix() -> None:
    base, other = Generation(), Generation("g2")
    assert [base.named("looma"), other.named("looma")] == ["looma", "looma-g2"]
    for topic in (*RECORDS.values(), MATCH_REQUESTS):
        assert [base.topic(topic), other.topic(topic)] == [topic, f"{topic}-g2"]
    for topic in (*EVENTS.values(), MATCH_RESULTS):
        assert other.topic(topic) == topic, "events and results are everybody's"
    assert {s.name for s in base.specs()} & {s.name for s in other.specs()} == set()
    assert {s.name for s in other.specs()} & {s.name for s in TOPICS} == set(), "dropping it touches nothing else"
    assert all(s.compacted for s in other.specs() if s.name.endswith("-records-g2"))


@pytest.mark.parametrize("name", ["", "G2", "2", "g-2", "g" * 17, "@active", "g.2"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(GenerationError):
        Generation(name)


def test_results_are_public_for_the_active_generation_alone() -> None:
    result = result_message(match())
    g2 = Generation("g2")
    assert route(result, Generation(), Active()) == result
    assert route(result, g2, Active()).topic == f"{MATCH_RESULTS}-g2"
    assert route(result, Generation(), Active("g2", "base", 1)).topic == f"{MATCH_RESULTS}-base"
    letter = Message(DEAD_LETTERS, b"k", b"v", [])
    assert route(letter, g2, Active()).topic == f"{DEAD_LETTERS}-g2"
    assert route(letter, g2, Active("g2", "base", 1)) == letter
    record = Message(RECORDS["talent"], b"k", b"v", [])
    assert route(record, g2, Active()).topic == route(record, g2, Active("g2")).topic == f"{RECORDS['talent']}-g2"


def test_results_of_two_epochs_never_have_one_id() -> None:
    """A repeat may be dropped by its id; another generation's result under the same revisions is none."""
    result = result_message(match())
    first, again, second = (
        dict(route(result, Generation("g2"), Active("g2", "base", epoch)).headers) for epoch in (1, 1, 3)
    )
    assert first["ce_id"] == again["ce_id"] != second["ce_id"] != dict(result.headers)["ce_id"]
    assert (first[EPOCH], second[EPOCH]) == (b"1", b"3")
    assert EPOCH not in dict(route(result, Generation(), Active()).headers)


def test_a_switch_marks_what_it_publishes() -> None:
    headers = dict(announcement(match(), Active("g2", "base", 4)).headers)
    assert (headers[REPLAY], headers[EPOCH]) == (b"g2@4", b"4")


talents = st.sets(st.sampled_from(["a", "a-b", "a.1", "a0", "a:1", "aa", "b", "b-"]))


@given(talents, talents)
def test_two_stores_are_joined_by_talent_in_the_order_of_their_pages(left: set[str], right: set[str]) -> None:
    async def stream(talents: set[str], score: float):  # type: ignore[no-untyped-def]
        for talent in sorted(talents, key=lambda t: page_id(t, 0)):
            yield talent, {talent: match(score)}

    async def join() -> list[tuple[dict[str, float], dict[str, float]]]:
        both = _talents(stream(left, 0.25), stream(right, 0.75))
        return [({t: m.score for t, m in a.items()}, {t: m.score for t, m in b.items()}) async for a, b in both]

    order = sorted(left | right, key=lambda t: page_id(t, 0))
    expected = [({t: 0.25} if t in left else {}, {t: 0.75} if t in right else {}) for t in order]
    assert asyncio.run(join()) == expected


async def test_a_generation_that_becomes_active_while_it_publishes_publishes_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    views = iter([Active(), Active("g2", "base", 1), Active("g2", "base", 1)])
    sent: list[str] = []

    class View(ActiveView):
        async def get(self) -> Active:
            return next(views)

    async def publish(self: TopicSink, messages: list[Message]) -> None:
        sent.extend(m.topic for m in messages)

    monkeypatch.setattr(TopicSink, "__init__", lambda *_, **__: None)
    monkeypatch.setattr(TopicSink, "publish", publish)
    sink = GenerationSink(KafkaSettings(), client_id="", generation=Generation("g2"), view=View(None))  # type: ignore[arg-type]
    await sink.publish([result_message(match())])
    assert sent == [f"{MATCH_RESULTS}-g2", MATCH_RESULTS]
    sent.clear()
    await sink.publish([Message(MATCH_REQUESTS, b"t", b"{}", [])])
    assert sent == [f"{MATCH_REQUESTS}-g2"], "the pointer isn't asked for what stays inside"


ALL = tuple(EVENTS.values())
HEADERS = [("ce_type", b"looma.talent.upserted"), ("ce_source", b"crm")]


@pytest.mark.parametrize(
    ("chosen", "takes"),
    [
        ({}, True),
        ({"keys": {"t-1"}}, True),
        ({"keys": {"t-2"}}, False),
        ({"types": {"looma.talent.upserted"}}, True),
        ({"types": {"looma.talent.deleted"}}, False),
        ({"sources": {"crm", "zervigo"}}, True),
        ({"sources": {"zervigo"}}, False),
        ({"keys": {"t-1"}, "sources": {"zervigo"}}, False),
    ],
)
def test_an_event_is_taken_if_every_filter_takes_it(chosen: dict[str, set[str]], takes: bool) -> None:
    assert select(topics=ALL, beginning=True, **chosen).takes(b"t-1", HEADERS) is takes


def test_hostile_headers_are_not_taken_by_a_filter() -> None:
    selection = select(topics=ALL, beginning=True, sources={"crm"}, keys={"t-1"})
    assert not selection.takes(None, HEADERS)
    assert not selection.takes(b"\xff", HEADERS)
    assert not selection.takes(b"t-1", [("ce_source", b"\xff\xfe")])
    assert not selection.takes(b"t-1", [])


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"beginning": True, "since": NOW},
        {"since": NOW, "until": NOW},
        {"beginning": True, "types": {"looma.talent.upsert"}},
        {"beginning": True, "topics": ("match-results",)},
    ],
)
def test_a_selection_that_cannot_be_meant_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(SelectionError):
        select(**{"topics": ALL, **values})


def test_offsets_and_times_are_read() -> None:
    topic = EVENTS["talent"]
    assert parse_offsets(["3:120"], [topic]) == (Start(topic=topic, partition=3, offset=120),)
    assert parse_offsets([f"{topic}:0:7", f"{topic}:0:7"], ALL) == (Start(topic=topic, partition=0, offset=7),)
    for wrong in ("3:120", "nothing", "other:0:1", f"{topic}:0", f"{topic}:0:-1"):
        with pytest.raises(SelectionError):
            parse_offsets([wrong], ALL)
    with pytest.raises(SelectionError, match="two offsets"):
        parse_offsets([f"{topic}:0:7", f"{topic}:0:8"], ALL)
    assert parse_time("2026-01-05T16:00:00+08:00") == NOW
    assert parse_time("now") is parse_time(None) is None
    for wrong in ("yesterday", "2026-01-05T16:00:00"):
        with pytest.raises(SelectionError):
            parse_time(wrong)


def test_a_checkpoint_comes_back_as_it_was_saved_and_a_damaged_one_is_said(tmp_path) -> None:
    selection = select(topics=ALL, since=NOW, until=NOW + timedelta(days=1), keys={"b", "a"}, sources={"crm"})
    positions = [Position(topic=ALL[0], partition=0, start=0, next=5, end=10)]
    checkpoint = Checkpoint(
        run="r", generation="base", selection=selection, started_at=NOW, positions=positions, outcomes={"applied": 3}
    )
    assert checkpoints.load(tmp_path, "r") is None
    checkpoints.save(tmp_path, checkpoint)
    assert checkpoints.load(tmp_path, "r") == checkpoint
    assert (checkpoint.share, checkpoint.selected) == (0.5, 3)
    assert [p.name for p in tmp_path.iterdir()] == ["r.json"]
    (tmp_path / "r.json").write_text("{")
    with pytest.raises(CheckpointError):
        checkpoints.load(tmp_path, "r")
