"""The chat worker's app: a consumer group of its own, so that a slow answer holds back no event."""

from contextlib import AsyncExitStack
from typing import Any

from processors.chat.intents import CueReader
from schemas.settings import Settings
from schemas.topics import CHAT_EVENTS
from sinks import mongodb
from sinks.conversations import ConversationStore
from sinks.forgotten import Forgotten
from sinks.topic_sink import TopicSink
from streams.app import LANES, LoomaApp, Resources, add_agent, bare_app
from streams.chat import ChatStage, Templates
from streams.chat_tools import Tools
from streams.delivery import Stage
from streams.lag import chat_group
from streams.search.session import search_session
from streams.starting import until_it_answers


class ChatResources(Resources):
    """A producer, the stores and a search; the same for every generation."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, None)

    @property
    def group(self) -> str:
        """The consumer group."""
        return chat_group(self._settings.kafka.group_id)

    async def _open(self, opened: AsyncExitStack) -> list[Stage[Any]]:
        s = self._settings
        client, base = mongodb.connect(s.mongodb)
        opened.push_async_callback(client.close)
        results = TopicSink(s.kafka, client_id=f"{self.group}-results")
        await until_it_answers("MongoDB", lambda: client.admin.command("ping"))
        await until_it_answers("Kafka", results.__aenter__)
        opened.push_async_exit(results)
        self._results, self._forgotten = results, Forgotten(base)
        search = await opened.enter_async_context(search_session(s))
        answerer = Templates(Tools(base, search), CueReader(), s.chat)
        return [ChatStage(ConversationStore(base), answerer, results, s.chat)]


def create_chat_app(settings: Settings) -> LoomaApp:
    """Return the app of a worker that answers chat messages."""
    batch = settings.worker.batch_events
    app = bare_app(settings, ChatResources(settings), buffered_events=4 * batch)
    add_agent(app, "chat", CHAT_EVENTS, lanes=LANES, batch=batch)
    return app
