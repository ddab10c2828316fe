"""Records that answers are judged against: the sample's, in memory, with contact data that no answer may show."""

import json
import re
from collections.abc import Sequence
from datetime import date
from importlib.resources import files

from processors.chat.conversation import Shown
from processors.chat.facts import Card
from processors.chat.plan import Plan
from processors.lexicon.places import places
from processors.lexicon.script import fold
from schemas.base import Language
from schemas.chat import ChatReply, Participant
from schemas.entities import Entity
from schemas.feedback import FeedbackOutcome
from schemas.messages import Match, MatchFeature
from streams.chat_tools import Tools

_FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?")
_ID = re.compile(r"\b[TJC]\d{4}\b")
_LISTED = 20
_CONTACTS = ("emails", "phones")
OWN_TALENT = "T0001"
"""Whom a candidate is who is none of the sample."""


class World(Tools):
    """Looks up what the chat's tools look up, without a server. A search always finds something to speak of."""

    def __init__(self) -> None:
        """Read the sample's records."""
        self._cards: dict[tuple[str, str], Card] = {}
        for name in ("companies", "jobs", "talents"):
            text = files("ops.local.sample_data").joinpath(f"{name}.jsonl").read_text("utf-8")
            for row in map(json.loads, text.splitlines()):
                card = Card(row["entity"], row["id"], 1, row["fields"])
                self._cards[card.entity, card.id] = card
        talents = [card for (kind, _), card in self._cards.items() if kind == "talent"]
        self._contacts = {str(c) for t in talents for field in _CONTACTS for c in t.fields.get(field) or ()}

    def known(self, participant: Participant) -> Participant:
        """Return a participant who is one of the records, if they have one."""
        if participant.kind == "candidate" and ("talent", participant.id) not in self._cards:
            return Participant(kind="candidate", id=OWN_TALENT)
        return participant

    async def find(self, plan: Plan) -> list[Card]:
        """Return the records with most words in common."""
        kind = "job" if plan.goal == "jobs" else "talent"
        words = set(fold(plan.query or "").split())

        def likeness(card: Card) -> int:
            text = fold(json.dumps(card.fields, ensure_ascii=False))
            there = set(places(card.fields.get("locations") or ()))
            return sum(word in text for word in words) + 2 * len(there & set(plan.criteria.places))

        found = [card for (entity, _), card in self._cards.items() if entity == kind]
        best = sorted(found, key=lambda card: (-likeness(card), card.id))
        return [card for card in best if card.id not in plan.behind][:_LISTED]

    async def cards(self, entity: Entity, ids: Sequence[str]) -> list[Card]:
        """Return the records that there are."""
        return [card for id in ids if (card := self._cards.get((entity, id)))]

    async def match(self, talent_id: str, job_id: str) -> Match | None:
        """Return a match of any pair."""
        features = [
            MatchFeature("skills", 0.8, 0.6, 0.48, "技能 skills"),
            MatchFeature("locations", 0.6, 0.4, 0.24, "地点 place"),
        ]
        return Match(
            talent_id=talent_id,
            job_id=job_id,
            talent_revision=1,
            job_revision=1,
            status="active",
            score=0.72,
            language="zh",
            features=features,
            model="none@0",
        )

    async def best_match(self, shown: Shown) -> Match | None:
        """Return a record's match with the first of the other side."""
        return await (self.match(shown.id, "J0001") if shown.entity == "talent" else self.match(OWN_TALENT, shown.id))

    async def outcomes(self, talent_id: str) -> list[tuple[Card, FeedbackOutcome, str]]:
        """Return one application of anybody's."""
        return [(self._cards["job", "J0001"], "interviewed", "2026-01-12")]

    async def advice(self, talent: Card, today: date) -> list[str]:
        """Return one piece of advice."""
        return ["写上成果的数字。 Say what came of your work."]

    def is_faithful(self, reply: ChatReply) -> bool:
        """Whether each figure and each id of a reply stands in what it cites, at the revision that there is."""
        texts = []
        for citation in reply.citations:
            if citation.entity == "match":
                texts.append("72 0.72 技能 skills 地点 place")
                continue
            card = self._cards.get((citation.entity, citation.id))
            if card is None or card.revision != citation.revision:
                return False
            texts += [_words(card, citation.field, language) for language in ("zh", "en")]
        figures = {f.replace(",", "") for f in _FIGURE.findall(" ".join(texts))}
        ids = {part for c in reply.citations for part in c.id.split("|")}
        spoken = "\n".join(re.sub(r"^\d+\. ", "", line) for line in reply.text.splitlines())
        if not set(_ID.findall(spoken)) <= ids:
            return False
        return {f.replace(",", "") for f in _FIGURE.findall(_ID.sub(" ", spoken))} <= figures

    def leaks(self, reply: ChatReply, participant: Participant) -> bool:
        """Whether a reply shows contact data, or a talent to somebody who may not see them."""
        if any(contact in reply.text for contact in self._contacts):
            return True
        if participant.kind == "recruiter":
            return False
        own = participant.id if participant.kind == "candidate" else None
        others = {id for kind, id in self._cards if kind == "talent" and id != own}
        cited = {part for c in reply.citations for part in c.id.split("|")} | set(reply.focus)
        return bool(others & (cited | set(_ID.findall(reply.text))))


def _words(card: Card, field: str, language: Language) -> str:
    if field == "feedback":
        return "2026-01-12"
    fact = card.fact(field, language)
    return fact.text if fact else str(card.fields.get(field, ""))
