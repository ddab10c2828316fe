"""What a query does not want is neither looked for nor found."""

import pytest

from processors.search.bm25 import word_index
from processors.search.exclusions import parted
from processors.search.relevance import Evidence, judge
from processors.search.terms import terms, unwanted


@pytest.mark.parametrize(
    ("query", "names", "not_wanted"),
    [
        ("python AND django AND NOT recruiter", {"python", "django"}, {"recruiter"}),
        ('"data engineer" NOT (intern OR junior)', {"data engineer"}, {"intern", "junior"}),
        ("go developer, not java, dublin", {"go", "developer", "dublin"}, {"java"}),
        ("java -spring", {"java"}, {"spring"}),
        ("懂k8s的运维 不要外包", {"kubernetes", "运维"}, {"外包"}),
        ("除Java以外的后端", {"后端"}, {"java"}),
        # Nothing of this is unwanted.
        ("not only java but also kotlin", {"java", "kotlin"}, set()),
        ("除了Java还会Go", {"java", "go"}, set()),
        ("销售 8-12k", {"销售"}, set()),
        ("not java", {"java"}, set()),
    ],
)
def test_what_a_query_wants_and_does_not(query: str, names: set[str], not_wanted: set[str]) -> None:
    wanted = {name for term in terms(query) for name in (term.name, term.text.casefold())}
    assert names <= wanted
    assert not wanted & (not_wanted - names)
    assert not_wanted <= {name for term in unwanted(query) for name in (term.name, term.text.casefold())}
    assert len(parted(query)[0]) == len(query)


def test_a_record_with_what_is_unwanted_is_no_hit() -> None:
    asked, no = terms("go developer, not java"), unwanted("go developer, not java")
    lift = 6.0
    plain = Evidence({word_index(w) for w in ("go", "developer", "skill:go")}, "Go developer", (), lift)
    both = Evidence({*plain.words, word_index("java")}, "Go developer", (), lift)
    assert judge(asked, plain, no).band
    assert judge(asked, both).band
    assert judge(asked, both, no).band is None


def test_a_title_word_excludes_by_the_title_alone() -> None:
    no = unwanted("java NOT manager")
    words = {word_index(w) for w in ("java", "manager")}
    assert judge(terms("java"), Evidence(words, "Java Manager", (), 6.0), no).band is None
    assert judge(terms("java"), Evidence(words, "Java Developer", (), 6.0), no).probability > 0


@pytest.mark.parametrize(
    "query", ["nurse ICU nights ACLS cleveland", "power bi analyst hyderabad", "site manager manchester £45k"]
)
def test_cities_are_typed_in_small_letters(query: str) -> None:
    assert [term.name for term in terms(query) if term.kind == "place"] == [
        next(w for w in query.split() if w in ("cleveland", "hyderabad", "manchester"))
    ]
