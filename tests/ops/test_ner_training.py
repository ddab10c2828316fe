import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops.cli.main import main
from ops.evaluation.ner import DataError, Scores, load, overlapping, rules_of, score
from ops.ner_training import train
from processors.resume.ner import Entity, Tagger, TaggerError

NAMES = ["甲木", "乙火", "丙土", "丁金", "戊水"]


def row(name: str, firm: str) -> dict[str, object]:
    text = f"{name}任{firm}公司经理。"
    at = len(name) + 1
    return {
        "text": text,
        "entities": [
            {"start": 0, "end": len(name), "label": "NAME"},
            {"start": at, "end": at + len(firm) + 2, "label": "ORG"},
            {"start": at + len(firm) + 2, "end": at + len(firm) + 4, "label": "TITLE"},
        ],
    }


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ner") / "data.jsonl"
    rows = [row(n, f) for n in NAMES for f in ("青山", "白水", "红石")]
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), "utf-8")
    return path


def test_a_trained_tagger_finds_what_it_learned(data: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main, ["train", "ner", "--data", str(data), "--dev", str(data), "--out", str(tmp_path), "--json"]
    )
    assert result.exit_code == 0, result.output
    manifest = json.loads(result.stdout)
    assert manifest["labels"] == ["NAME", "ORG", "TITLE"]
    assert manifest["rules"] == "zh"
    assert manifest["dev"]["f1"] == 1
    again = CliRunner().invoke(main, ["eval", "resume", "--data", str(data), "--model", str(tmp_path), "--json"])
    assert json.loads(again.stdout)["labels"]["ORG"]["f1"] == 1
    assert Tagger(tmp_path).recognise("") == []


def test_the_same_data_gives_the_same_tagger(data: Path, tmp_path: Path) -> None:
    examples, _ = load(data)
    for name in ("a", "b"):
        train(examples, tmp_path / name)
    for file in ("model.onnx", "features.txt", "manifest.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_a_folder_without_a_tagger_is_said_so(data: Path, tmp_path: Path) -> None:
    with pytest.raises(TaggerError, match="no tagger here"):
        Tagger(tmp_path)
    (tmp_path / "manifest.json").write_text('{"format": 99}')
    with pytest.raises(TaggerError, match="format 99"):
        Tagger(tmp_path)
    result = CliRunner().invoke(main, ["eval", "resume", "--data", str(data), "--model", str(tmp_path)])
    assert result.exit_code == 1


def test_the_rules_are_scored_without_a_model(data: Path) -> None:
    result = CliRunner().invoke(main, ["eval", "resume", "--data", str(data)])
    assert result.exit_code == 0
    assert "micro" in result.output


@pytest.mark.parametrize(
    "line",
    [
        "[]",
        "{",
        '{"text": "a"}',
        '{"text": "a", "entities": [{"start": 0, "end": 2, "label": "X"}]}',
        '{"text": 1, "entities": []}',
        "",
    ],
)
def test_a_wrong_file_is_refused(line: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.jsonl"
    path.write_text(line)
    with pytest.raises(DataError):
        load(path)
    assert CliRunner().invoke(main, ["train", "ner", "--data", str(path), "--out", str(tmp_path)]).exit_code == 1


def test_texts_with_an_entity_of_unknown_place_are_left_out_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "null.jsonl"
    unplaced = {"text": "某院士", "entities": [{"start": None, "end": 2, "label": "ORG"}]}
    path.write_text("\n".join(json.dumps(r) for r in (unplaced, row("甲木", "青山"))))
    examples, left_out = load(path)
    assert (len(examples), left_out) == (1, 1)
    assert score(examples, rules_of(examples))["texts"] == 1


def test_unknown_labels_have_no_rules(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"text": "ab", "entities": [{"start": 0, "end": 1, "label": "X"}]}')
    with pytest.raises(DataError, match="--model"):
        rules_of(load(path)[0])


def test_an_overlap_pairs_each_entity_once() -> None:
    assert overlapping({(0, 10)}, {(0, 2), (3, 5)}) == 1
    assert overlapping({(0, 2), (3, 5)}, {(1, 4), (4, 9)}) == 2
    assert overlapping({(0, 2)}, {(2, 4)}) == 0


def test_the_figures_are_what_the_counts_give() -> None:
    scores = Scores()
    scores.add([Entity(0, 2, "A"), Entity(5, 8, "A")], [Entity(0, 2, "A"), Entity(6, 8, "A"), Entity(0, 2, "B")])
    report = scores.report()
    assert report["labels"]["A"]["f1"] == 0.5
    assert report["labels"]["A"]["overlap_f1"] == 1
    assert report["f1"] == 0.4
    assert report["overlap_f1"] == 0.8


def test_profiles_are_scored_by_field(tmp_path: Path) -> None:
    data = tmp_path / "data.jsonl"
    text = "Mira Oakley\nmira@example.org\n\nWORK EXPERIENCE\nData Engineer, Northwind Mills    2015-12 - 2017-01\n"
    truth = {"name": "Mira Oakley", "email": "mira@example.org", "summary": "None given"}
    (tmp_path / "mira.txt").write_text(text)
    (tmp_path / "empty.pdf").write_bytes(b"%PDF-1.7 cut")
    rows = [{"text": text}, {"file": "mira.txt"}, {"file": "empty.pdf"}]
    data.write_text("\n".join(json.dumps({**row, "truth": truth}) for row in rows))
    command = ["eval", "resume", "--data", str(data), "--format", "profile"]
    result = CliRunner().invoke(main, [*command, "--json"])
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert (figures["texts"], figures["unread"]) == (3, 1)
    assert figures["labels"]["name"] == {"f1": 2 / 3, "overlap_f1": 2 / 3, "support": 3}
    assert figures["labels"]["summary"]["f1"] == 0
    assert "email" in CliRunner().invoke(main, command).output
    data.write_text('{"text": "a"}')
    assert CliRunner().invoke(main, command).exit_code == 1
