"""The talents and jobs that benchmarks publish: made from a number, about 900 bytes each as JSON."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.publisher import EventPublisher
from schemas.envelope import Envelope
from schemas.events import EntityEvent, encode, event_type
from schemas.settings import Settings
from schemas.topics import EVENTS
from schemas.versions import CURRENT
from sinks.kafka import producer

TOPIC = EVENTS["talent"]
_FLUSH_EVERY = 5_000
_BASE = datetime(2026, 1, 5, 8, tzinfo=UTC)
_SKILLS = ("Python", "Kafka", "Go", "SQL", "Kubernetes", "Spark", "Java", "React")
_TITLES = ("后端工程师", "Data Engineer", "产品经理", "Nurse")
_CITIES = ("上海", "北京", "深圳", "Hangzhou")
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红建国文"


def talent(number: int) -> dict[str, Any]:
    """Return the fields of the `number`-th talent, about 900 bytes as JSON."""
    return {
        "name": _name(number),
        "title": _TITLES[number % 4],
        "seniority": ("junior", "mid", "senior", "lead")[number % 4],
        "summary": f"第 {number} 号人选。" + "Builds streaming systems in Python and Kafka. " * 8,
        "skills": [{"name": _SKILLS[(number + i) % 8], "years": (number + i) % 9} for i in range(5)],
        "years_experience": number % 20,
        "locations": [_CITIES[number % 4]],
        "status": "active",
    }


def _name(number: int) -> str:
    """Return one of 18,000 names: people of one name in one city would all be compared, to tell them apart."""
    rest, surname = divmod(number, len(_SURNAMES))
    last, first = divmod(rest, len(_GIVEN))
    return _SURNAMES[surname] + _GIVEN[first] + _GIVEN[last % len(_GIVEN)]


def job(number: int) -> dict[str, Any]:
    """Return the fields of the `number`-th job."""
    return {
        "title": _TITLES[number % 4],
        "description": "Builds streaming systems in Python and Kafka.",
        "skills": [{"name": _SKILLS[(number + i) % 8]} for i in range(4)],
        "years_experience_min": number % 8,
        "locations": [_CITIES[number % 4]],
        "status": "open",
    }


def talents(count: int, again: float = 0.0) -> Iterator[int]:
    """Yield for each event the number of its talent; a share of `again` is about a talent that has had one."""
    first = max(1, round(count * (1 - again)))
    return (number % first for number in range(count))


async def publish(
    settings: Settings, run: str, count: int, *, again: float = 0.0, per_second: float | None = None, start: int = 0
) -> None:
    """Publish `count` events about talents from number `start` on, traced, as fast as it goes or paced."""
    async with EventPublisher(settings.kafka, "bench") as publisher:
        started = time.perf_counter()
        for number, of in enumerate(talents(count, again)):
            when, data = _BASE + timedelta(seconds=number), talent(start + number)
            await publisher.publish("talent", f"{run}-{of}", data, event_id=f"{run}-e{number}", time=when)
            if per_second and (pause := started + number / per_second - time.perf_counter()) > 0:
                await asyncio.sleep(pause)


async def publish_jobs(settings: Settings, run: str, count: int) -> None:
    """Publish `count` jobs."""
    async with EventPublisher(settings.kafka, "bench") as publisher:
        for number in range(count):
            await publisher.publish("job", f"{run}-j{number}", job(number), event_id=f"{run}-j{number}")


async def publish_in_bulk(settings: Settings, run: str, count: int) -> None:
    """Publish `count` talents without traces and checks, for backlogs of a million; memory does not grow with it."""
    async with producer(settings.kafka, linger_ms=20, max_batch_size=256 * 1024) as sending:
        for first in range(0, count, _FLUSH_EVERY):
            pending = []
            for number in range(first, min(first + _FLUSH_EVERY, count)):
                when = _BASE + timedelta(seconds=number)
                envelope = Envelope(
                    id=f"{run}-e{number}",
                    source="bench",
                    type=event_type("talent", "upserted"),
                    subject=f"{run}-{number}",
                    time=when,
                    version=CURRENT["talent"],
                )
                key, value, headers = encode(EntityEvent(envelope, "talent", "upserted", talent(number)))
                pending.append(await sending.send(TOPIC, value=value, key=key, headers=headers))
            await asyncio.gather(*pending)
