import json

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from ops.cli.eval_skills import skills
from ops.evaluation.skills import Sentence, by_tagger, by_taxonomy, score
from processors.skills.tagger import LABELS, bio_spans, tag


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ("O O", []),
        ("B I O B", [(0, 2), (3, 4)]),
        ("B B I", [(0, 1), (1, 3)]),
        ("O I I", [(1, 3)]),
        ("", []),
    ],
)
def test_bio_tags_mark_spans(tags, spans):
    assert bio_spans(tags.split()) == spans


def test_the_tagger_finds_what_one_knows_and_what_one_can_do():
    found = tag(
        ["You", "have", "experience", "with", "Java", ",", "Kubernetes", "and", "good", "communication", "skills"]
    )
    assert {(4, 5), (6, 7)} <= set(found["knowledge"])
    assert any(first >= 8 for first, _ in found["skill"])
    assert tag([]) == {"knowledge": [], "skill": []}


@given(st.lists(st.text(min_size=1, max_size=12), max_size=30))
def test_spans_are_ordered_and_inside_the_sentence(tokens):
    for spans in tag(tokens).values():
        ends = [0, *(position for span in spans for position in span), len(tokens)]
        assert ends == sorted(ends)


def test_taxonomy_spans_are_the_words_that_hold_the_name():
    found = by_taxonomy(["Knowledge", "of", "machine", "learning", "(Python)", ",", "teamwork"])
    assert found == {"knowledge": {(2, 4), (4, 5)}, "skill": {(6, 7)}}


def _row(tokens: str, knowledge: str, skill: str) -> str:
    return json.dumps({"tokens": tokens.split(), "tags_knowledge": knowledge.split(), "tags_skill": skill.split()})


def test_scores_count_exact_and_overlapping_spans():
    sentences = [
        Sentence(["a", "b", "c", "d"], {"knowledge": {(0, 2), (3, 4)}, "skill": set()}),
        Sentence(["a"], {"knowledge": set(), "skill": {(0, 1)}}),
    ]
    answers = iter([{"knowledge": {(0, 1), (3, 4)}, "skill": set()}, {"knowledge": set(), "skill": set()}])
    figures = score(sentences, lambda _: next(answers))
    assert figures["labels"]["knowledge"]["f1"] == 0.5
    assert figures["labels"]["knowledge"]["overlap_f1"] == 1
    assert figures["labels"]["skill"]["f1"] == 0
    assert figures["f1"] == pytest.approx(2 * 0.5 * (1 / 3) / (0.5 + 1 / 3))
    assert figures["micro"]["gold"] == 3


def test_a_perfect_answer_scores_one_and_none_scores_zero():
    gold = {"knowledge": {(0, 1)}, "skill": {(1, 2)}}
    assert score([Sentence(["a", "b"], gold)], lambda _: gold)["f1"] == 1
    assert score([], by_tagger)["f1"] == 0


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "spans.jsonl"
    path.write_text(_row("Experience with Python", "O O B", "O O O") + "\n\n" + _row("team player", "O O", "B I"))
    return path


def test_the_command_prints_json(data):
    result = CliRunner().invoke(skills, ["--data", str(data), "--json"])
    figures = json.loads(result.output)
    assert figures["sentences"] == 2
    assert set(figures["labels"]) == set(LABELS)
    assert figures["taxonomy"]["f1"] == figures["taxonomy"]["overlap_f1"] == 1
    assert {"f1", "overlap_f1"} <= figures.keys()


def test_the_command_prints_a_table(data):
    result = CliRunner().invoke(skills, ["--data", str(data)])
    assert result.exit_code == 0
    assert "taxonomy" in result.output


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"tokens": ["a"]}', _row("a b", "O", "O O"), '{"tokens": [1], "tags_knowledge": ["O"], "tags_skill": ["O"]}',
             _row("a " * 2001, "O " * 2001, "O " * 2001)]
)  # fmt: skip
def test_a_bad_line_is_named(tmp_path, line):
    path = tmp_path / "bad.jsonl"
    path.write_text(_row("a", "O", "O") + "\n" + line)
    result = CliRunner().invoke(skills, ["--data", str(path)])
    assert result.exit_code == 1
    assert "bad.jsonl:2" in result.output
