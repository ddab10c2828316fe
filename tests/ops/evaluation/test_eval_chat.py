"""Whole dialogues: the formats are told by fields, and what is counted is what the rows say."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ops.cli.main import main
from ops.evaluation.dialogue.rows import load
from ops.evaluation.dialogue.run import KEYS
from ops.evaluation.dialogue.values import state_of
from ops.evaluation.dialogue.world import World
from ops.runtime.json_rows import DataError
from schemas.chat import ChatReply, Citation, Participant

OWN = {
    "id": "a",
    "language": "zh",
    "participant": {"kind": "candidate", "id": "T0001"},
    "dialogue": [
        {"role": "user", "text": "想找上海的工作", "intent": "find_jobs", "slots": {"place": "上海"}},
        {"role": "assistant", "text": "期望薪资多少？"},
        {"role": "user", "text": "20000", "intent": "refine", "slots": {"place": "上海", "salary": "2万"}},
        {"role": "user", "text": "讲个笑话", "intent": "oos", "expect": "refuse"},
    ],
}
EXPECTS = {
    "id": "b",
    "role": "recruiter",
    "initial": {"place": "北京"},
    "turns": [
        {"user": "只要男的候选人", "expect": "refuse"},
        {"user": "转人工", "expect": {"intent": "handover", "slots": {"place": "北京"}}},
    ],
}
ACTS = [
    {
        "id": str(n),
        "type": "x",
        "goal": [],
        "turns": [
            {"role": "user", "text": f"想吃{dish}，有哪家", "acts": [["Inform", "餐馆", "菜", dish], ["Request", "餐馆", "名称", ""]]},
            {"role": "system", "text": "有", "acts": [], "state": {"餐馆": {"菜": dish}}},
            {"role": "user", "text": "谢谢", "acts": [["General", "thank", "none", "none"]]},
        ],
    }
    for n, dish in enumerate(("烤鸭", "面条", "饺子", "火锅", "包子", "米线", "烧麦", "豆汁"))
]  # fmt: skip
FORMS = [
    {
        "id": str(n),
        "service": ["leave" if n % 2 else "training"],
        "turns": [
            {"role": "system", "text": "When will you leave?" if n % 2 else "What will you learn?"},
            {"role": "user", "text": f"I leave in {month}." if n % 2 else f"I will learn {month} things."},
        ],
        "states": [{"start": month} if n % 2 else {"topic": month}],
    }
    for n, month in enumerate(("May", "June", "July", "March", "April", "August", "May", "June"))
]


def write(path: Path, rows: list[Any]) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path


def run(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(main, ["eval", "chat", *arguments, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    assert tuple(found) == KEYS
    return found


def test_own_dialogues_are_answered_turn_by_turn(tmp_path: Path) -> None:
    found = run("--data", str(write(tmp_path / "own.jsonl", [OWN, {"id": "bad", "dialogue": []}])))
    assert (found["format"], found["dialogues"], found["turns"], found["left_out"]) == ("own", 1, 3, 1)
    assert (found["intent_accuracy"], found["slot_f1"], found["joint_goal_accuracy"]) == (1.0, 1.0, 1.0)
    assert (found["context_accuracy"], found["refuse_recall"], found["oos_recall"]) == (1.0, 1.0, 1.0)
    assert (found["unfaithful"], found["leaks"], found["act_f1"]) == (0, 0, None)


def test_what_is_wrong_is_counted_as_wrong(tmp_path: Path) -> None:
    wrong = json.loads(json.dumps(OWN))
    wrong["dialogue"][0] |= {"intent": "salary", "slots": {"place": "北京"}}
    wrong["dialogue"][3] |= {"expect": "answer"}
    found = run("--data", str(write(tmp_path / "own.jsonl", [wrong])))
    assert found["intent_accuracy"] == pytest.approx(2 / 3, abs=1e-4)
    assert (found["joint_goal_accuracy"], found["expect_accuracy"]) == (0.5, pytest.approx(1 / 3, abs=1e-4))
    wrong["dialogue"][0]["also"] = ["find_jobs"]
    assert run("--data", str(write(tmp_path / "own.jsonl", [wrong])))["intent_accuracy"] == 1.0


def test_what_a_turn_expects_is_an_intent_a_state_or_a_refusal(tmp_path: Path) -> None:
    found = run("--data", str(write(tmp_path / "expects.jsonl", [EXPECTS])))
    assert (found["format"], found["expect_accuracy"], found["refuse_recall"]) == ("expects", 1.0, 1.0)


def test_labels_nobody_knows_are_errors_unless_they_are_mapped(tmp_path: Path) -> None:
    row = json.loads(json.dumps(OWN))
    row["dialogue"][0] |= {"intent": "job_search", "slots": {"where": "上海"}}
    path = write(tmp_path / "own.jsonl", [row])
    with pytest.raises(DataError, match=r"own\.jsonl:1: where is no slot|job_search is no intent"):
        load(path, {})
    with pytest.raises(DataError, match="where is no slot"):
        load(path, {"job_search": "find_jobs"})
    assert load(path, {"job_search": "find_jobs", "where": "place"}).own[0].turns[0].intents == ("find_jobs",)
    with pytest.raises(DataError, match="another format"):
        load(write(tmp_path / "both.jsonl", [OWN, EXPECTS]), {})
    with pytest.raises(DataError, match="no dialogues"):
        load(write(tmp_path / "none.jsonl", [{"id": "a"}]), {})


@pytest.mark.parametrize(
    ("slot", "one", "other"),
    [
        ("salary", "2万", 20000),
        ("salary", "20k-30k", "2-3万"),
        ("place", "北京", "Beijing"),
        ("education", "硕士", "master"),
        ("years", "3年", 3),
        ("employment_type", "实习", "internship"),
        ("remote", True, "remote"),
        ("skills", ["Java", "!PHP"], ["!php", "java"]),
    ],
)
def test_values_are_compared_by_what_they_mean(slot: str, one: Any, other: Any) -> None:
    assert state_of({slot: one}) == state_of({slot: other})


def test_an_answer_is_faithful_if_its_figures_stand_where_it_says() -> None:
    world = World()
    cited = [Citation(entity="job", id="J0001", field="salary", revision=1)]
    reply = ChatReply(conversation_id="c", in_reply_to="m", number=1, outcome="replied", language="en", citations=cited)
    assert world.is_faithful(reply.model_copy(update={"text": "1. £52,000–65,000 a year · J0001"}))
    assert not world.is_faithful(reply.model_copy(update={"text": "1. £53,000 a year · J0001"}))
    assert not world.is_faithful(reply.model_copy(update={"text": "J0002"}))
    old = [cited[0].model_copy(update={"revision": 0})]
    assert not world.is_faithful(reply.model_copy(update={"citations": old}))
    shown = reply.model_copy(update={"text": "rahul.sharma1@example.com"})
    assert world.leaks(shown, Participant(kind="recruiter", id="r"))
    listed = reply.model_copy(update={"text": "T0002", "citations": []})
    assert world.leaks(listed, Participant(kind="candidate", id="T0001"))
    assert not world.leaks(listed, Participant(kind="candidate", id="T0002"))


@pytest.mark.slow
def test_acts_are_learnt_and_judged_on_other_dialogues(tmp_path: Path) -> None:
    learnt, judged = write(tmp_path / "a.jsonl", ACTS), write(tmp_path / "b.jsonl", ACTS[:2])
    found = run("--data", str(judged), "--train", str(learnt))
    assert (found["format"], found["act_f1"], found["joint_goal_accuracy"]) == ("acts", 1.0, 1.0)
    assert run("--data", str(learnt))["act_f1"] > 0.5


@pytest.mark.slow
def test_slots_of_a_service_are_learnt_and_judged_on_other_dialogues(tmp_path: Path) -> None:
    learnt, judged = write(tmp_path / "a.jsonl", FORMS), write(tmp_path / "b.jsonl", FORMS[:2])
    found = run("--data", str(judged), "--train", str(learnt))
    assert (found["format"], found["slot_accuracy"], found["service_accuracy"]) == ("forms", 1.0, 1.0)
    assert (found["joint_goal_accuracy"], found["turn_goal_accuracy"]) == (1.0, 1.0)
