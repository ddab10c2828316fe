"""What a query names, how well a record answers it, and what was meant by words that nobody has."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.search.background import Background
from processors.search.bm25 import document_vector
from processors.search.criteria import Criteria
from processors.search.relevance import BANDS, Evidence, in_title, judge, judge_alike
from processors.search.spelling import distance, respelled
from processors.search.terms import Term, terms

TEXTS = st.text(st.sampled_from("后端护士北京 aJvk8s+.#，İ\n"), max_size=60) | st.text(max_size=60)
WORDS = st.text("abc", max_size=6)


def evidence(text: str, *, title: str = "", places: tuple[str, ...] = (), lift: float = 1.0) -> Evidence:
    return Evidence(frozenset(document_vector(f"{title}\n{text}").indices), title, places, lift)


def named(query: str) -> list[tuple[str, str]]:
    return [(term.kind, term.name) for term in terms(query)]


def test_a_query_names_skills_places_and_words() -> None:
    assert named("Java 后端，上海") == [("skill", "java"), ("word", "后端"), ("place", "shanghai")]
    assert named("k8s") == named("Kubernetes") == [("skill", "kubernetes")]
    assert [term.text for term in terms("K8S 護士")] == ["K8S", "護士"], "as the query has them"
    assert named("5年以上经验") == [*named("3-5 years"), ("word", "经验")], "how long is for the filter to say"
    assert named("7") == named("!!! ??") == []


def test_what_most_records_have_tells_little() -> None:
    weights = {term.name: term.weight for term in terms("高级Java工程师")}
    assert weights["java"] > 5 * weights["高级"]
    assert weights["java"] > 5 * weights["工程师"]


@given(TEXTS)
def test_terms_are_of_the_query_and_each_once(query: str) -> None:
    found = terms(query)
    assert len(set(found)) == len(found)
    assert all(term.text in query and term.weight > 0 for term in found)


@given(TEXTS, TEXTS, st.floats(-5, 20))
def test_a_record_has_what_it_has_or_lacks_and_a_probability(query: str, text: str, lift: float) -> None:
    found = judge(terms(query), evidence(text, lift=lift))
    assert 0 <= found.probability <= 1
    assert not set(found.covered) & set(found.missing)
    assert (found.band is None) == (found.probability < BANDS["near" if terms(query) else "partial"])


@given(st.lists(st.sampled_from(["Java", "护士", "Tableau", "zebra", "上海"]), max_size=4), st.floats(-3, 8))
def test_more_of_what_was_asked_for_is_never_worse_nor_is_more_alike(has: list[str], lift: float) -> None:
    asked = terms("Java 护士 Tableau zebra")
    for other in ("Java", "zebra"):
        less, more = evidence(" ".join(has), lift=lift), evidence(" ".join([*has, other]), lift=lift)
        assert judge(asked, more).probability >= judge(asked, less).probability
    alike = evidence(" ".join(has), lift=lift + 1)
    assert judge(asked, alike).probability >= judge(asked, evidence(" ".join(has), lift=lift)).probability
    assert judge_alike(lift + 1).probability >= judge_alike(lift).probability


def test_a_tool_asked_for_by_name_is_there_or_it_is_no_match() -> None:
    asked = terms("Java 后端")
    assert judge(asked, evidence("Java, Kafka", title="后端开发工程师")).band == "strong"
    assert judge(asked, evidence("Spring Boot", title="后端开发工程师")).band == "strong", "it implies Java"
    python = judge(asked, evidence("Python, Django", title="后端开发工程师", lift=9.0))
    assert python.band == "near"
    assert [term.name for term in python.missing] == ["java"]


def test_a_compound_tool_is_covered_by_its_parts_in_any_spelling() -> None:
    asked = terms("oracle dba")
    assert [term.name for term in asked] == ["oracle-dba"]
    assert judge(asked, evidence("Oracle 11g, 数据库管理", title="数据库运维", lift=3)).covered == asked
    assert not judge(asked, evidence("Oracle Financials consultant", lift=3)).covered


def test_a_place_in_the_query_is_a_demand() -> None:
    asked = terms("Java 上海")
    assert judge(asked, evidence("Java", places=("shanghai",))).band == "strong"
    assert judge(asked, evidence("Java", places=("beijing",), lift=9.0)).band == "near"


def test_nothing_in_common_is_nothing() -> None:
    for query in ("asdfgh qwerty zzz", "宇航员", "astronaut", "龘靐齉爩", "😀😀"):
        assert judge(terms(query), evidence("Java, Kafka", title="后端开发工程师", lift=1.8)).band is None


def test_an_occupation_is_covered_in_the_other_language() -> None:
    nurse, zither = terms("nurse"), terms("古筝老师")
    assert in_title(nurse[0], "儿科护士")
    assert not in_title(nurse[0], "会计")
    assert judge(zither, evidence("数学", title="数学教师", lift=0.5)).band in (None, "near")


def test_one_character_is_found_in_titles() -> None:
    assert judge(terms("护"), evidence("静脉输液", title="兒科護士", lift=2.0)).band == "strong"
    assert judge(terms("护"), evidence("护理", title="会计", lift=0.0)).band is None


def test_a_lift_is_above_what_random_records_have_whatever_the_scale() -> None:
    rng = np.random.default_rng(3)
    texts: dict[str, np.ndarray] = {}

    def embed(asked):
        for text in asked:
            texts.setdefault(text, rng.normal(size=8) + 1)
        rows = np.array([texts[t] / np.linalg.norm(texts[t]) for t in asked], dtype=np.float32)
        return rows

    background = Background(embed)
    records = embed(list(texts))
    query = records[0]
    lifts = background.lifts(query, (records @ query).tolist())
    assert np.mean(lifts) == pytest.approx(0, abs=1e-4)
    assert max(lifts) == lifts[0] > 1


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("Pyhton 数据工程师", "python 数据工程师"),
        ("kuberntes", "kubernetes"),
        ("Javva backend", "java backend"),
        ("accuontant", "accountant"),
        ("chanpin jingli", "产品经理"),
        ("hu shi", "护士"),
        ("houduan java", "后端 java"),
    ],
)
def test_errors_and_pinyin_are_read(query: str, meant: str) -> None:
    unknown = {term.name for term in terms(query) if term.kind == "word"}
    assert respelled(query, unknown) == meant


@pytest.mark.parametrize("query", ["asdfgh qwerty", "mango", "scale", "banker", "shanghai", "宇航员", "zzz", ""])
def test_other_words_are_left_alone(query: str) -> None:
    assert respelled(query, {term.name for term in terms(query)}) is None


def test_what_a_record_has_is_not_read_again() -> None:
    assert respelled("Pyhton kuberntes", {"pyhton"}) == "python kuberntes"
    assert respelled("Pyhton", ()) is None


@given(WORDS, WORDS)
def test_the_distance_is_symmetric_and_bounded(one: str, other: str) -> None:
    assert distance(one, other, 9) == distance(other, one, 9)
    assert (distance(one, other, 9) == 0) == (one == other)
    assert distance(one, other, 1) == min(distance(one, other, 9), 2)


def test_criteria_are_given_up_the_place_first() -> None:
    both = Criteria.of(place=["上海"], years=(3, None), statuses=("active",))
    assert list(both.relaxed()) == [
        (("place",), Criteria.of(years=(3, None), statuses=("active",))),
        (("place", "years"), Criteria.of(statuses=("active",))),
    ]
    assert list(Criteria.of(statuses=("active",)).relaxed()) == []


def test_a_term_is_a_value() -> None:
    assert Term("word", "a", "a", 1.0) == Term("word", "a", "a", 1.0)
