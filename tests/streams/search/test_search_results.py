"""The judged hits of a search: pages over many candidates, what is near, what was meant."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest

from processors.search.background import Background
from processors.search.bm25 import SparseVector, document_vector
from processors.search.criteria import Criteria
from processors.search.terms import terms
from streams.search.results import CANDIDATES, Asked, Results, best_read, results
from streams.search.store import Found, Known, Page, Query

QUERY = Query([1.0, 0.0], SparseVector([], []), "m")
LIKE, RATHER, UNLIKE = 9.0, 1.0, 0.0


class Records:
    """Candidates in a fixed order; each is a title, a place, and how similar it is."""

    def __init__(self, rows: Sequence[tuple[str, str, float]]) -> None:
        self.rows = rows
        self.asked: list[tuple[Criteria, int]] = []

    async def search(self, kind: Any, query: Query, criteria: Criteria, **given: Any) -> Page:
        offset, limit = given["offset"], given["limit"]
        self.asked.append((criteria, offset))
        fits = [n for n, row in enumerate(self.rows) if not criteria.places or row[1] in criteria.places]
        found = [Found(str(n), 0.0, {"title": self.rows[n][0], "locations": [self.rows[n][1]]}) for n in fits]
        return Page(found[offset : offset + limit], len(fits))

    async def known(self, kind: Any, dense: Any, hits: Sequence[Found]) -> list[Known]:
        rows = [self.rows[int(hit.id)] for hit in hits]
        return [Known(row[2], frozenset(document_vector(row[0]).indices)) for row in rows]


def embed(texts: Sequence[str]) -> Any:
    rows = np.random.default_rng(1).normal(size=(len(texts), 2))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


async def find(records: Records, text: str | None, wanted: int = 10, **criteria: Any) -> Results:
    wants = None if text is None else terms(text)
    asked = Asked("talent", QUERY, wants, Criteria.of(**criteria), "hybrid")
    return await results(records, Background(embed), asked, wanted)


def ids(found: Sequence[Any]) -> list[str]:
    return [judged.hit.id for judged in found]


async def test_what_has_nothing_to_do_with_it_is_no_hit() -> None:
    records = Records([("会计", "berlin", UNLIKE), ("Java 后端", "berlin", LIKE), ("护士", "berlin", UNLIKE)])
    found = await find(records, "Java")
    assert ids(found.hits) == ["1"]
    assert found.hits[0].relevance.band == "strong"
    assert (found.near, found.admitted) == ([], 3)


async def test_strong_matches_come_before_partial_ones_else_the_order_is_kept() -> None:
    rows = [("Java", "berlin", RATHER), ("Java Kafka", "berlin", LIKE), ("Java", "berlin", RATHER)]
    found = (await find(Records(rows), "Java Kafka")).hits
    assert [(j.hit.id, j.relevance.band) for j in found] == [("1", "strong"), ("0", "partial"), ("2", "partial")]


async def test_pages_go_through_all_that_answers_and_end_with_it() -> None:
    rows = [("Java", "berlin", LIKE) if n % 2 else ("会计", "berlin", UNLIKE) for n in range(3 * CANDIDATES)]
    records = Records([*rows, *[("会计", "berlin", UNLIKE)] * 3 * CANDIDATES])
    assert len((await find(records, "Java", 10)).hits) == CANDIDATES // 2
    assert len(records.asked) == 1, "no more is looked at than is wanted"
    found = await find(records, "Java", 1000)
    assert ids(found.hits) == [str(n) for n in range(1, 3 * CANDIDATES, 2)]
    assert max(offset for _, offset in records.asked) == 3 * CANDIDATES, "nor behind what has nothing"


async def test_what_is_near_is_not_looked_for_unless_it_is_wanted() -> None:
    records = Records([("Java 后端", "beijing", LIKE), ("护士", "shanghai", UNLIKE)])
    asked = Asked("talent", QUERY, terms("Java"), Criteria.of(place=["上海"]), "hybrid", near=False)
    found = await results(records, Background(embed), asked, 10)
    assert (found.hits, found.near, len(records.asked)) == ([], [], 1)


async def test_where_the_place_has_none_other_places_are_near() -> None:
    records = Records([("会计", "shanghai", UNLIKE), ("Java", "berlin", LIKE)])
    found = await find(records, "Java", place=["上海"])
    assert found.hits == []
    assert [(j.hit.id, j.relevance.band, j.outside) for j in found.near] == [("1", "near", ("place",))]
    assert (await find(records, "宇航员", place=["上海"])).near == []


async def test_what_is_like_a_record_is_judged_by_likeness_alone() -> None:
    found = await find(Records([("会计", "berlin", LIKE), ("Java", "berlin", UNLIKE)]), None)
    assert ids(found.hits) == ["0"]


async def test_what_was_meant_is_searched_only_if_it_finds_more() -> None:
    records = Records([("Python", "berlin", LIKE)])
    asked: list[str] = []

    async def look(text: str) -> Results:
        asked.append(text)
        return await find(records, text)

    text, found = await best_read("Pyhton", look)
    assert (text, ids(found.hits), asked) == ("python", ["0"], ["Pyhton", "python"])
    asked.clear()
    assert (await best_read("Python", look))[0] == "Python"
    assert (await best_read("kuberntes", look))[0] == "kuberntes"
    assert asked == ["Python", "kuberntes", "kubernetes"]


async def test_what_was_meant_may_be_elsewhere() -> None:
    text, found = await best_read("Pyhton", partial(find, Records([("Python", "berlin", LIKE)]), place=["上海"]))
    assert (text, ids(found.hits), ids(found.near)) == ("python", [], ["0"])


@pytest.mark.parametrize("limit", [1, 10, 10_000])
async def test_nothing_is_found_in_nothing(limit: int) -> None:
    found = await find(Records([]), "Java", limit, place=["上海"])
    assert (found.hits, found.near, found.admitted) == ([], [], 0)
