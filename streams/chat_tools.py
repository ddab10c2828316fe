"""What answers look things up with: search, matches, records, feedback and advice, of the generation that is active."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date

from processors.advice.quality import assess
from processors.chat.conversation import Shown
from processors.chat.facts import Card, Kind
from processors.chat.plan import Plan, Without
from processors.lexicon.places import places
from processors.matching.filters import OPEN_STATUSES
from processors.resume.parse import parse_resume
from processors.skills import normalise
from schemas.chat import Participant
from schemas.entities import Entity, Side
from schemas.feedback import FeedbackOutcome
from schemas.messages import Match
from sinks.feedback import FEEDBACK
from sinks.lookup import having
from sinks.matches import MatchStore
from sinks.mongodb import COLLECTIONS, Database
from streams.generations.generation import ActiveView, Generation
from streams.search.cache import Answer
from streams.search.request import Request, SearchError

SEARCHED = 20
"""Hits that are asked for, since some are excluded afterwards."""
MAX_OUTCOMES = 20
_RESUME_CHARACTERS = 50_000

Search = Callable[[Request], Awaitable[Answer]]


class Tools:
    """Reads only. Who may see what is decided before anything is asked here."""

    def __init__(self, base: Database, search: Search) -> None:
        self._base = base
        self._view = ActiveView(base)
        self._search = search

    async def find(self, plan: Plan) -> list[Card]:
        """Return the records that a search finds, best first, as they are stored now."""
        kind: Side = "job" if plan.goal == "jobs" else "talent"
        if not plan.query:
            return []
        request = Request(kind, plan.query, criteria=plan.criteria, limit=SEARCHED + len(plan.behind), near=False)
        try:
            answer = await self._search(request)
        except SearchError:
            return []
        cards = await self.cards(kind, [hit["id"] for hit in answer["hits"] if hit["id"] not in plan.behind])
        return [card for card in cards if not _has_any(card, plan.without)]

    async def cards(self, entity: Entity, ids: Sequence[str]) -> list[Card]:
        """Return records in the order of their ids; one that is gone is left out."""
        database = await self._database()
        stored = having(
            database[COLLECTIONS[entity]], "_id", ids, also={"deleted": False}, only={"fields": 1, "revision": 1}
        )
        found = {d["_id"]: Card(_kind(entity), d["_id"], d["revision"], d["fields"]) async for d in stored}
        return [found[id] for id in ids if id in found]

    async def card(self, shown: Shown) -> Card | None:
        """Return one record; None if it is gone."""
        return next(iter(await self.cards(shown.entity, [shown.id])), None)

    async def employer(self, job: Card) -> Card | None:
        """Return the company record that a job names by id."""
        company = job.fields.get("company_id")
        return next(iter(await self.cards("company", [company])), None) if isinstance(company, str) else None

    async def match(self, talent_id: str, job_id: str) -> Match | None:
        """Return the newest result of a pair."""
        pairs = [(talent_id, job_id)]
        return (await MatchStore(await self._database()).newest(pairs)).get(pairs[0])

    async def matched(self, subject: Shown, ids: Sequence[str]) -> list[Card]:
        """Return what is open and still a match of a talent (jobs) or of an open job (talents), of these ids."""
        other: Side = "job" if subject.entity == "talent" else "talent"
        pairs = [(subject.id, id) if other == "job" else (id, subject.id) for id in ids]
        newest = await MatchStore(await self._database()).newest(pairs)
        active = [id for pair, id in zip(pairs, ids, strict=True) if _is_active(newest.get(pair))]
        return [c for c in await self.cards(other, active) if _is_open(other, c)]

    async def available(self, talent_ids: Sequence[str]) -> list[Card]:
        """Return those of the talents who may be told of."""
        return [card for card in await self.cards("talent", talent_ids) if _is_open("talent", card)]

    async def best_match(self, shown: Shown) -> Match | None:
        """Return the best active match of a record."""
        return next(iter(await MatchStore(await self._database()).of(shown.entity, shown.id, limit=1)), None)

    async def match_for(self, participant: Participant, shown: Shown) -> Match | None:
        """Return a candidate's match with a job; for a recruiter, a record's best match."""
        if participant.kind == "candidate":
            return await self.match(participant.id or "", shown.id)
        return await self.best_match(shown)

    async def outcomes(self, talent_id: str) -> list[tuple[Card, FeedbackOutcome, str]]:
        """Return what became of a talent's matches, the newest first: the job, the last word, and its day."""
        words: list[tuple[str, FeedbackOutcome, str]] = []
        async for d in self._base[FEEDBACK].find({"talent_id": talent_id}).limit(200):
            last = max(d["said"], key=lambda s: (s["time"], s["event_id"]))
            words.append((d["job_id"], last["outcome"], str(last["time"])[:10]))
        words.sort(key=lambda w: w[2], reverse=True)
        cards = {c.id: c for c in await self.cards("job", [job for job, _, _ in words[:MAX_OUTCOMES]])}
        return [(cards[job], outcome, day) for job, outcome, day in words if job in cards]

    async def advice(self, talent: Card, today: date) -> list[str]:
        """Return what the quality rules say of a talent's own resume; nothing if there is none."""
        text = talent.fields.get("resume_text")
        if not isinstance(text, str) or not text.strip():
            return []
        return await asyncio.to_thread(_advice, text[:_RESUME_CHARACTERS], today)

    async def _database(self) -> Database:
        return Generation((await self._view.get()).generation).database(self._base)


def _advice(text: str, today: date) -> list[str]:
    profile = parse_resume(text, today=today)
    return [each.text for each in assess(profile, text, today).advice]


def _is_active(match: Match | None) -> bool:
    return match is not None and match.status == "active"


def _is_open(side: Side, card: Card) -> bool:
    return card.fields.get("status") in (None, *OPEN_STATUSES[side])


def _kind(entity: Entity) -> Kind:
    if entity not in ("talent", "job", "company"):
        raise ValueError(f"answers do not speak of {entity}")
    return entity


def _has_any(card: Card, without: Without) -> bool:
    """Whether a record has a skill, place or company that is excluded; one with another place, too, stays."""
    company = str(card.fields.get("company") or "").casefold()
    there = set(places(card.fields.get("locations") or ()))
    return (
        bool({name.casefold() for name in without.skills} & _skill_names(card))
        or bool(there and there <= set(without.places))
        or any(name.casefold() in company for name in without.companies)
    )


def _skill_names(card: Card) -> set[str]:
    names = [s["name"] for s in card.fields.get("skills") or () if s.get("name")]
    return {(normalise(name) or name).casefold() for name in names}
