"""The resume worker's app: documents are slow, so their workers are a consumer group of their own."""

from contextlib import AsyncExitStack
from typing import Any

from schemas.settings import Settings
from schemas.topics import RESUMES
from streams.app import LoomaApp, Resources, add_agent, bare_app
from streams.delivery import Stage
from streams.lag import resume_group
from streams.resumes import ResumeReader, ResumeStage

QUEUED = 128
"""Resumes that wait for a lane, at most 3 MiB each; a slow document holds back no other partition before."""


class ResumeResources(Resources):
    """A producer, a reader and the list of forgotten people; the same for every generation."""

    def __init__(self, settings: Settings, reader: ResumeReader) -> None:
        super().__init__(settings, None)
        self._reader = reader

    @property
    def group(self) -> str:
        """The consumer group."""
        return resume_group(self._settings.kafka.group_id)

    async def _open(self, opened: AsyncExitStack) -> list[Stage[Any]]:
        _, results = await self._open_for_all(opened)
        return [ResumeStage(self._reader, results)]

    async def close(self) -> None:
        """Close whatever was opened."""
        await super().close()
        await self._reader.close()


def create_resume_app(settings: Settings, reader: ResumeReader) -> LoomaApp:
    """Return the app of a worker that reads resumes: every partition by itself, one document at a time."""
    app = bare_app(settings, ResumeResources(settings, reader), buffered_events=QUEUED)
    add_agent(app, "read resume", RESUMES, lanes=settings.kafka.partitions, batch=1, max_queued=QUEUED)
    return app
