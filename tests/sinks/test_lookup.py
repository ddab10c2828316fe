"""Looking for many values: how they are divided among queries, and what is made of a document that comes twice."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from sinks.identities import IDENTITIES, MAX_BLOCK, IdentityStore
from sinks.lookup import AT_ONCE, having


class Collection:
    """Answers queries for one of many values, as a server does; remembers how many each named."""

    def __init__(self, *documents: dict[str, Any]) -> None:
        self.documents = documents
        self.asked: list[int] = []

    async def find(self, query: dict[str, Any], only: dict[str, Any] | None) -> AsyncIterator[dict[str, Any]]:
        (field, wanted), *also = [(k, v) for k, v in query.items() if isinstance(v, dict)]
        assert not also
        self.asked.append(len(wanted["$in"]))
        for document in self.documents:
            own = document[field] if isinstance(document[field], list) else [document[field]]
            if set(own) & set(wanted["$in"]) and all(document[k] == v for k, v in query.items() if k != field):
                yield document


@pytest.mark.parametrize("count", [0, 1, AT_ONCE, AT_ONCE + 1, 3 * AT_ONCE])
async def test_every_document_comes_once_and_no_query_names_more_values_than_it_may(count: int) -> None:
    stored: Any = Collection(*({"_id": n, "kind": n % 2} for n in range(200)))
    assert [d["_id"] async for d in having(stored, "_id", range(count))] == list(range(count))
    assert sum(stored.asked) == count
    assert max(stored.asked, default=0) <= AT_ONCE
    odd = [d["_id"] async for d in having(stored, "_id", iter(range(count)), also={"kind": 1})]
    assert odd == list(range(1, count, 2))


async def test_a_record_whose_keys_are_asked_for_in_several_queries_counts_once() -> None:
    """Were it counted once a query, its keys would soon be of more records than may share one."""
    keys = [f"k{n:03}" for n in range(3 * AT_ONCE)]
    records = [{"entity": "talent", "record": f"r{n}", "keys": keys} for n in range(MAX_BLOCK)]
    database: Any = {IDENTITIES: Collection(*records)}
    store = IdentityStore(database, "talent")
    shared = await store.sharing({"new": keys})
    assert shared == {"new": {f"r{n}" for n in range(MAX_BLOCK)}}
