"""What every request of one API process shares: opened once, closed in order."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated

from fastapi import Depends
from fastapi.requests import HTTPConnection

from connectors.publisher import EventPublisher
from ops.api.admission import Admission
from ops.api.gate import Gate
from ops.api.lateness import Lateness
from ops.api.signing import Signer
from ops.runtime.audit import Audit, open_audit
from ops.runtime.secret import secret_of
from ops.runtime.telemetry import traces_dir
from ops.runtime.trace_index import TraceIndex
from ops.services.ai import Ai, open_ai
from ops.tasks.begin import Tasks
from processors.sync.policy import Policy, load_policy
from schemas.settings import Settings
from sinks.mongodb import Database
from sinks.requests import RequestStore
from sinks.tasks import TaskStore
from streams import kept_words
from streams.cache_metrics import report_cache
from streams.conversations import TOPICS as CONVERSATIONS
from streams.conversations import Conversations
from streams.generations.database import base_database
from streams.outcomes import Outcomes
from streams.record_reads import RecordReads
from streams.result_views import ResultViews
from streams.search.cache import Answer
from streams.search.request import Request as Search
from streams.search.session import search_session
from streams.starting import until_it_answers
from streams.store_metrics import listeners
from streams.tail import Tail


@dataclass(slots=True)
class Api:
    """The connections and limits of one process. `database` is that of the base generation."""

    settings: Settings
    publisher: EventPublisher
    database: Database
    signer: Signer
    policy: Policy
    admission: Admission
    requests: RequestStore
    tasks: Tasks
    outcomes: Outcomes
    gate: Gate
    audit: Audit
    reads: RecordReads
    views: ResultViews
    search: Callable[[Search], Awaitable[Answer]]
    traces: TraceIndex
    ai: Ai
    conversations: Conversations
    lateness: Lateness
    tracing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by who asks `traces`."""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the process drains: whoever streams ends the stream, so that nobody waits for her."""


@asynccontextmanager
async def open_api(settings: Settings) -> AsyncIterator[Api]:
    """Connect to the servers, waiting for those that are not there yet; drain the publisher at the end."""
    policy = load_policy(settings.sync.policy)
    async with AsyncExitStack() as stack:
        opened = partial(base_database, settings, *listeners(settings.mongodb))
        database = await until_it_answers("MongoDB", lambda: stack.enter_async_context(opened()))
        publisher = EventPublisher(
            settings.kafka, "api", client_id="looma-api", delivery_timeout=settings.api.publish_seconds
        )
        await until_it_answers("Kafka", publisher.start)
        stack.push_async_callback(publisher.stop)
        outcomes = Outcomes(settings, database)
        stack.push_async_callback(outcomes.close)
        audit = await until_it_answers("Kafka", lambda: stack.enter_async_context(open_audit(settings)))
        gate = Gate(settings, database, secret_of(settings))
        stack.callback(gate.close)
        signer = Signer(secret_of(settings))
        reads, views = RecordReads(settings, database), ResultViews(settings.kafka)
        report_cache("records", lambda: reads.cache)
        await until_it_answers("MongoDB", reads.start)
        stack.push_async_callback(reads.stop)
        await views.start()
        stack.push_async_callback(views.stop)
        ask = await stack.enter_async_context(search_session(settings, follow_rollouts=True))
        conversations = Conversations()
        chat = Tail(settings.kafka, CONVERSATIONS, conversations.receive)
        await chat.start()
        stack.push_async_callback(chat.stop)
        tasks = Tasks(settings, TaskStore(database))
        stack.push_async_callback(tasks.close)
        stack.callback(asyncio.create_task(kept_words.let_go()).cancel)
        lateness = Lateness()
        lateness.start()
        stack.callback(lateness.stop)
        yield Api(
            settings,
            publisher,
            database,
            signer,
            policy,
            Admission(settings.api),
            RequestStore(database),
            tasks,
            outcomes,
            gate,
            audit,
            reads,
            views,
            ask,
            TraceIndex(traces_dir(settings)),
            await stack.enter_async_context(open_ai(settings, publisher, gate.limits, ask)),
            conversations,
            lateness,
        )


async def api_of(connection: HTTPConnection) -> Api:
    """Return what this process shares; a coroutine, for FastAPI hands all else to a thread."""
    api: Api = connection.app.state.api
    return api


Opened = Annotated[Api, Depends(api_of)]
