"""Waiting for servers: a worker that starts before them says what it waits for, and goes on as soon as they answer."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from loguru import logger
from pymongo.errors import PyMongoError
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_random_exponential

from sinks.errors import DatabaseLoginError, for_log, is_refused_login, is_transient
from streams.progress import failing_since

T = TypeVar("T")
LONGEST_PAUSE = 5.0


async def until_it_answers(name: str, action: Callable[[], Awaitable[T]]) -> T:
    """Return what `action` does with a server, as soon as the server answers.

    Raises what is not about the server, and DatabaseLoginError: a wrong password does not become right by waiting.
    """

    def say(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        logger.warning(
            "waiting for {} since {}: {} (try {}), again in {:.1f} s",
            name,
            failing_since(state),
            for_log(error),
            state.attempt_number,
            state.upcoming_sleep,
        )

    async for attempt in AsyncRetrying(
        retry=retry_if_exception(is_transient),
        wait=wait_random_exponential(multiplier=0.5, max=LONGEST_PAUSE),
        before_sleep=say,
        sleep=asyncio.sleep,
        reraise=True,
    ):
        with attempt:
            try:
                return await action()
            except PyMongoError as error:
                if is_refused_login(error):
                    raise DatabaseLoginError from None
                raise
    raise AssertionError("tenacity returns or raises")


async def all_at_once(*work: Coroutine[Any, Any, object]) -> None:
    """Do several things side by side. Raises the first failure, once the others are cancelled and have ended."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
