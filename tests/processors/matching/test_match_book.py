"""What a batch of rankings makes of stored matches: each pair told and stored once, as a simple model says."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.matching import pages as pages_module
from processors.matching.book import Book, Change, OutdatedError
from processors.matching.pages import Page, entry_of, match_of
from processors.matching.ranking import Pair, differs, pair_of
from schemas.base import Language
from schemas.entities import Side
from schemas.messages import Match, MatchFeature

REASONS: dict[Language, str] = {"en": "because", "zh": "因为"}


def a_match(pair: Pair = ("t", "j"), score: float = 0.5, language: Language = "en", **more: Any) -> Match:
    feature = MatchFeature(name="skills", score=score, weight=1, contribution=score, reason=REASONS[language])
    found = Match(talent_id=pair[0], job_id=pair[1], talent_revision=1, job_revision=1, status="active", score=score,
                  language=language, features=[feature], model="m")  # fmt: skip
    return found.model_copy(update=more)


class Scored(NamedTuple):
    """A pair as a ranking finds it."""

    own: Match

    @property
    def pair(self) -> Pair:
        return pair_of(self.own)

    @property
    def language(self) -> Language:
        return self.own.language

    def match(self, language: Language | None = None) -> Match:
        m = self.own
        return a_match(self.pair, m.score, language or m.language, talent_revision=m.talent_revision,
                       job_revision=m.job_revision)  # fmt: skip


class Stored:
    """What is stored, as the sink keeps it."""

    def __init__(self) -> None:
        self.pages: dict[tuple[str, int], Page] = {}

    def book(self, talents: Sequence[str] = "tuv") -> Book[str]:
        firsts = [self.pages.get((t, 0), Page(t)) for t in talents]
        numbers = range(1, pages_module.SPREAD + 1)
        further = [self.pages.get((p.talent_id, n), Page(p.talent_id, n)) for p in firsts if p.full for n in numbers]
        return Book(Page.from_document(p.to_document()) for p in (*firsts, *further))

    def save(self, book: Book[str]) -> list[Page]:
        written = book.written("now", lambda cause: cause)
        for page in written:
            known = self.pages.get((page.talent_id, page.number))
            assert page.version == (known.version if known else 0) + 1
            self.pages[page.talent_id, page.number] = page
        return written

    def matches(self) -> dict[Pair, Match]:
        found: dict[Pair, Match] = {}
        for page in self.pages.values():
            for job, entry in page.entries().items():
                assert (page.talent_id, job) not in found, "a pair is in two pages"
                found[page.talent_id, job] = match_of(page.talent_id, entry)
        return found


def rank(book: Book[str], side: Side, entity: str, revision: int, *found: Match, cause: str = "c") -> None:
    book.rank(side, entity, revision, [Scored(m) for m in found], book.partners(side, entity), cause)


def told(book: Book[str]) -> list[tuple[Pair, str, float, str]]:
    return [(pair_of(c.match), c.match.status, c.match.score, c.cause) for c in book.news()]


def stored(*matches: Match) -> Stored:
    store = Stored()
    book = store.book()
    for match in matches:
        book.rank("talent", match.talent_id, match.talent_revision, [Scored(match)], (), "before")
    store.save(book)
    return store


def test_a_pair_that_both_sides_change_is_told_once_as_it_ends() -> None:
    store = stored(a_match())
    book = store.book()
    rank(book, "talent", "t", 2, a_match(score=0.6, talent_revision=2), cause="talent")
    rank(book, "job", "j", 2, a_match(score=0.7, talent_revision=2, job_revision=2), cause="job")
    assert told(book) == [(("t", "j"), "active", 0.7, "job")]
    assert len(store.save(book)) == 1
    assert [r.score for r in store.pages["t", 0].revisions("j")] == [0.5, 0.7]


def test_there_and_back_again_is_no_news_but_the_newest_revisions_are_stored() -> None:
    store = stored(a_match())
    book = store.book()
    rank(book, "talent", "t", 2)
    rank(book, "job", "j", 1, a_match(talent_revision=2))
    assert told(book) == []
    store.save(book)
    assert store.matches() == {("t", "j"): a_match(talent_revision=2)}
    assert len(store.pages["t", 0].revisions("j")) == 1


def test_what_came_and_went_before_it_was_told_is_nothing() -> None:
    store = Stored()
    book = store.book()
    rank(book, "talent", "t", 1, a_match())
    rank(book, "job", "j", 2)
    assert told(book) == []
    assert store.save(book) == []


def test_who_changed_a_pair_is_the_cause_not_who_confirmed_it() -> None:
    store = stored(a_match())
    book = store.book()
    rank(book, "talent", "t", 2, a_match(score=0.6, talent_revision=2), cause="talent")
    rank(book, "job", "j", 2, a_match(score=0.6, talent_revision=2, job_revision=2), cause="job")
    assert told(book) == [(("t", "j"), "active", 0.6, "talent")]


def test_only_partners_that_were_asked_for_are_over() -> None:
    store = stored(a_match(), a_match(("u", "j")))
    book = store.book()
    book.rank("job", "j", 2, [], {"u", "x"}, "c")
    assert told(book) == [(("u", "j"), "withdrawn", 0.5, "c")]


@pytest.mark.parametrize("older", ["talent_revision", "job_revision"])
@pytest.mark.parametrize("over", [False, True])
def test_a_result_of_an_older_revision_of_either_side_is_refused(older: str, over: bool) -> None:
    store = stored(a_match(talent_revision=5, job_revision=5))
    if over:
        book = store.book()
        rank(book, "talent", "t", 5)
        store.save(book)
    newer = {"talent_revision": 9, "job_revision": 9, older: 4}
    with pytest.raises(OutdatedError):
        rank(store.book(), "talent", "t", 9, a_match(**newer))
    rank(store.book(), "talent", "t", 9, a_match(**{**newer, older: 5}))


def test_another_language_is_no_news_unless_something_else_changed() -> None:
    store = stored(a_match())
    book = store.book()
    rank(book, "job", "j", 1, a_match(language="zh"))
    assert store.save(book) == []
    rank(book, "job", "j", 1, a_match(language="zh", score=0.7))
    (change,) = book.news()
    assert change.match.language == "zh"


def test_a_language_that_changed_on_the_way_is_told_as_it_was() -> None:
    book = stored(a_match()).book()
    rank(book, "talent", "t", 2, a_match(language="zh", score=0.7, talent_revision=2))
    rank(book, "job", "j", 2, a_match(language="zh", score=0.5, talent_revision=2, job_revision=2))
    assert told(book) == []


def test_what_an_earlier_try_told_is_ranked_as_known_and_told_again_whatever_comes_of_it() -> None:
    told_before = {("t", "j"): a_match(score=0.9), ("t", "k"): a_match(("t", "k"))}
    store = stored(a_match())
    book = Book[str](store.book()._pages.values(), told_before)
    assert book.partners("talent", "t") == {"j", "k"}
    rank(book, "talent", "t", 1, a_match())
    assert told(book) == [(("t", "k"), "withdrawn", 0.5, "c"), (("t", "j"), "active", 0.5, "c")]
    store.save(book)
    assert store.matches()["t", "k"].status == "withdrawn"


def test_a_full_page_takes_nothing_new_and_what_is_further_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages_module, "MAX_PAIRS", 2)
    store = stored(*(a_match(("t", f"j{n}")) for n in range(3)))
    book = store.book("t")
    many = [a_match(("t", f"j{n}"), score=0.6) for n in range(9)]
    rank(book, "talent", "t", 1, *many)
    store.save(book)
    assert set(store.pages["t", 0].active) == {"j0", "j1", "j2"}
    assert len(store.pages) > 2
    assert store.book("t").partners("talent", "t") == {f"j{n}" for n in range(9)}
    assert store.matches() == {pair_of(m): m for m in many}
    book = Book[str]([Page.from_document(store.pages["t", 0].to_document())])
    assert [book.lacks(("t", job)) for job in ("j1", "j7")] == [False, True]
    assert book.lacks(("u", "j1"))


# Against a model: a dictionary of pairs.

TALENTS, JOBS = "tuv", "abcd"


class Ranking(NamedTuple):
    """What an entity finds at its newest revision; each asks with newer revisions of all."""

    side: Side
    entity: str
    scores: list[float | None]
    language: Language


def rankings() -> st.SearchStrategy[Ranking]:
    score = st.sampled_from([None, None, 0.5, 0.6, 0.7])
    talent = st.builds(Ranking, st.just("talent"), st.sampled_from(TALENTS), st.lists(score, min_size=4, max_size=4),
                       st.sampled_from(["zh", "en"]))  # fmt: skip
    job = st.builds(Ranking, st.just("job"), st.sampled_from(JOBS), st.lists(score, min_size=3, max_size=3),
                    st.sampled_from(["zh", "en"]))  # fmt: skip
    return talent | job


@given(st.lists(st.lists(rankings(), max_size=6), max_size=6), st.integers(1, 4))
def test_consumers_and_the_store_know_the_same_and_nothing_is_told_in_vain(
    batches: list[list[Ranking]], most: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages_module, "MAX_PAIRS", most)
        patch.setattr(pages_module, "SPREAD", 3)
        store = Stored()
        expected: dict[Pair, float] = {}
        heard: dict[Pair, Match] = {}
        results: dict[Pair, list[tuple[str, float]]] = {}
        now = 0
        for batch in batches:
            book = store.book(TALENTS)
            before = store.matches()
            for ranking in batch:
                now += 1
                others = JOBS if ranking.side == "talent" else TALENTS
                found = []
                for other, score in zip(others, ranking.scores, strict=True):
                    pair = (ranking.entity, other) if ranking.side == "talent" else (other, ranking.entity)
                    expected.pop(pair, None)
                    if score is not None:
                        expected[pair] = score
                        found.append(a_match(pair, score, ranking.language, talent_revision=now, job_revision=now))
                rank(book, ranking.side, ranking.entity, now, *found)
            news: list[Change[str]] = book.news()
            assert len({pair_of(c.match) for c in news}) == len(news)
            for change in news:
                pair = pair_of(change.match)
                assert differs(change.match, before.get(pair))
                assert change.match.status == "active" or before[pair].status == "active"
                heard[pair] = change.match
                results.setdefault(pair, []).append((change.match.status, change.match.score))
            written = store.save(book)
            assert len({(p.talent_id, p.number) for p in written}) == len(written)
            after = store.matches()
            assert {pair: m.score for pair, m in after.items() if m.status == "active"} == expected
            assert {pair for pair, m in heard.items() if m.status == "active"} == expected.keys()
            for pair, match in after.items():
                if match.status == "active":
                    assert not differs(match, heard[pair])
                assert match.talent_revision >= (before[pair].talent_revision if pair in before else 0)
            for page in store.pages.values():
                for job in page.entries():
                    revisions = [(r.status, r.score) for r in page.revisions(job)]
                    assert revisions == results.get((page.talent_id, job), [])[-20:]
                assert (
                    entry_of(match_of(page.talent_id, next(iter(page.entries().values())))) in page.entries().values()
                )
