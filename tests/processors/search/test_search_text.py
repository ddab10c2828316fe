"""Search words, BM25, highlights, criteria, fusion and reranking."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.lexicon.words import singular
from processors.search.bm25 import document_vector, query_vector, word_index
from processors.search.criteria import Criteria, parse_range
from processors.search.fusion import reciprocal_rank_fusion
from processors.search.highlight import highlight
from processors.search.rerank import rerank
from processors.search.tokens import SKILL, tokens, words

TEXTS = st.text(st.sampled_from("数据分析师北京 aAbBsS12.,+#/\n，。§kubernetes"), max_size=200) | st.text(max_size=200)


def dot(query: str, document: str) -> float:
    weights = dict(zip(*document_vector(document), strict=True))
    return sum(weights.get(i, 0.0) for i in query_vector(query).indices)


def test_chinese_is_cut_into_pairs_and_latin_into_words() -> None:
    found = [w for w in words("资深Java工程师，熟悉C++与 .NET") if not w.startswith(SKILL)]
    assert found == ["资深", "java", "工程", "程师", "熟悉", "c++", "与", ".net"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("k8s", "Kubernetes"),
        ("机器学习", "machine learning"),
        ("Java", "ＪＡＶＡ"),
        ("數據分析", "数据分析"),
        ("engineers", "engineer"),
        ("companies", "company"),
    ],
)
def test_spellings_of_one_thing_share_a_word(one: str, other: str) -> None:
    assert set(words(one)) & set(words(other))


def test_plurals_only() -> None:
    assert [singular(w) for w in ("status", "class", "kubernetes", "sales", "bus", "skies")] == [
        "status", "class", "kubernete", "sale", "bus", "sky",
    ]  # fmt: skip


def test_english_stop_words_are_no_words() -> None:
    assert words("the of in") == []


@given(TEXTS)
def test_every_token_says_where_it_stands(text: str) -> None:
    for token in tokens(text):
        assert 0 <= token.start < token.end <= len(text)


@given(TEXTS)
def test_a_vector_has_sorted_different_indices_and_finite_values(text: str) -> None:
    for vector in (document_vector(text), query_vector(text)):
        assert vector.indices == sorted(set(vector.indices))
        assert len(vector.indices) == len(vector.values)
        assert all(0 <= i < 2**32 for i in vector.indices)
        assert all(np.isfinite(v) and v > 0 for v in vector.values)


def test_more_of_a_word_counts_more_but_ever_less_so() -> None:
    rest = " ".join(f"word{n}" for n in range(50))
    once, twice, thrice = (dot("zebra", " ".join(["zebra"] * n) + " " + rest) for n in (1, 2, 3))
    assert once < twice < thrice
    assert thrice - twice < twice - once


def test_the_same_word_counts_less_in_a_longer_text() -> None:
    assert dot("zebra", "zebra " + "long " * 300) < dot("zebra", "zebra short")


def test_a_query_is_bounded() -> None:
    assert len(query_vector(" ".join(f"w{n}" for n in range(5000))).indices) <= 200


def test_two_words_of_one_index_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    apart = sum(document_vector("zebra lion").values)
    monkeypatch.setattr("processors.search.bm25.word_index", lambda word: 7)
    vector = document_vector("zebra lion")
    assert vector.indices == [7]
    assert vector.values == pytest.approx([apart], abs=1e-5)
    assert word_index("zebra") == word_index("zebra") != word_index("lion")


def test_a_highlight_is_the_part_that_answers_best() -> None:
    text = "无关的话。" * 60 + "负责Kafka与数据分析平台。" + "其他内容。" * 60
    fragment = highlight(text, "kafka 数据分析")
    assert len(fragment.text) <= 140
    assert {fragment.text[a:b] for a, b in fragment.spans} == {"Kafka", "数据分析"}


def test_a_highlight_of_another_spelling_or_language() -> None:
    fragment = highlight("熟悉机器学习", "machine learning")
    assert [fragment.text[a:b] for a, b in fragment.spans] == ["机器学习"]


def test_nothing_matched_shows_the_beginning() -> None:
    assert highlight("abc " * 100, "zebra").text == ("abc " * 100)[:140]
    assert highlight("", "zebra").spans == ()


@given(TEXTS, TEXTS, st.integers(30, 200))
def test_highlights_lie_in_order_and_apart_within_the_fragment(text: str, query: str, size: int) -> None:
    fragment = highlight(text, query, size)
    assert fragment.text in text
    assert len(fragment.text) <= size
    last = -1
    for start, end in fragment.spans:
        assert last < start < end <= len(fragment.text)
        last = end


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("3-8", (3, 8)),
        ("3-", (3, None)),
        ("-8", (None, 8)),
        ("3", (3, None)),
        ("20k-30K", (20_000, 30_000)),
        ("1.5万-3万", (15_000, 30_000)),
        ("2~4", (2, 4)),
    ],
)
def test_ranges_are_read(text: str, bounds: tuple[float | None, float | None]) -> None:
    assert parse_range(text) == bounds


@pytest.mark.parametrize("text", ["", "-", "8-3", "x", "1-x", "nan", "inf", "9e99", "k"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_range(text)


def test_criteria_read_places_and_degrees_as_people_write_them() -> None:
    criteria = Criteria.of(place=["上海", "Beijing"], education="bachelor")
    assert criteria.places == ("beijing", "shanghai")
    assert criteria.education_rank == 3


def test_fusion_prefers_what_both_rankings_have() -> None:
    assert reciprocal_rank_fusion([["a", "b", "c"], ["b", "d"]])[0] == "b"


@given(st.lists(st.lists(st.integers(0, 20), unique=True)))
def test_fusion_loses_and_invents_nothing(rankings: list[list[int]]) -> None:
    fused = reciprocal_rank_fusion(rankings)
    assert sorted(fused) == sorted({i for r in rankings for i in r})


def test_reranking_looks_at_lines() -> None:
    def embed(texts):  # the axis says what a text is about
        return np.array([[1.0, 0.0] if "java" in t else [0.0, 1.0] for t in texts], dtype=np.float32)

    texts = ["cook\nsoup", "java developer\nspring", "cook\njava"]
    assert rerank("java", np.array([1.0, 0.0], dtype=np.float32), texts, embed) == [1, 2, 0]
    assert rerank("java", np.array([1.0, 0.0], dtype=np.float32), [], embed) == []
