"""What rankings change in stored matches: each pair once, whichever side was ranked, and however often."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from processors.matching.history import revision_of
from processors.matching.pages import Entry, Page, entry_of, further_page, match_of
from processors.matching.ranking import Pair, in_language_of, pair_of, partner_in, scores_alike, withdrawn
from schemas.base import Language
from schemas.entities import Side
from schemas.history import MatchRevision
from schemas.messages import Match

C = TypeVar("C")
_REVISIONS = ("talent_revision", "job_revision")


class OutdatedError(Exception):
    """A ranking is of older revisions than what is stored: read again and rank again."""


class Found(Protocol):
    """A pair that a ranking has found. `ranking.Scored` is one: its reasons are put into words when it is asked."""

    @property
    def pair(self) -> Pair:
        """Whose it is."""
        ...

    @property
    def language(self) -> Language:
        """The language of the side that asks."""
        ...

    def match(self, language: Language | None = None) -> Match:
        """Return the match, worded in a language: by default in that of the side that asks."""
        ...


@dataclass(frozen=True, slots=True)
class Change(Generic[C]):
    """The newest result of a pair, and what brought about what is new in it."""

    match: Match
    entry: Entry
    cause: C


class Book(Generic[C]):
    """Pages as they were loaded, and what rankings have changed since. `C` is what changes are put down to.

    Every pair that is ranked has its page in it, stored or still empty: page 0 of the talent and, if that is full, the
    further one of the job.
    `told` are results that an earlier try may have published and has not stored: they are ranked as if they were there,
    and whatever comes of them is told.
    """

    def __init__(self, pages: Iterable[Page], told: Mapping[Pair, Match] | None = None) -> None:
        self._pages: dict[tuple[str, int], Page] = {}
        self._told = told or {}
        self._changed: dict[Pair, Change[C]] = {}
        self._confirmed: dict[Pair, C] = {}
        self._partners: Mapping[Side, dict[str, set[str]]] = {"talent": {}, "job": {}}
        self.add(pages)
        for pair, match in self._told.items():
            if match.status == "active":
                self._join(pair)

    def add(self, pages: Iterable[Page]) -> None:
        """Add pages; one that is there already stays as it was when it was loaded first."""
        for page in pages:
            if (page.talent_id, page.number) not in self._pages:
                self._pages[page.talent_id, page.number] = page
                for job_id in page.active:
                    self._join((page.talent_id, job_id))

    def lacks(self, pair: Pair) -> bool:
        """Whether a page of the pair has still to be added."""
        first = self._pages.get((pair[0], 0))
        return first is None or (
            first.full and not first.get(pair[1]) and (pair[0], further_page(pair[1])) not in self._pages
        )

    def partners(self, side: Side, entity_id: str) -> frozenset[str]:
        """Return whom an entity is matched with as things stand."""
        return frozenset(self._partners[side].get(entity_id, ()))

    def rank(
        self, side: Side, entity_id: str, revision: int, found: Iterable[Found], asked: Collection[str], cause: C
    ) -> None:
        """Take `found` for the matches that an entity has at `revision`; those of `asked` that are missing are over.

        Raises OutdatedError if anything was found in an older revision than what is known of the pair.
        """
        still = set()
        for each in found:
            still.add(partner_in(side, each.pair))
            before = self._known(each.pair)
            match = _in_words(each, before)
            if before and any(before[name] > getattr(match, name) for name in _REVISIONS):
                raise OutdatedError
            self._put(match, cause)
        for partner in sorted(self.partners(side, entity_id).intersection(asked) - still):
            pair = (entity_id, partner) if side == "talent" else (partner, entity_id)
            if before := self._known(pair):
                self._put(withdrawn(side, match_of(pair[0], before), revision), cause)

    def news(self) -> list[Change[C]]:
        """Return what consumers need to hear of: against what was loaded, so that there and back again is nothing."""
        settled = self._settled()
        news = [change for pair, change in settled.items() if self._is_news(pair, change.entry)]
        for pair, cause in self._confirmed.items():
            if pair not in settled and (entry := self._loaded(pair)):
                news.append(Change(match_of(pair[0], entry), entry, cause))
        return news

    def written(self, time: str, event_of: Callable[[C], str | None]) -> list[Page]:
        """Return the pages that are to be stored, changed; what is news joins the history as published at `time`.

        To be called once, at the end.
        """
        entries: dict[tuple[str, int], list[Entry]] = {}
        revisions: dict[tuple[str, int], list[tuple[str, MatchRevision]]] = {}
        for pair, change in self._settled().items():
            page = self._page(pair)
            before = page.get(pair[1])
            if change.entry == before:
                continue
            place = (page.talent_id, page.number)
            entries.setdefault(place, []).append(change.entry)
            if self._is_news(pair, change.entry):
                revision = revision_of(change.match, time=time, cause=event_of(change.cause))
                revisions.setdefault(place, []).append((pair[1], revision))
        for place, changed in entries.items():
            self._pages[place].put(changed, revisions.get(place, ()))
        return [self._pages[place] for place in entries]

    def _settled(self) -> dict[Pair, Change[C]]:
        """Return the changes, without pairs that came and went, in the words that are stored where these say it all."""
        found = {}
        for pair, change in self._changed.items():
            before = self._loaded(pair)
            if before and before["language"] != change.entry["language"]:
                match = in_language_of(change.match, match_of(pair[0], before))
                change = Change(match, entry_of(match), change.cause)
            if before or change.entry["status"] == "active" or pair in self._told:
                found[pair] = change
        return found

    def _put(self, match: Match, cause: C) -> None:
        entry = entry_of(match)
        pair = pair_of(match)
        if pair in self._told:
            self._confirmed[pair] = cause
        known = self._changed.get(pair)
        if entry == (known.entry if known else self._loaded(pair)):
            return
        if known and not _differs(entry, known.entry):
            cause = known.cause
        self._changed[pair] = Change(match, entry, cause)
        if match.status == "active":
            self._join(pair)
        else:
            self._partners["talent"][pair[0]].discard(pair[1])
            self._partners["job"][pair[1]].discard(pair[0])

    def _join(self, pair: Pair) -> None:
        self._partners["talent"].setdefault(pair[0], set()).add(pair[1])
        self._partners["job"].setdefault(pair[1], set()).add(pair[0])

    def _is_news(self, pair: Pair, entry: Entry) -> bool:
        """Whether consumers need to hear of a result: not of revisions alone, nor that what was over is over."""
        before = self._loaded(pair)
        if before is None or pair in self._told:
            return True
        return "active" in (entry["status"], before["status"]) and _differs(entry, before)

    def _known(self, pair: Pair) -> Entry | None:
        """Return the newest result of a pair as things stand."""
        if changed := self._changed.get(pair):
            return changed.entry
        loaded, told = self._loaded(pair), self._told.get(pair)
        if told is None:
            return loaded
        # Whatever is told next is newer than that.
        newest = {name: max(getattr(told, name), loaded[name] if loaded else 0) for name in _REVISIONS}
        return {**(loaded or entry_of(told)), **newest}

    def _loaded(self, pair: Pair) -> Entry | None:
        return self._page(pair).get(pair[1])

    def _page(self, pair: Pair) -> Page:
        """Return the page of a pair: where it is, or else where it will be."""
        talent_id, job_id = pair
        first = self._pages[talent_id, 0]
        return self._pages[talent_id, further_page(job_id)] if first.full and not first.get(job_id) else first


def _in_words(found: Found, before: Entry | None) -> Match:
    """Return a match in the language that it is stored in if it scores as it did then, else in that of who asks."""
    if before and before["status"] == "active" and before["language"] != found.language:
        told = found.match(before["language"])
        if scores_alike(told, match_of(told.talent_id, before)):
            return told
    return found.match()


def _differs(entry: Entry, before: Entry) -> bool:
    """Whether two results of a pair differ in more than revisions."""
    return any(value != before[name] for name, value in entry.items() if name not in _REVISIONS)
