"""The resume worker's app: documents are slow, so their workers are a consumer group of their own."""

from schemas.settings import Settings
from schemas.topics import RESUMES
from sinks import mongodb
from sinks.forgotten import Forgotten
from sinks.topics import TopicSink
from streams.app import LoomaApp, Resources, add_agent, bare_app
from streams.lag import resume_group
from streams.resumes import ResumeReader, ResumeStage
from streams.starting import until_it_answers

QUEUED = 32
"""Resumes of a partition in memory, at most 3 MiB each; a slow document holds back no other partition before."""


class ResumeResources(Resources):
    """A producer, a reader and the list of forgotten people; the same for every generation."""

    def __init__(self, settings: Settings, reader: ResumeReader) -> None:
        super().__init__(settings, None)
        self._reader = reader

    @property
    def group(self) -> str:
        """The consumer group."""
        return resume_group(self._settings.kafka.group_id)

    async def open(self) -> None:
        """Connect."""
        s = self._settings
        self._mongo, base = mongodb.connect(s.mongodb)
        self._forgotten = Forgotten(base)
        self._results = TopicSink(s.kafka, client_id=f"{self.group}-results")
        await until_it_answers("MongoDB", lambda: self._mongo.admin.command("ping"))
        await until_it_answers("Kafka", self._results.__aenter__)
        stage = ResumeStage(self._reader, self._results)
        self._stages = {stage.name: stage}
        self.ready.set()

    async def close(self) -> None:
        """Close whatever was opened."""
        if self.ready.is_set():
            self.ready.clear()
            await self._results.__aexit__(None, None, None)
            await self._mongo.close()
        await self._reader.close()


def create_resume_app(settings: Settings, reader: ResumeReader) -> LoomaApp:
    """Return the app of a worker that reads resumes: every partition by itself, one document at a time."""
    app = bare_app(settings, ResumeResources(settings, reader), buffered_events=QUEUED)
    add_agent(app, "read resume", RESUMES, lanes=settings.kafka.partitions, batch=1, max_queued=QUEUED)
    return app
