"""What providers may use a day, counted in MongoDB for all workers: reserved before they are asked, so that a worker
that dies has rather counted too much than too little."""

from contextlib import suppress
from datetime import UTC, datetime

from pymongo.errors import DuplicateKeyError

from schemas.completions import Spending
from schemas.settings import ChatSettings
from sinks.mongodb import Database

USAGE = "chat_usage"


class DayBudget:
    """The budget of each day in UTC; a document a day, which names nobody."""

    def __init__(self, database: Database, settings: ChatSettings) -> None:
        self._usage = database[USAGE]
        self._tokens, self._cost = settings.day_tokens, settings.day_cost

    async def reserve(self, tokens: int) -> str | None:
        """Take tokens out of today's budget; return the day, None if so many are not left."""
        day = datetime.now(UTC).date().isoformat()
        if tokens > self._tokens:
            return None
        room = {"_id": day, "tokens": {"$lte": self._tokens - tokens}}
        if self._cost is not None:
            room["cost"] = {"$lt": self._cost}
        for _ in range(2):
            if (await self._usage.update_one(room, {"$inc": {"tokens": tokens}})).matched_count:
                return day
            with suppress(DuplicateKeyError):  # another worker was faster, or there is no room
                await self._usage.insert_one({"_id": day, "tokens": 0, "cost": 0.0})
        return None

    async def settle(self, day: str, reserved: int, spending: Spending) -> None:
        """Count what was spent in place of what was reserved."""
        change = {"tokens": spending.tokens - reserved, "cost": spending.cost}
        await self._usage.update_one({"_id": day}, {"$inc": change})
