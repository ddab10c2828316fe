"""What is counted of rewritings: exact matches, overlaps, values, and what was harmed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops.cli.main import main
from ops.evaluation.rewrite import bleu, figures, load, rouge_l
from ops.runtime.json_rows import DataError

ZH = [
    {"id": "1", "context": ["王博文呢", "博文的歌好听"], "utterance": "他帅吗", "rewrite": "王博文帅吗"},
    {"id": "2", "context": ["王博文呢", "不认识"], "utterance": "王博文帅吗", "rewrite": "王博文帅吗"},
    {"id": "3", "context": "none", "utterance": "x", "rewrite": "y"},
]
EN = {
    "id": "e",
    "turns": [
        {"role": "user", "text": "will it snow"},
        {"role": "system", "text": "In which city?"},
        {"role": "user", "text": "Boston"},
    ],
    "rewritten_turn": 0,
    "rewrite": "will it snow in Boston",
    "alternatives": ["will it snow Boston"],
    "slots": ["snow", "boston", "tomorrow"],
}


def write(path: Path, rows: list[object]) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path


def test_both_formats_are_read_and_bad_rows_are_counted(tmp_path: Path) -> None:
    rows, left_out = load(write(tmp_path / "zh.jsonl", [*ZH]))
    assert (len(rows), left_out) == (2, 1)
    found = figures(rows, lambda context, message: message)
    assert (found["exact_match"], found["unchanged"], found["harmed"], found["slot_recall"]) == (0.5, 1.0, 0.0, None)
    found = figures(rows, lambda context, message: "王博文帅吗" if message == "他帅吗" else "他")
    assert (found["exact_match"], found["restored_f1"], found["harmed"]) == (0.5, pytest.approx(6 / 7, abs=1e-4), 1.0)
    with pytest.raises(DataError, match="no rows"):
        load(write(tmp_path / "none.jsonl", [ZH[2], {**EN, "rewritten_turn": 9}]))


def test_the_command_prints_all_figures(tmp_path: Path) -> None:
    path = write(tmp_path / "en.jsonl", [EN])
    done = CliRunner().invoke(main, ["eval", "rewrite", "--data", str(path), "--json"], catch_exceptions=False)
    found = json.loads(done.stdout)
    assert list(found) == [
        "rows", "left_out", "exact_match", "bleu4", "rouge_l", "restored_f1", "slot_recall", "unchanged", "harmed", "ms",
    ]  # fmt: skip
    assert (found["slot_recall"], found["bleu4"]) == (0.6667, 1.0)


def test_overlaps_are_what_their_papers_say() -> None:
    assert bleu([list("abcdefgh")], [[list("abcdefgh")]]) == 1
    assert bleu([list("abcd")], [[list("abcdefgh")]]) == pytest.approx(0.3679, abs=1e-4)
    assert bleu([list("aaaa")], [[list("abcd")]]) == 0
    assert rouge_l(["a", "c", "d"], ["a", "b", "c", "d"]) == pytest.approx(6 / 7)
