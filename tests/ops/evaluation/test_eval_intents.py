"""Intents on labelled texts: what is counted, that nothing judged is learnt, and the trained file beside the training."""

import json
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from ops.cli.main import main
from ops.evaluation.intents import OOS, Example, Trainer, Verdict, auroc, few, figures, folded, load
from ops.runtime.json_rows import DataError
from processors.chat.classifier import Classifier
from processors.chat.intents import LearnedReader
from processors.chat.lexical import BUCKETS, features


class Words:
    """An encoder that knows words alone, each a direction of its own."""

    version, dimensions = "words@1", 64

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.split():
                row[zlib.crc32(word.encode()) % self.dimensions] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


class OtherWords(Words):
    version = "words@2"


TEXTS = {
    "find_jobs": ["any java jobs", "jobs for nurses", "java jobs nearby", "remote jobs please", "jobs in paris"],
    "salary": ["what does it pay", "pay per month", "how much pay", "good pay here", "pay of the second"],
    "company_info": [
        "who is the employer",
        "employer size",
        "about the employer",
        "the employer culture",
        "employer site",
    ],
}
EXAMPLES = [Example(f"{k}-{n}", t, k, "") for k, texts in TEXTS.items() for n, t in enumerate(texts)]
OUTSIDE = [Example("o-1", "weather tomorrow", OOS, ""), Example("o-2", "zzz qqq", OOS, "")]


def write(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    return path


def test_what_is_out_of_scope_is_counted_apart() -> None:
    verdicts = [Verdict(e.label, 5) for e in EXAMPLES[:8]] + [Verdict(OOS, 1), Verdict("salary", 4)]
    found = figures([*EXAMPLES[:8], EXAMPLES[8], OUTSIDE[0]], verdicts)
    assert (found["accuracy"], found["in_scope_accuracy"]) == (0.8, 0.8889)
    assert (found["oos_recall"], found["oos_precision"]) == (0.0, 0.0)
    assert found["labels"] == 2
    assert figures(EXAMPLES, [Verdict(e.label, 1) for e in EXAMPLES])["oos_recall"] is None


def test_the_area_counts_pairs_in_the_right_order() -> None:
    assert auroc([3, 4], [1, 2]) == 1
    assert auroc([1, 4], [2, 3]) == 0.5
    assert auroc([1], []) is None


@pytest.mark.slow
def test_a_trained_file_judges_as_the_training_did(tmp_path: Path) -> None:
    from ops.training.intents import save  # SciPy is for who trains

    trainer = Trainer(Words())
    fitted = trainer.fitted(EXAMPLES, [], rejects=True)
    save(fitted, tmp_path / "intents.onnx", Words.version)
    classifier = Classifier(tmp_path / "intents.onnx", Words())
    texts = [e.text for e in (*EXAMPLES, *OUTSIDE)]
    for ours, its in zip(fitted.judge(Words().embed(texts), texts), classifier.judge(texts), strict=True):
        assert (ours.label, ours.fits) == (its.label, its.fits)
        assert its.energy == pytest.approx(ours.energy, abs=0.01)
    reader = LearnedReader(classifier)
    assert reader.read(["pay per month"])[0].intent == "salary"
    assert reader.read(["zzz qqq"])[0].intent == "out_of_scope"

    with pytest.raises(ValueError, match="trained on words@1"):
        Classifier(tmp_path / "intents.onnx", OtherWords())
    save(
        trainer.fitted([Example("1", "a", "x", ""), Example("2", "b", "y", "")], [], rejects=False),
        tmp_path / "o.onnx",
        "words@1",
    )
    with pytest.raises(ValueError, match="no intents: x, y"):
        LearnedReader(Classifier(tmp_path / "o.onnx", Words()))


@pytest.mark.slow
def test_what_is_judged_is_not_learnt() -> None:
    """The texts are noise, so whoever has not seen them is right by chance at best."""
    rng = np.random.default_rng(0)
    noise = [Example(str(n), f"w{n}", ("a", "b")[int(rng.integers(2))], "") for n in range(80)]
    told = folded(Trainer(Words()), noise, 4, lambda _: None)
    assert figures(noise, told)["accuracy"] < 0.75
    again = Trainer(Words()).judge(noise, [], noise)
    assert figures(noise, again)["accuracy"] > 0.9


def test_few_examples_are_drawn_by_the_seed() -> None:
    drawn = few([*EXAMPLES, *OUTSIDE], 2, seed=1)
    assert [e.label for e in drawn].count("salary") == 2
    assert [e.label for e in drawn].count(OOS) == 2
    assert drawn == few([*EXAMPLES, *OUTSIDE], 2, seed=1) != few([*EXAMPLES, *OUTSIDE], 2, seed=2)


def test_rows_without_text_or_label_are_left_out_and_unknown_labels_are_errors(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl",
        [{"text": "hi", "intent": "x"}, {"text": ""}, {"intent": "x"}, {"text": "y", "intent": "oos"}],
    )
    examples, left_out = load(path, None, "oos", {"x": "salary"})
    assert ([e.label for e in examples], left_out) == (["salary", OOS], 2)
    with pytest.raises(DataError, match=r"a\.jsonl:1: the label x is not in the map"):
        load(path, None, "oos", {"z": "salary"})
    domains = write(
        tmp_path / "b.jsonl",
        [{"text": "hi", "intent": "x", "domain": "d"}, {"text": "y", "intent": "oos", "domain": None}],
    )
    assert [e.label for e in load(domains, "domain", "oos", {})[0]] == ["d", OOS]


def test_the_chats_own_intents_are_judged_without_training(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"text": "想找上海的工作", "intent": "job"}, {"text": "讲个笑话", "intent": "oos"}]
    path = write(tmp_path / "a.jsonl", rows)
    labels = tmp_path / "map.json"
    labels.write_text('{"job": "find_jobs"}')
    done = CliRunner().invoke(main, ["eval", "intents", "--data", str(path), "--map", str(labels), "--json"])
    found = json.loads(done.stdout)
    assert (found["accuracy"], found["oos_recall"], found["rows"]) == (1.0, 1.0, 2)
    assert CliRunner().invoke(main, ["eval", "intents", "--data", str(path), "--dev", str(path)]).exit_code == 2


def test_words_are_features_whatever_their_writing() -> None:
    assert features("Java 後端")[0].tolist() == features("JAVA 后端")[0].tolist()
    rows, counts = features("a" * 10_000)
    assert rows.max() < BUCKETS
    assert counts.dtype == np.float32
    assert len(features("")[0]) == 0


def test_out_of_scope_leans_against_the_share_of_its_texts() -> None:
    from ops.training.intents import LEANING, Fitted, leaning  # SciPy is for who trains

    fitted = Fitted(
        ("a", "out_of_scope"), np.zeros((2 + BUCKETS + 1, 2), np.float32), np.ones(BUCKETS, np.float32), 0.0
    )
    vectors = np.zeros((1, 2), np.float32)
    ((before, oos),) = leaning(fitted, "out_of_scope").scores(vectors, ["x"])
    assert (before, oos) == (0, pytest.approx(LEANING))
