"""The dead letters as a process knows them: what each is, where it lies, without what it holds."""

import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field

from aiokafka import TopicPartition
from aiokafka.structs import ConsumerRecord

from schemas.settings import KafkaSettings
from schemas.topics import DEAD_LETTERS
from sinks.lookup import having
from sinks.mongodb import Database
from sinks.settled import SETTLED
from streams.dead_letters import DeadLetter, letter_of
from streams.reading import read_ranges, read_topic, reader

MAX_LETTERS = 10_000
MAX_REPEATS = 1000
"""Of one letter; the newest are kept. The older ones are in the topic, where `looma dlq` finds them."""


@dataclass(slots=True)
class Listed:
    """A dead letter without its message. `repeats` are later ones of the same message for the same reason.

    `last` is the last of them: what was settled, and fails again, is a letter again.
    """

    id: str
    topic: str
    reason: str
    detail: str
    failed_at: str
    bytes: int
    partition: TopicPartition
    offset: int
    repeats: list[str] = field(default_factory=list)
    last: "Listed | None" = None


class LetterIndex:
    """The last MAX_LETTERS dead letters, each once, in the order in which they came."""

    def __init__(self) -> None:
        self._letters: OrderedDict[str, Listed] = OrderedDict()
        self._first: dict[bytes, str] = {}
        self._contents: dict[str, bytes] = {}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._letters)

    def add(self, record: ConsumerRecord[bytes, bytes]) -> None:
        """Note a message of the topic."""
        letter = letter_of(record)
        if letter.id in self._letters:
            return
        content, listed = _content(letter), _listed(letter, record)
        first = self._letters.get(self._first.get(content, ""))
        if first is not None:
            if letter.id not in first.repeats:
                first.repeats, first.last = [*first.repeats, letter.id][-MAX_REPEATS:], listed
            return
        self._first[content], self._contents[letter.id] = letter.id, content
        self._letters[letter.id] = listed
        if len(self._letters) > MAX_LETTERS:
            gone, _ = self._letters.popitem(last=False)
            self._first.pop(self._contents.pop(gone), None)

    async def pending(self, database: Database, *, before: str | None, limit: int) -> list[Listed]:
        """Return at most `limit` unsettled letters, the last one first, from behind the letter `before`."""
        newest = list(reversed(self._letters.values()))
        if before is not None:
            at = next((n for n, each in enumerate(newest) if each.id == before), len(newest))
            newest = newest[at + 1 :]
        found: list[Listed] = []
        for start in range(0, len(newest), limit):
            some = newest[start : start + limit]
            settled = await _settled(database, (i for each in some for i in (each.id, (each.last or each).id)))
            for each in some:
                if each.id not in settled:
                    found.append(each)
                elif each.last and each.last.id not in settled and (again := await self._again(database, each)):
                    found.append(again)
            if len(found) >= limit:
                break
        return found[:limit]

    async def _again(self, database: Database, first: Listed) -> Listed | None:
        """Return what has come again of a letter since it was settled, from now on a letter in its place."""
        known = await _settled(database, first.repeats)
        last = first.last
        if last is None or self._letters.get(first.id) is not first:
            return None
        last.repeats = [each for each in first.repeats if each not in known and each != last.id]
        self._letters = OrderedDict(
            (each.id, each) for each in (last if e is first else e for e in self._letters.values())
        )
        self._first[content := self._contents.pop(first.id)] = last.id
        self._contents[last.id] = content
        return last

    async def find(self, database: Database, letter_id: str) -> Listed | None:
        """Return a letter that nobody has settled."""
        listed = self._letters.get(letter_id)
        return listed if listed and not await _settled(database, (letter_id,)) else None

    def clear(self) -> None:
        """Know nothing any more."""
        self._letters.clear()
        self._first.clear()
        self._contents.clear()


async def pending(kafka: KafkaSettings, database: Database) -> list[Listed]:
    """Return all dead letters that nobody has settled, oldest first, repeats within the first of them."""
    settled = {d["_id"] async for d in database[SETTLED].find({}, {"_id": 1})}
    letters: dict[str, tuple[bytes, Listed]] = {}
    async for record in read_topic(kafka, DEAD_LETTERS):
        letter = letter_of(record)
        if letter.id not in settled:
            letters[letter.id] = _content(letter), _listed(letter, record)  # it may have been delivered twice
    first: dict[bytes, Listed] = {}
    for content, listed in sorted(letters.values(), key=lambda each: each[1].failed_at):
        known = first.setdefault(content, listed)
        if known is not listed:
            known.repeats.append(listed.id)
    return list(first.values())


async def whole(kafka: KafkaSettings, listed: Iterable[Listed]) -> AsyncIterator[DeadLetter]:
    """Yield letters whole, one at a time: together they may be larger than memory. What retention took is left out."""
    wanted = {(each.partition.partition, each.offset): each for each in listed}
    if not wanted:
        return
    async for record in read_topic(kafka, DEAD_LETTERS):
        each = wanted.get((record.partition, record.offset))
        if each is not None and (letter := letter_of(record)).id == each.id:
            letter.repeats.extend(each.repeats)
            yield letter


async def read_letters(kafka: KafkaSettings, listed: Sequence[Listed]) -> list[DeadLetter]:
    """Return letters whole, read at their places; without those that retention has taken meanwhile."""
    found = []
    async with reader(kafka) as log:
        for each in listed:
            place = {each.partition: each.offset}
            end = {each.partition: each.offset + 1}
            async for records in read_ranges(log, place, end, timeout_seconds=kafka.timeout_seconds, max_records=1):
                for letter in (letter_of(record) for record in records):
                    if letter.id == each.id:
                        letter.repeats.extend(each.repeats)
                        found.append(letter)
    return found


def _listed(letter: DeadLetter, record: ConsumerRecord[bytes, bytes]) -> Listed:
    return Listed(
        letter.id,
        letter.topic,
        letter.reason,
        letter.detail,
        letter.failed_at,
        len(letter.value or b""),
        TopicPartition(record.topic, record.partition),
        record.offset,
    )


async def _settled(database: Database, ids: Iterable[str]) -> set[str]:
    return {d["_id"] async for d in having(database[SETTLED], "_id", ids, only={"_id": 1})}


def _content(letter: DeadLetter) -> bytes:
    content = hashlib.sha256()
    for part in (letter.topic.encode(), letter.reason.encode(), letter.key or b"", letter.value or b""):
        content.update(len(part).to_bytes(8, "big") + part)
    return content.digest()
