"""A page is stored as it is; its logs forget only what they may."""

from typing import Any

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.matching import frames
from processors.matching.frames import Log
from processors.matching.history import revision_of
from processors.matching.pages import MAX_PAIRS, SPREAD, Page, entry_of, further_page, match_of, page_ids
from schemas.history import MAX_REVISIONS
from schemas.messages import Match, MatchFeature


def a_match(job: str = "j", **more: Any) -> Match:
    feature = MatchFeature(name="skills", score=0.5, weight=1, contribution=0.5, reason="熟悉\tPython\n\u2028“所有”")
    found = Match(talent_id="t", job_id=job, talent_revision=1, job_revision=1, status="active", score=0.5,
                  language="zh", features=[feature], model="m")  # fmt: skip
    return found.model_copy(update=more)


def put(page: Page, *matches: Match) -> None:
    page.put([entry_of(m) for m in matches], [(m.job_id, revision_of(m, time="t", cause=None)) for m in matches])


def read_back(page: Page) -> Page:
    return Page.from_document(bson.decode(bson.encode(page.to_document())))


def test_a_match_comes_back_as_it_was() -> None:
    match = a_match(score=0.123456)
    assert match_of("t", entry_of(match)) == match
    assert Match.model_validate(match_of("t", entry_of(match)).model_dump()) == match


def test_what_is_over_is_kept_apart_and_comes_back() -> None:
    page = Page("t")
    put(page, a_match("a"), a_match("b"))
    put(page, a_match("a", status="withdrawn", talent_revision=2))
    again = read_back(page)
    assert list(again.active) == ["b"]
    assert {job: entry["status"] for job, entry in again.entries().items()} == {"a": "withdrawn", "b": "active"}
    assert again.get("a") == entry_of(a_match("a", status="withdrawn", talent_revision=2))
    assert again.get("c") is None
    assert [r.status for r in again.revisions("a")] == ["active", "withdrawn"]
    put(again, a_match("a", talent_revision=3))
    assert read_back(again).get("a") == entry_of(a_match("a", talent_revision=3))
    assert again.version == 3


def test_page_0_is_full_for_good_and_further_pages_never() -> None:
    first, further = Page("t"), Page("t", 7)
    for page in (first, further):
        put(page, *(a_match(f"j{n}") for n in range(MAX_PAIRS)))
        put(page, *(a_match(f"j{n}", status="withdrawn") for n in range(MAX_PAIRS)))
    assert (read_back(first).full, read_back(further).full) == (True, False)
    assert {further_page(f"j{n}") for n in range(5000)} == set(range(1, SPREAD + 1))
    assert len(page_ids("t")) == SPREAD + 1


keys = st.sampled_from(["a", "b", "c"])
texts = st.text(st.characters(exclude_characters="\t\n", exclude_categories=["Cs"]), max_size=5)


@given(st.lists(st.lists(st.tuples(keys, texts), min_size=1, max_size=4), max_size=60), st.integers(1, 4))
def test_a_log_keeps_the_last_of_each_key_in_order(added: list[list[tuple[str, str]]], keep: int) -> None:
    log = Log()
    for lines in added:
        log = Log(list(log.frames))
        log.add(lines, keep)
        assert len(log.frames) <= frames.MAX_FRAMES
    everything = [line for lines in added for line in lines]
    found = list(log)
    for key in "abc":
        own = [text for k, text in found if k == key]
        said = [text for k, text in everything if k == key]
        assert own == said[len(said) - len(own) :]
        assert len(own) >= min(keep, len(said))


def test_a_log_holds_no_more_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "MAX_BYTES", 2000)
    log = Log()
    for number in range(2000):
        log.add([(f"j{number}", f"{number * 7919:x}" * 3)], keep=1)
    assert sum(map(len, log.frames)) < 3000
    assert list(log)[-1][0] == "j1999"


def test_a_pair_has_its_last_results_and_no_more() -> None:
    page = Page("t")
    for number in range(3 * MAX_REVISIONS):
        put(page, a_match("a", talent_revision=number))
        page = read_back(page)
    assert [r.talent_revision for r in page.revisions("a")] == list(range(2 * MAX_REVISIONS, 3 * MAX_REVISIONS))
