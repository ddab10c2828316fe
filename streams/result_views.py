"""What a process knows of the result topics from their tail: matches of the last moments, and dead letters."""

from collections.abc import Sequence
from contextlib import suppress

from pydantic import ValidationError

from schemas.messages import Match
from schemas.settings import KafkaSettings
from schemas.topics import DEAD_LETTERS, MATCH_RESULTS
from streams.letter_index import MAX_LETTERS, LetterIndex
from streams.recent_matches import RecentMatches
from streams.tail import Record, Tail


class ResultViews:
    """Follows the result topics, which are the same whatever generation is active."""

    def __init__(self, kafka: KafkaSettings) -> None:
        self.matches = RecentMatches()
        self.letters = LetterIndex()
        last = {DEAD_LETTERS: MAX_LETTERS}
        self.tail = Tail(kafka, [MATCH_RESULTS, DEAD_LETTERS], self._receive, self._lost, last=last)

    async def start(self) -> None:
        """Begin to follow."""
        await self.tail.start()

    async def stop(self) -> None:
        """Follow no longer."""
        await self.tail.stop()

    def _receive(self, records: Sequence[Record]) -> None:
        for record in records:
            if record.topic == DEAD_LETTERS:
                self.letters.add(record)
            elif record.value:
                with suppress(ValidationError):  # no match of ours
                    self.matches.add(Match.model_validate_json(record.value))

    def _lost(self) -> None:
        self.matches.clear()
        self.letters.clear()
