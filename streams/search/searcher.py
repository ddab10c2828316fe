"""Search as one call: the query embedded, the stores asked, the texts highlighted; what `looma search` prints."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar

import numpy as np
from qdrant_client.http.exceptions import UnexpectedResponse

from processors.embedding.model import EmbeddingModel
from processors.embedding.resume_parts import resume_parts
from processors.embedding.texts import record_text
from processors.embedding.trial import Seen
from processors.search.background import Background
from processors.search.bm25 import query_vector
from processors.search.criteria import Kind
from processors.search.exclusions import parted
from processors.search.highlight import highlight
from processors.search.relevance import in_title
from processors.search.rerank import RERANKED, rerank
from processors.search.terms import GENERIC, Term, terms, unwanted
from sinks.mongodb import COLLECTIONS, Database
from sinks.vector_index import PART
from streams.search.request import Request, SearchError
from streams.search.results import Asked, Judged, Results, best_read, results
from streams.search.store import Found, Query, SearchStore, window

Result = TypeVar("Result")
MAX_QUERY_CHARACTERS = 1000
FACET_VALUES = 10
_NAMES = {"talent": "talent", "job": "job", "resume": "a resume of talent"}
_SHOWN = (
    "title", "locations", "years", "years_max", "education_rank", "salary_min", "salary_max", "language", "seniority",
    "status", "updated",
)  # fmt: skip


class Searcher:
    """Searches the records and vectors of one generation."""

    def __init__(self, store: SearchStore, database: Database, model: EmbeddingModel) -> None:
        self._store = store
        self._database = database
        self._model = model
        self._background: Background | None = None
        # Its own, so that no other model's work is waited for; the threads end when nobody has the searcher any more.
        self._threads = ThreadPoolExecutor(thread_name_prefix="search")

    async def search(self, request: Request) -> dict[str, Any]:
        """Return a page as JSON: hits with highlights, facets, how many the criteria admit. Raises SearchError."""
        return (await self.seen(request)).answer

    async def seen(self, request: Request) -> Seen[dict[str, Any]]:
        """Return the same with what tells of the model: the vector that was searched for, the hits."""
        try:
            return await self._seen(request)
        except UnexpectedResponse as error:
            if error.status_code != HTTPStatus.NOT_FOUND:
                raise
            raise SearchError("nothing is indexed yet: start `looma worker`, or see `looma index create`") from error

    async def _seen(self, request: Request) -> Seen[dict[str, Any]]:
        if request.page * request.limit > window(request.kind):
            raise SearchError(f"a page must lie within the first {window(request.kind):,}")
        text = request.text.strip()[:MAX_QUERY_CHARACTERS]
        if request.like is not None:
            text = ""
            like = await self._store.like(request.kind, request.like)
            if like is None:
                raise SearchError(f"there is no vector of {_NAMES[request.kind]} {request.like}")
            found = await self._results(request, like, None)
        elif text:
            text, found = await best_read(text, partial(self._found, request))
        else:
            raise SearchError("say what to look for, or give the id of what it should be like")
        query = found.query
        offset = (request.page - 1) * request.limit
        if request.rerank and text and offset < RERANKED:
            found = replace(found, hits=await self._reranked(request.kind, text, found))
        hits = found.hits[offset : offset + request.limit]
        near = found.near[: request.limit - len(hits)] if request.page == 1 else []
        texts = await self._texts(request.kind, [judged.hit for judged in (*hits, *near)])
        facets = await asyncio.gather(
            *(self._store.facet(request.kind, f, request.criteria, query.model, FACET_VALUES) for f in request.facets)
        )
        shown = [_hit(j, t, text) for j, t in zip((*hits, *near), texts, strict=True)]
        answer = {
            "mode": request.mode,
            "page": request.page,
            "admitted": found.admitted,
            "model": query.model,
            "searched": text,
            "hits": shown[: len(hits)],
            "near": shown[len(hits) :],
            "facets": {
                name: [{"value": value, "count": count} for value, count in counted]
                for name, counted in zip(request.facets, facets, strict=True)
            },
        }
        vectors = np.array([query.dense], dtype=np.float32)
        return Seen(answer, vectors, [judged.hit.id for judged in hits])

    async def _found(self, request: Request, text: str) -> Results:
        wanted = parted(text)[0]
        vector = (await self._aside(self._model.embed, [wanted]))[0]
        query = Query(vector.tolist(), query_vector(wanted), self._model.version)
        if not any(map(str.isalpha, text)):
            return Results(query, [], [], 0, frozenset())
        return await self._results(request, query, terms(text), unwanted(text))

    async def _results(
        self, request: Request, query: Query, wanted: tuple[Term, ...] | None, unwanted: tuple[Term, ...] = ()
    ) -> Results:
        if self._background is None:
            self._background = await self._aside(Background, self._model.embed)
        exclude = (request.like,) if request.like else ()
        asked = Asked(request.kind, query, wanted, request.criteria, request.mode, exclude, request.near, unwanted)
        return await results(self._store, self._background, asked, request.page * request.limit)

    async def _reranked(self, kind: Kind, text: str, found: Results) -> list[Judged]:
        """Return the hits with the first RERANKED in the order of their best lines."""
        best = found.hits[:RERANKED]
        texts = await self._texts(kind, [judged.hit for judged in best])
        order = await self._aside(rerank, text, np.array(found.query.dense, dtype=np.float32), texts, self._model.embed)
        return [best[i] for i in order] + found.hits[RERANKED:]

    async def _aside(self, work: Callable[..., Result], *arguments: Any) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    async def _texts(self, kind: Kind, hits: Sequence[Found]) -> list[str]:
        """Return the texts that were found, from the source records; of a resume, the best part's."""
        if not hits:
            return []
        collection = COLLECTIONS["job" if kind == "job" else "talent"]
        cursor = self._database[collection].find({"_id": {"$in": [hit.id for hit in hits]}}, {"fields": 1})
        fields = {d["_id"]: d.get("fields") or {} async for d in cursor}
        return [_text(kind, hit, fields.get(hit.id, {})) for hit in hits]


def _text(kind: Kind, hit: Found, fields: Mapping[str, Any]) -> str:
    if kind != "resume":
        return record_text(kind, fields)
    number = int(hit.payload[PART])
    return "".join(resume_parts(fields)[number : number + 1])  # none, if the resume has just become shorter


def _hit(judged: Judged, text: str, query: str) -> dict[str, Any]:
    hit, relevance = judged.hit, judged.relevance
    fragment, title = highlight(text, query), str(hit.payload.get("title") or "")
    return {
        "id": hit.id,
        "score": round(hit.score, 6),
        "band": relevance.band,
        "probability": round(relevance.probability, 3),
        "outside": list(judged.outside),
        "matched": [{"kind": _where(t, title), "text": t.text} for t in relevance.covered if t.weight > GENERIC],
        "missing": [{"kind": t.kind, "text": t.text} for t in relevance.missing],
        **{name: hit.payload.get(name) for name in _SHOWN},
        "highlight": {"text": fragment.text, "spans": [list(span) for span in fragment.spans]},
    }


def _where(term: Term, title: str) -> str:
    """Return what of a record a term is in: its skills, its places, its title, or else its text, as a `word`."""
    return "title" if term.kind == "word" and in_title(term, title) else term.kind
