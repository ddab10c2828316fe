"""Conflicts are found where sources differ, converge with the state, and end with a person's word."""

import json
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from test_merge import BASE, event, histories

from ops.cli import main
from ops.evaluation.conflicts import cases, measure
from ops.evaluation.seeds import CONFLICTS_TUNE
from processors.sync.conflicts import Conflict, conflicts, count, decide
from processors.sync.contribution import DECISION
from processors.sync.merge import State, apply, survivors
from schemas.events import EntityEvent, decode, encode

DAY = 24 * 60
NAMES = [event(1, 0, {"name": "王小明"}, "crm"), event(2, 5, {"name": "李雷"}, "zervigo")]


def found(*events: EntityEvent) -> list[Conflict]:
    return conflicts(apply(State(), events))


def test_other_spellings_are_no_conflict() -> None:
    assert not found(
        event(1, 0, {"name": "王 小明", "phones": ["13800138000"], "emails": ["A@x.cn"], "skills": [{"name": "Go"}]}),
        event(
            2,
            5,
            {"name": "王小明", "phones": ["+86 138 0013 8000"], "emails": ["a@x.cn"], "skills": [{"name": "go"}]},
            "b",
        ),
    )


def test_a_conflict_has_all_values_with_their_provenance() -> None:
    (conflict,) = found(*NAMES)
    assert (conflict.field, conflict.kind, conflict.undecided, conflict.value) == ("name", "values", True, "李雷")
    assert [(c.source, c.event_id, c.value) for c in conflict.candidates] == [
        ("zervigo", "e2", "李雷"),
        ("crm", "e1", "王小明"),
    ]
    assert json.loads(json.dumps(conflict.to_dict()))["candidates"][0] == {
        "time": "2026-01-05T00:05:00.000000Z",
        "event_id": "e2",
        "source": "zervigo",
        "value": "李雷",
    }


@pytest.mark.parametrize(
    ("field", "older", "newer", "kind", "decided_by"),
    [
        ("title", ("crm", "工程师"), ("zervigo", "经理"), "values", "newest"),
        ("title", ("crm", "工程师"), ("resume", "经理"), "values", "source_priority"),
        ("title", ("crm", "工程师"), ("import", "经理"), "values", "copies"),
        ("title", ("crm", "工程师"), ("zervigo", None), "deletion", "null"),
        (
            "salary_expected",
            ("crm", {"minimum": 1.0}),
            ("b", {"minimum": 1.0, "maximum": 2.0}),
            "values",
            "most_complete",
        ),
        ("skills", ("crm", [{"name": "Go"}]), ("zervigo", [{"name": "SQL"}]), "lists", "union"),
        ("emails", ("crm", ["a@x.cn"]), ("zervigo", ["other@x.cn"]), "lists", "contact_points"),
        ("emails", ("crm", ["anna@x.cn"]), ("zervigo", ["nana@x.cn", "aana@x.cn"]), "lists", "undecided"),
        ("phones", ("crm", ["13800138000"]), ("zervigo", ["13800138001"]), "lists", "undecided"),
        ("phones", ("crm", ["13800138000"]), ("zervigo", ["13800138001", "13800138000"]), "lists", "contact_points"),
        ("education_level", ("crm", "master"), ("zervigo", "bachelor"), "values", "undecided"),
    ],
)
def test_what_decides(field: str, older: tuple[str, Any], newer: tuple[str, Any], kind: str, decided_by: str) -> None:
    (conflict,) = found(event(1, 0, {field: older[1]}, older[0]), event(2, 5, {field: newer[1]}, newer[0]))
    assert (conflict.kind, conflict.decided_by) == (kind, decided_by)


def test_stale_and_simultaneous_values_are_decided_as_such() -> None:
    (stale,) = found(event(1, 0, {"title": "工程师"}), event(2, 91 * DAY, {"title": "经理"}, "resume"))
    assert stale.decided_by == "stale_after"
    (same_time,) = found(event(1, 0, {"status": "active"}), event(2, 0, {"status": "hired"}, "zervigo"))
    assert same_time.decided_by == "event_id"


def test_outside_its_window_time_decides() -> None:
    (conflict,) = found(
        event(1, 0, {"education_level": "bachelor"}), event(2, 2 * DAY, {"education_level": "master"}, "zervigo")
    )
    assert (conflict.decided_by, conflict.value) == ("newest", "master")
    assert count([conflict, *found(*NAMES)]) == {"decided": 1, "undecided": 1}


class TestDecision:
    (conflict,) = found(*NAMES)
    word = decide(conflict, "talent", "t-1", "王小明", BASE + timedelta(minutes=9))

    def test_is_an_event_like_any_other(self) -> None:
        key, value, headers = encode(self.word)
        assert decode("talent", key, value, headers) == self.word
        assert self.word.envelope.source == DECISION

    def test_beats_what_it_decided_upon_in_any_order(self) -> None:
        for events in ([*NAMES, self.word], [self.word, *NAMES]):
            state = apply(State(), events)
            assert survivors(state).fields["name"] == "王小明"
            assert survivors(state).provenance["name"]["source"] == DECISION
            (decided,) = conflicts(state)
            assert decided.decided_by == "decision"
            assert decided.id("talent", "t-1") == self.conflict.id("talent", "t-1")

    def test_beats_also_what_arrives_late(self) -> None:
        late = event(3, 8, {"name": "韩梅梅"}, "resume")
        assert survivors(apply(State(), [*NAMES, self.word, late])).fields["name"] == "王小明"

    def test_yields_to_newer_news(self) -> None:
        news = event(3, 10, {"name": "李雷雷"}, "zervigo")
        state = apply(State(), [*NAMES, self.word, news])
        assert survivors(state).fields["name"] == "李雷雷"
        assert conflicts(state) == [], "one source has spoken since"
        (fresh,) = found(*NAMES, self.word, news, event(4, 11, {"name": "韩梅梅"}, "crm"))
        assert fresh.undecided
        assert fresh.id("talent", "t-1") != self.conflict.id("talent", "t-1")

    def test_counts_even_if_a_sources_clock_was_ahead(self) -> None:
        (ahead,) = found(NAMES[0], event(2, 9999, {"name": "李雷"}, "zervigo"))
        word = decide(ahead, "talent", "t-1", "王小明", BASE)
        state = apply(State(), [NAMES[0], event(2, 9999, {"name": "李雷"}, "zervigo"), word])
        assert survivors(state).fields["name"] == "王小明"

    def test_can_say_that_there_is_no_value(self) -> None:
        state = apply(State(), [*NAMES, decide(self.conflict, "talent", "t-1", None, BASE)])
        assert survivors(state).fields == {}

    def test_a_decided_list_replaces_the_older_and_unites_with_the_newer(self) -> None:
        old = [event(1, 0, {"phones": ["13800138000"]}), event(2, 1, {"phones": ["13800138001"]}, "zervigo")]
        (conflict,) = found(*old)
        word = decide(conflict, "talent", "t-1", ["13800138000"], BASE + timedelta(minutes=2))
        assert survivors(apply(State(), [*old, word])).fields["phones"] == ["+8613800138000"]
        newer = event(3, 9, {"phones": ["13911112222"]}, "zervigo")
        assert survivors(apply(State(), [*old, word, newer])).fields["phones"] == ["+8613911112222", "+8613800138000"]

    def test_agreement_among_the_older_is_no_conflict(self) -> None:
        assert not found(event(1, 0, {"name": "王小明"}), event(2, 1, {"name": "王 小明"}, "b"), self.word)


@given(histories)
def test_deciding_everything_leaves_nothing_undecided(history: list[EntityEvent]) -> None:
    state = apply(State(), history)
    waiting = [c for c in conflicts(state) if c.undecided]
    state = apply(state, [decide(c, "talent", "t-1", c.value, BASE) for c in waiting])
    assert {c.field for c in conflicts(state) if c.undecided}.isdisjoint(c.field for c in waiting)


class TestEvaluation:
    def test_the_same_seed_gives_the_same_cases(self) -> None:
        assert list(cases(CONFLICTS_TUNE, 300)) == list(cases(CONFLICTS_TUNE, 300))
        assert list(cases(CONFLICTS_TUNE, 300)) != list(cases(CONFLICTS_TUNE + 1, 300))

    def test_every_kind_occurs_and_the_shares_are_as_documented(self) -> None:
        figures = measure(count=6_000)
        assert len(figures["by_kind"]) == 12
        assert sum(row["cases"] for row in figures["by_kind"].values()) == figures["cases"] == 6_000
        assert figures["decided"] >= 0.99
        assert figures["correct"] >= 0.985

    def test_command(self) -> None:
        done = CliRunner().invoke(main, ["eval", "conflicts", "--cases", "200", "--json"])
        assert done.exit_code == 0
        assert json.loads(done.output)["cases"] == 200
        assert "truth changed" in CliRunner().invoke(main, ["eval", "conflicts", "--cases", "200"]).output

    def test_command_with_a_broken_policy(self, tmp_path: Any) -> None:
        path = tmp_path / "policy.toml"
        path.write_text("label = 1")
        done = CliRunner().invoke(main, ["eval", "conflicts", "--policy", str(path)])
        assert done.exit_code == 2
        assert "label" in done.output
