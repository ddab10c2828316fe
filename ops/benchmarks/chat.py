"""`looma bench chat`: how fast messages are answered, and whether each is answered once and in order while workers die.

The stack is of the run's own, with a few jobs and talents that a worker has matched.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import psutil

from connectors.publisher import EventPublisher
from ops.benchmarks.scripted_model import scripted_model
from ops.benchmarks.stack import Progress, fresh_stack, match_sample, named, prepare, workers
from ops.local.worker import WorkerError
from ops.runtime.traces import percentiles
from processors.chat.conversation import fold
from schemas.chat import ChatDelta, ChatReply, Participant
from schemas.settings import ProviderSettings, Settings
from schemas.topics import CHAT_DELTAS, CHAT_REPLIES
from sinks.conversations import ConversationStore
from sinks.kafka import consumer
from streams.generations.database import base_database

RUN = "chat"
TALENTS, JOBS = 60, 60
STALL_SECONDS = 120
SIZES = (5, 20, 100)
"""After how many turns a state is weighed."""
LINES = (
    "找上海的 Java 后端工作",
    "2万以上的",
    "第一个为什么推荐给我",
    "它的薪资多少",
    "不是上海，是杭州",
    "show me data engineer jobs",
    "compare the first two",
    "也要会 Kafka 的",
    "我的申请怎么样了",
    "今天天气怎么样",
    "谢谢",
)
_POLL_SECONDS = 0.05


@dataclass
class Heard:
    """What came: by message its replies' bytes, when the first came and its first words, and the replies' order."""

    replies: dict[str, set[bytes]] = field(default_factory=dict)
    at: dict[str, float] = field(default_factory=dict)
    begun: dict[str, float] = field(default_factory=dict)
    numbers: dict[str, list[int]] = field(default_factory=dict)
    providers: dict[str, str] = field(default_factory=dict)
    """Whose words the replies have that cite anything: others a model is not asked for."""

    def hear(self, value: bytes) -> None:
        """Note a reply; one that comes again counts for its bytes alone."""
        reply = ChatReply.model_validate_json(value)
        if reply.in_reply_to not in self.at:
            self.at[reply.in_reply_to] = time.perf_counter()
            self.begun.setdefault(reply.in_reply_to, self.at[reply.in_reply_to])
            self.numbers.setdefault(reply.conversation_id, []).append(reply.number)
            if reply.citations:
                self.providers[reply.in_reply_to] = reply.provider
        self.replies.setdefault(reply.in_reply_to, set()).add(value)

    def begin(self, value: bytes) -> None:
        """Note partial text."""
        self.begun.setdefault(ChatDelta.model_validate_json(value).in_reply_to, time.perf_counter())

    def times(self, sent: Mapping[str, float]) -> dict[str, dict[str, float]]:
        """Return how long messages waited for their reply, and for its first words. A template is there as a whole."""
        return {
            "latency_ms": percentiles([(self.at[id] - at) * 1000 for id, at in sent.items()]),
            "first_token_ms": percentiles([(self.begun[id] - at) * 1000 for id, at in sent.items()]),
        }

    def worded(self, sent: Mapping[str, float]) -> dict[str, Any]:
        """Return the same for the answers that a model worded, and the share that it could have worded and did not."""
        asked = [id for id in sent if id in self.providers]
        worded = {id: sent[id] for id in asked if self.providers[id] != "templates"}
        share = 1 - len(worded) / len(asked) if asked else 0.0
        return {"fallback_share": round(share, 3), "worded": {"answers": len(worded), **self.times(worded)}}

    def account(self, sent: Sequence[str]) -> dict[str, int]:
        """Return how many messages had no reply, or different ones, and how many replies came before an earlier one."""
        return {
            "lost": sum(id not in self.replies for id in sent),
            "duplicated": sum(len(found) - 1 for found in self.replies.values()),
            "reordered": sum(later < earlier for each in self.numbers.values() for earlier, later in pairwise(each)),
        }


@asynccontextmanager
async def _listening(settings: Settings) -> AsyncIterator[Heard]:
    heard = Heard()

    async def listen() -> None:
        async for record in listener:
            (heard.begin if record.topic == CHAT_DELTAS else heard.hear)(record.value)

    listener = consumer(settings.kafka, CHAT_REPLIES, CHAT_DELTAS, auto_offset_reset="earliest")
    await listener.start()
    task = asyncio.create_task(listen())
    try:
        yield heard
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await listener.stop()


@dataclass
class Speaker:
    """Says lines in conversations, and knows what was said, and when."""

    publisher: EventPublisher
    sent: dict[str, float] = field(default_factory=dict)

    async def say(self, conversation: int, line: int) -> None:
        """Publish the next message of a conversation; whose it is follows from its number."""
        id = f"{RUN}-{conversation}-{line}"
        who = Participant(kind="candidate", id=f"{RUN}-{conversation % TALENTS}")
        text = LINES[(conversation + line) % len(LINES)]
        done = await self.publisher.publish_chat(f"{RUN}-c{conversation}", text, participant=who, event_id=id)
        self.sent[id] = time.perf_counter()
        await done


async def _answered(heard: Heard, sent: Mapping[str, float], at_least: int) -> None:
    """Wait until so many of the messages have a reply. Raises WorkerError if none comes for long."""
    moved, before = time.monotonic(), -1
    while (done := sum(id in heard.at for id in sent)) < at_least:
        if done != before:
            moved, before = time.monotonic(), done
        if time.monotonic() - moved > STALL_SECONDS:
            raise WorkerError(f"no message was answered for {STALL_SECONDS} s, after {done} of {len(sent)}")
        await asyncio.sleep(_POLL_SECONDS)


async def bench_chat(
    conversations: int, turns: int, count: int, kills: int, progress: Progress, *, with_model: bool = False
) -> dict[str, Any]:
    """Run the benchmark; return its figures. `with_model`: a scripted one words the answers.

    Raises StackError, WorkerError.
    """
    async with fresh_stack(progress) as stack, scripted_model() as url:
        settings = named(stack, RUN)
        if with_model:
            settings = settings.changed(providers=[ProviderSettings(name="scripted", url=url, model="m", tools=False)])
        await prepare(settings)
        await match_sample(settings, RUN, TALENTS, JOBS, progress)
        async with AsyncExitStack() as running:
            progress(f"starting {count} chat workers")
            crew = await running.enter_async_context(workers(settings, count, "--chat"))
            heard = await running.enter_async_context(_listening(settings))
            speaker = Speaker(await running.enter_async_context(EventPublisher(settings.kafka, "bench")))
            await asyncio.gather(*(speaker.say(c, 0) for c in range(count)))
            await _answered(heard, speaker.sent, count)  # what is loaded at first use is loaded
            return await _measured(
                settings, conversations, turns, list(crew.values())[:kills], heard, speaker, progress
            )


async def _measured(
    settings: Settings,
    conversations: int,
    turns: int,
    doomed: Sequence[psutil.Process],
    heard: Heard,
    speaker: Speaker,
    progress: Progress,
) -> dict[str, Any]:
    first, total = len(speaker.sent), conversations * turns
    progress(f"burst: {conversations} conversations of {turns} messages")
    begun = time.perf_counter()
    for line in range(1, turns + 1):
        await asyncio.gather(*(speaker.say(c, line) for c in range(conversations)))
    for number, process in enumerate(doomed, 1):
        await _answered(heard, speaker.sent, first + total * number // (len(doomed) + 1))
        process.kill()
        progress("a worker was killed")
    await _answered(heard, speaker.sent, first + total)
    rate = total / (max(heard.at.values()) - begun)
    paced = max(20, min(total, int(rate / 4 * 30)))
    progress(f"paced: {paced} messages at {rate / 4:.1f}/s")
    before = set(speaker.sent)
    begun = time.perf_counter()
    for number in range(paced):
        await asyncio.sleep(max(0.0, begun + number / (rate / 4) - time.perf_counter()))
        await speaker.say(number % conversations, turns + 1 + number // conversations)
    await _answered(heard, speaker.sent, len(speaker.sent))
    paced_ones = {id: at for id, at in speaker.sent.items() if id not in before}
    progress(f"one conversation of {max(SIZES)} messages")
    for line in range(max(SIZES)):
        await speaker.say(conversations, line + 1)
    await _answered(heard, speaker.sent, len(speaker.sent))
    return {
        "conversations": conversations,
        "messages": len(speaker.sent),
        "kills": len(doomed),
        "replies_per_s": round(rate, 1),
        **heard.times(paced_ones),
        **(heard.worded(paced_ones) if settings.providers else {"fallback_share": 0.0}),
        "state_bytes": await _state_sizes(settings, f"{RUN}-c{conversations}"),
        **heard.account(list(speaker.sent)),
    }


async def _state_sizes(settings: Settings, conversation: str) -> dict[str, int]:
    async with base_database(settings) as base:
        effects = [turn.effect async for turn in ConversationStore(base).turns(conversation)]
    return {str(size): len(fold(conversation, effects[:size]).to_json()) for size in SIZES}
