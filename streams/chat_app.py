"""The chat worker's app: a consumer group of its own, so that a slow answer holds back no event."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from loguru import logger

from processors.chat.classifier import DEFAULT_CLASSIFIER, Classifier
from processors.chat.intents import CueReader, IntentReader, LearnedReader
from schemas.completions import Completions
from schemas.errors import LoomaError
from schemas.settings import Settings
from schemas.topics import CHAT_EVENTS, MATCH_RESULTS
from sinks.chat_budget import DayBudget
from sinks.conversations import ConversationStore
from streams.app import LANES, LoomaApp, Resources, add_agent, bare_app
from streams.chat import Answerer, ChatStage, Templates
from streams.chat_deltas import Deltas
from streams.chat_generated import Generated
from streams.chat_handovers import Handovers
from streams.chat_tools import Tools
from streams.consumer import buffered
from streams.delivery import Stage
from streams.lag import chat_group
from streams.models.encoders import default_encoder
from streams.notices import NoticeStage
from streams.search.session import search_session

OpenModels = Callable[[], AbstractAsyncContextManager[Completions]]
REMIND_SECONDS = 20.0
"""How often it is looked which notices have waited for long enough."""
EXPIRE_SECONDS = 3600.0


class ChatError(LoomaError):
    """The chat worker cannot start as it is set; the text says what to change."""

    code = "chat"


class ChatResources(Resources):
    """A producer, the stores and a search; the same for every generation."""

    def __init__(self, settings: Settings, models: OpenModels | None) -> None:
        super().__init__(settings, None)
        self._models = models
        self.handovers = Handovers()

    @property
    def group(self) -> str:
        """The consumer group."""
        return chat_group(self._settings.kafka.group_id)

    async def _open(self, opened: AsyncExitStack) -> list[Stage[Any]]:
        s = self._settings
        base, results = await self._open_for_all(opened)
        search = await opened.enter_async_context(search_session(s))
        tools = Tools(base, search)
        templates = Templates(tools, await intent_reader(s), s.chat)
        answerer: Answerer = templates
        if self._models:
            models = await opened.enter_async_context(self._models())
            answerer = Generated(templates, tools, models, DayBudget(base, s.chat), s.chat)
        store = ConversationStore(base)
        notices, deltas = NoticeStage(store, results, tools.find), Deltas(results)
        beside = [_again_and_again(REMIND_SECONDS, notices.remind, "what is due cannot be told yet"), deltas.run()]
        if days := s.retention.conversations_days:
            expire = partial(_expire, store, timedelta(days=days))
            beside.append(_again_and_again(EXPIRE_SECONDS, expire, "old conversations cannot be deleted yet"))
        for task in map(asyncio.create_task, beside):
            opened.callback(task.cancel)
        return [ChatStage(store, answerer, results, s.chat, deltas.send, self.handovers), notices]


async def _again_and_again(pause_seconds: float, work: Callable[[], Awaitable[None]], failed: str) -> None:
    """Do something at once and after each pause, however often it fails."""
    while True:
        try:
            await work()
        except Exception as error:
            logger.warning("{}: {}", failed, type(error).__name__)
        await asyncio.sleep(pause_seconds)


async def _expire(store: ConversationStore, kept: timedelta) -> None:
    """Delete what is older than conversations are kept."""
    if count := await store.expire(datetime.now(UTC) - kept):
        logger.info("{} conversations are deleted, after {:g} days without a turn", count, kept / timedelta(days=1))


async def intent_reader(settings: Settings) -> IntentReader:
    """Return the reader of intents: cues beside the classifier that the settings name, else the one that comes along.

    That one knows the default encoder's vectors only: on others the cues are alone. Raises ChatError.
    """
    path = settings.chat.intents

    def loaded() -> IntentReader:
        return LearnedReader(Classifier(path or DEFAULT_CLASSIFIER, default_encoder(settings.models)))

    try:
        return await asyncio.to_thread(loaded)
    except Exception as error:
        if path is not None:
            raise ChatError(f"chat.intents: {path.name} cannot be used: {error}") from error
        logger.warning("intents are told by cues alone: {}: {}", type(error).__name__, error)
        return CueReader()


def create_chat_app(settings: Settings, models: OpenModels | None = None) -> LoomaApp:
    """Return the app of a worker that answers chat messages; `models` opens what words its answers."""
    batch = settings.worker.batch_events
    resources = ChatResources(settings, models)
    app = bare_app(settings, resources, buffered_events=buffered(batch))
    add_agent(app, "chat", CHAT_EVENTS, lanes=LANES, batch=batch, arriving=resources.handovers.note)
    add_agent(app, NoticeStage.name, MATCH_RESULTS, lanes=LANES, batch=batch)
    return app
