"""What a worker does when Kafka refuses a commit."""

from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError, GroupAuthorizationFailedError, IllegalStateError, UnknownError
from aiokafka.structs import OffsetAndMetadata
from faust.types import TP

from streams.consumer import _Thread

HERE, GONE = TP("talent-events", 0), TP("talent-events", 1)


@pytest.mark.parametrize("error", [UnknownError, GroupAuthorizationFailedError, CommitFailedError, IllegalStateError])
async def test_a_commit_that_is_refused_is_said_again_and_ends_no_worker(error: type[Exception]) -> None:
    refusals = [error()]
    committed: list[dict[TopicPartition, OffsetAndMetadata]] = []

    async def commit(offsets: dict[TopicPartition, OffsetAndMetadata]) -> None:
        if refusals:
            raise refusals.pop()
        committed.append(offsets)

    async def crash(reason: BaseException) -> None:
        raise AssertionError(reason)

    thread: Any = object.__new__(_Thread)
    thread._consumer = SimpleNamespace(commit=commit, assignment=lambda: {TopicPartition(*HERE)})
    thread._ensure_consumer = lambda: thread._consumer
    thread.crash, thread.log, thread.tp_last_committed_at = crash, SimpleNamespace(exception=print), {}
    assert not await thread._commit({HERE: 7, GONE: 9})
    assert await thread._commit({HERE: 7, GONE: 9})
    assert not await thread._commit({GONE: 9}), "aiokafka takes no empty commit"
    assert committed == [{TopicPartition(*HERE): OffsetAndMetadata(7, "")}]
