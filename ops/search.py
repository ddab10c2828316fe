"""Search as one call: the query embedded, the stores asked, the texts highlighted; what `looma search` prints."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from processors.embedding.model import EmbeddingModel
from processors.embedding.texts import record_text
from processors.search.bm25 import query_vector
from processors.search.criteria import Criteria
from processors.search.highlight import highlight
from processors.search.rerank import RERANKED, rerank
from sinks.mongodb import COLLECTIONS, Database
from sinks.qdrant import Side
from sinks.search import Found, Mode, Page, Query, SearchStore

MAX_QUERY_CHARACTERS = 1000
FACET_VALUES = 10
_SHOWN = (
    "title", "locations", "years", "years_max", "education_rank", "salary_min", "salary_max", "language", "seniority",
    "status", "updated",
)  # fmt: skip


class SearchError(Exception):
    """The search cannot be made as asked; the text says why."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is looked for: `text`, or what is like the entity `like`."""

    side: Side
    text: str = ""
    like: str | None = None
    mode: Mode = "hybrid"
    criteria: Criteria = field(default_factory=Criteria)
    limit: int = 10
    page: int = 1
    facets: tuple[str, ...] = ()
    rerank: bool = False


class Searcher:
    """Searches the records and vectors of one generation."""

    def __init__(self, store: SearchStore, database: Database, model: EmbeddingModel) -> None:
        self._store = store
        self._database = database
        self._model = model

    async def search(self, request: Request) -> dict[str, Any]:
        """Return a page as JSON: hits with highlights, facets, how many the criteria admit. Raises SearchError."""
        text = request.text.strip()[:MAX_QUERY_CHARACTERS]
        if request.like is not None:
            query = await self._store.like(request.side, request.like)
            if query is None:
                raise SearchError(f"there is no vector of {request.side} {request.like}")
        elif text:
            vector = (await asyncio.to_thread(self._model.embed, [text]))[0]
            query = Query(vector.tolist(), query_vector(text), self._model.version)
        else:
            raise SearchError("say what to look for, or give the id of what it should be like")
        try:
            page = await self._page(request, query, text)
        except ValueError as error:
            raise SearchError(str(error)) from error
        texts = await self._texts(request.side, [hit.id for hit in page.hits])
        facets = await asyncio.gather(
            *(self._store.facet(request.side, f, request.criteria, query.model, FACET_VALUES) for f in request.facets)
        )
        return {
            "mode": request.mode,
            "page": request.page,
            "admitted": page.admitted,
            "model": query.model,
            "hits": [_hit(hit, texts.get(hit.id, ""), text) for hit in page.hits],
            "facets": {
                name: [{"value": value, "count": count} for value, count in found]
                for name, found in zip(request.facets, facets, strict=True)
            },
        }

    async def _page(self, request: Request, query: Query, text: str) -> Page:
        """Return the page; reranked, it is cut from the best RERANKED, and what follows them stays as it is."""
        offset = (request.page - 1) * request.limit
        again = request.rerank and text and offset < RERANKED
        start, size = (0, max(RERANKED, offset + request.limit)) if again else (offset, request.limit)
        page = await self._store.search(
            request.side,
            query,
            request.criteria,
            mode=request.mode,
            limit=size,
            offset=start,
            exclude=[request.like] if request.like else (),
        )
        if not again:
            return page
        best, rest = page.hits[:RERANKED], page.hits[RERANKED:]
        texts = await self._texts(request.side, [hit.id for hit in best])
        vector = await asyncio.to_thread(self._model.embed, [text])
        order = await asyncio.to_thread(
            rerank, text, vector[0], [texts.get(hit.id, "") for hit in best], self._model.embed
        )
        hits = [best[i] for i in order] + rest
        return replace(page, hits=hits[offset : offset + request.limit])

    async def _texts(self, side: Side, ids: Sequence[str]) -> dict[str, str]:
        """Return the texts that were indexed, from the golden records."""
        if not ids:
            return {}
        cursor = self._database[COLLECTIONS[side]].find({"_id": {"$in": list(ids)}}, {"fields": 1})
        return {d["_id"]: record_text(side, d.get("fields") or {}) async for d in cursor}


def _hit(hit: Found, text: str, query: str) -> dict[str, Any]:
    fragment = highlight(text, query)
    return {
        "id": hit.id,
        "score": round(hit.score, 6),
        **{name: hit.payload.get(name) for name in _SHOWN},
        "highlight": {"text": fragment.text, "spans": [list(span) for span in fragment.spans]},
    }
