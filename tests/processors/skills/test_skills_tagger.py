import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise, product
from math import exp

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.cli import main
from ops.evaluation.skills import Sentence, by_tagger, by_taxonomy, load, score
from processors.skills.encoding import Encoded, shape, windows
from processors.skills.marginals import Marginals
from processors.skills.spans import LABELS, bio_spans
from processors.skills.tagger import LEAST, default_tagger
from processors.skills.wordpiece import WordPieces


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


AD = [
    ["We", "are", "looking", "for", "a", "backend", "engineer"],
    ["You", "have", "experience", "with", "Java", ",", "Kubernetes", "and", "good", "communication", "skills"],
    [],
    ["Fluent", "in", "German", "and", "English"],
]


def test_the_tagger_finds_what_one_knows_and_what_one_can_do():
    first, found, empty, languages = by_tagger(AD)
    assert {(4, 5), (6, 7)} <= found["knowledge"]
    assert any(start >= 8 for start, _ in found["skill"])
    assert {(2, 3), (4, 5)} <= languages["knowledge"]
    assert first["knowledge"] == set()
    assert empty == {"knowledge": set(), "skill": set()}
    assert by_tagger([]) == []


def test_a_text_is_read_alike_whatever_was_read_before_and_beside_it():
    tag = default_tagger().tag
    alone = tag(AD)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(tag, [AD, AD[:2], AD, [["long"] * 500], AD]))[::2] == [alone] * 3


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.text(min_size=0, max_size=12), max_size=30), max_size=4))
def test_spans_are_ordered_and_inside_the_sentence(sentences):
    for tokens, found in zip(sentences, default_tagger().tag(sentences), strict=True):
        for label, spans in found.items():
            ends = [0, *(position for span in spans for position in span[:2]), len(tokens)]
            assert ends == sorted(ends)
            assert all(LEAST[label] <= span.probability <= 1 for span in spans)


@given(st.lists(st.lists(st.integers(1, 12), max_size=40), max_size=12))
def test_windows_hold_each_word_once_in_order_within_their_room(sizes):
    sentences = [Encoded([(9,) * n for n in words], [1] * len(words), [0] * len(words)) for words in sizes]
    found = list(windows(sentences, 50))
    words = [(s, w) for window in found for _, s, w in window.words]
    assert words == [(s, w) for s, ws in enumerate(sizes) for w in range(len(ws))]
    for window in found:
        assert len(window.pieces) == len(window.shapes) == len(window.names) <= 50
        assert all(window.pieces[place] == 9 for place, _, _ in window.words)


def test_words_are_split_into_the_longest_pieces():
    pieces = WordPieces(["[PAD]", "[UNK]", "java", "##script", "c", "+", "cafe", "##s"])
    assert [pieces.split(w) for w in ("JavaScript", "C++", "Cafés", "javax", "", "\x00", "java+")] == [
        (2, 3), (4, 5, 5), (6, 7), (1,), (1,), (1,), (2, 5),
    ]  # fmt: skip


def test_shapes_tell_how_words_are_written():
    words = ["java", "Java", "SQL", "C", "JavaScript", "2024", "Log4j", "(", "数据"]
    assert [shape(w) for w in words] == [1, 2, 3, 4, 5, 6, 7, 8, 1]


number = st.floats(-6, 6)


@given(st.lists(st.tuples(number, number, number), max_size=5), st.tuples(*[st.tuples(number, number, number)] * 3))
def test_spans_are_as_likely_as_all_paths_that_mark_them(scores, moves):
    odds, inside, total = Counter(), Counter(), 0.0
    for path in product(range(3), repeat=len(scores)):
        weight = exp(sum(s[t] for s, t in zip(scores, path, strict=True)) + sum(moves[a][b] for a, b in pairwise(path)))
        total += weight
        inside += {i: weight for i, mark in enumerate(path) if mark}
        for first, mark in enumerate(path):
            if mark == 1:
                behind = next((i for i in range(first + 1, len(path)) if path[i] != 2), len(path))
                odds[first, behind] += weight
    marginals = Marginals(scores, moves)
    found = marginals.spans(0.5)
    assert {s[:2] for s in found} == {s for s, w in odds.items() if w / total >= 0.5}
    assert all(s.probability == pytest.approx(odds[s[:2]] / total) for s in found)
    assert marginals.inside() == pytest.approx([inside[i] / total for i in range(len(scores))])


def test_of_spans_that_overlap_the_likelier_counts():
    scores = [[0.0, 3.0, 0.0], [0.0, -3.0, -0.2]]
    assert [s[:2] for s in Marginals(scores, [[0.0] * 3] * 3).spans(0.25)] == [(0, 1)]
    assert Marginals([], [[0.0] * 3] * 3).spans(0.5) == []


def test_a_long_sentence_takes_no_longer_a_word_than_a_short_one():
    moves = [[0.0, 0.0, -9.0], [-9.0, -9.0, 5.0], [-9.0, -9.0, 5.0]]
    (span,) = Marginals([[0.0, 1.0, 0.0], *[[0.0, 0.0, 1.0]] * 20_000], moves).spans(0.3)
    assert span[:2] == (0, 20_001)


def test_taxonomy_spans_are_the_words_that_hold_the_name():
    (found,) = by_taxonomy([["Knowledge", "of", "machine", "learning", "(Python)", ",", "teamwork"]])
    assert found == {"knowledge": {(2, 4), (4, 5)}, "skill": {(6, 7)}}


def _row(tokens: str, knowledge: str, skill: str) -> str:
    return json.dumps({"tokens": tokens.split(), "tags_knowledge": knowledge.split(), "tags_skill": skill.split()})


def test_scores_count_exact_and_overlapping_spans():
    sentences = [
        Sentence(["a", "b", "c", "d"], {"knowledge": {(0, 2), (3, 4)}, "skill": set()}),
        Sentence(["a"], {"knowledge": set(), "skill": {(0, 1)}}),
    ]
    answers = iter([[{"knowledge": {(0, 1), (3, 4)}, "skill": set()}], [{"knowledge": set(), "skill": set()}]])
    figures = score(sentences, lambda _: next(answers))
    assert figures["labels"]["knowledge"]["f1"] == 0.5
    assert figures["labels"]["knowledge"]["overlap_f1"] == 1
    assert figures["labels"]["skill"]["f1"] == 0
    assert figures["f1"] == pytest.approx(2 * 0.5 * (1 / 3) / (0.5 + 1 / 3))
    assert figures["micro"]["gold"] == 3


def test_a_perfect_answer_scores_one_and_none_scores_zero():
    gold = {"knowledge": {(0, 1)}, "skill": {(1, 2)}}
    assert score([Sentence(["a", "b"], gold)], lambda _: [gold])["f1"] == 1
    assert score([], by_tagger)["f1"] == 0


def test_neighbouring_sentences_of_an_ad_are_read_together(tmp_path):
    rows = [("house", 1), ("house", 1), ("tech", 1), None, None]
    path = tmp_path / "ads.jsonl"
    path.write_text(
        "\n".join(
            json.dumps(json.loads(_row("a", "O", "O")) | (dict(zip(("source", "idx"), r, strict=True)) if r else {}))
            for r in rows
        )
    )
    sizes = []

    def predict(ad):
        sizes.append(len(ad))
        return [{label: set() for label in LABELS} for _ in ad]

    score(load(path), predict)
    assert sizes == [2, 1, 1, 1]


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "spans.jsonl"
    path.write_text(_row("Experience with Python", "O O B", "O O O") + "\n\n" + _row("team player", "O O", "B I"))
    return path


def test_the_command_prints_json(data):
    result = CliRunner().invoke(main, ["eval", "skills", "--data", str(data), "--json"])
    figures = json.loads(result.output)
    assert figures["sentences"] == 2
    assert set(figures["labels"]) == set(LABELS)
    assert figures["taxonomy"]["f1"] == figures["taxonomy"]["overlap_f1"] == 1
    assert {"f1", "overlap_f1"} <= figures.keys()


def test_the_command_prints_a_table(data):
    result = CliRunner().invoke(main, ["eval", "skills", "--data", str(data)])
    assert result.exit_code == 0
    assert "taxonomy" in result.output


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"tokens": ["a"]}', _row("a b", "O", "O O"), '{"tokens": [1], "tags_knowledge": ["O"], "tags_skill": ["O"]}',
             _row("a " * 2001, "O " * 2001, "O " * 2001)]
)  # fmt: skip
def test_a_bad_line_is_named(tmp_path, line):
    path = tmp_path / "bad.jsonl"
    path.write_text(_row("a", "O", "O") + "\n" + line)
    result = CliRunner().invoke(main, ["eval", "skills", "--data", str(path)])
    assert result.exit_code == 1
    assert "bad.jsonl:2" in result.output
