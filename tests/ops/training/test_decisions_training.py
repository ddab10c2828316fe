"""What dialogues teach of values: a decision for each, told by the states before and after a turn."""

import itertools
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops.cli.main import main
from ops.evaluation.dialogue.lessons import lessons
from ops.evaluation.dialogue.rows import load
from processors.chat.deciding import Decisions
from processors.chat.mentions import Held
from processors.chat.slots import read_values

pytest.importorskip("scipy", reason="SciPy is for who trains")

CITIES = "上海 杭州 南京 苏州 成都 武汉".split()  # noqa: SIM905


def talk(*said: tuple[str, dict[str, object]]) -> dict[str, object]:
    turns = [{"role": "user", "text": text, "intent": "refine", "slots": slots} for text, slots in said]
    return {"id": str(said), "language": "zh", "participant": {"kind": "anonymous"}, "dialogue": turns}


def written(path: Path, *talks: dict[str, object]) -> Path:
    path.write_text("\n".join(json.dumps(t, ensure_ascii=False) for t in talks), "utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "after", "right"),
    [
        ("杭州", {"place": "杭州"}, [{"set"}]),
        ("杭州也行", {"place": ["上海", "杭州"]}, [{"add"}]),
        ("上海不去了", {}, [{"remove"}]),
        ("杭州不去", {"place": ["上海", "!杭州"]}, [{"negate"}]),
        ("第一个在杭州吗", {"place": "上海"}, [{"pass"}]),
        ("杭州、南京", {"place": ["杭州", "南京"]}, [{"set"}]),
        ("本科", {"place": "上海", "education": "本科"}, [{"set"}]),
    ],
)
def test_the_states_around_a_turn_say_what_it_does(
    tmp_path: Path, text: str, after: dict[str, object], right: list[set[str]]
) -> None:
    path = written(tmp_path / "d.jsonl", talk(("上海", {"place": "上海"}), (text, after)))
    found = [decisions for _, decisions in lessons(load(path, {}).own)]
    assert found == [{"set", "add"}, *right]


def test_own_words_are_learnt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.training.decisions.FRAMED", 200)
    talks = [talk((a, {"place": a}), (f"{a}走你", {})) for a in CITIES]
    talks += [talk((a, {"place": a}), (f"{b}来嘛", {"place": [a, b]})) for a, b in itertools.pairwise(CITIES)]
    data, out = written(tmp_path / "d.jsonl", *talks), tmp_path / "own.npz"
    result = CliRunner().invoke(
        main, ["train", "decisions", "--data", str(data), "--dev", str(data), "--out", str(out), "--json"]
    )
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["dev_accuracy"] == 1
    held = {"places": (Held("ningbo", True, 1, "宁波"),)}
    assert [Decisions(out).decide(*read_values(t, "zh", held=held)) for t in ("宁波走你", "厦门来嘛")] == [
        ["remove"],
        ["add"],
    ]


def test_dialogues_without_states_teach_nothing(tmp_path: Path) -> None:
    row = talk(("你好", {}))
    path = written(tmp_path / "d.jsonl", row)
    result = CliRunner().invoke(main, ["train", "decisions", "--data", str(path), "--out", str(tmp_path / "o.npz")])
    assert result.exit_code == 1
