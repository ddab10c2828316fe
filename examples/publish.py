"""Publish from Python: two talents and a job, as a system upstream says them."""

import asyncio

from connectors.publisher import EventPublisher
from ops.runtime.settings_errors import read_settings


async def main() -> None:
    """Publish, and wait until Kafka has everything."""
    async with EventPublisher(read_settings().kafka, source="crm") as publisher:
        sent = [
            await publisher.publish(
                "job",
                "example-j1",
                {
                    "title": "后端工程师",
                    "language": "zh",
                    "status": "open",
                    "skills": [{"name": "Python"}, {"name": "Kafka"}],
                    "years_experience_min": 3,
                    "locations": ["上海"],
                    "description": "负责事件流平台的后端开发。",
                },
            ),
            await publisher.publish(
                "talent",
                "example-t1",
                {
                    "name": "王小明",
                    "title": "后端工程师",
                    "language": "zh",
                    "status": "active",
                    "skills": [{"name": "Python", "years": 6}, {"name": "Kafka", "years": 3}],
                    "years_experience": 6,
                    "locations": ["上海"],
                    "summary": "六年后端开发经验，熟悉事件流平台。",
                },
            ),
            # An event says what has changed: the other fields stay as they are.
            await publisher.publish("talent", "example-t1", {"title": "高级后端工程师"}),
        ]
        for delivery in await asyncio.gather(*sent):
            print(f"{delivery.topic}/{delivery.partition}/{delivery.offset}")


if __name__ == "__main__":
    asyncio.run(main())
