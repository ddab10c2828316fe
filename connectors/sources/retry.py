"""Patience with sources that are briefly away: backoff with jitter, or as long as they ask for."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiohttp import ClientError
from loguru import logger
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_random_exponential

from sinks.errors import is_transient

T = TypeVar("T")
ATTEMPTS = 10
LONGEST_WAIT_SECONDS = 60.0
_backoff = wait_random_exponential(multiplier=0.25, max=LONGEST_WAIT_SECONDS)


class BusyError(Exception):
    """A source asks to be tried again, perhaps not before `after_seconds`."""

    def __init__(self, text: str, after_seconds: float = 0.0) -> None:
        super().__init__(text)
        self.after_seconds = after_seconds


def may_pass(error: BaseException) -> bool:
    """Whether it is worth trying again after `error`."""
    return isinstance(error, BusyError | ClientError) or is_transient(error)


async def patiently(action: Callable[[], Awaitable[T]]) -> T:
    """Return what `action` returns, trying again up to ATTEMPTS times; raises its last error."""

    async def attempt() -> T:
        return await action()

    return await AsyncRetrying(
        retry=retry_if_exception(may_pass),
        wait=_wait,
        stop=stop_after_attempt(ATTEMPTS),
        before_sleep=_tell,
        reraise=True,
    )(attempt)


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.after_seconds if isinstance(error, BusyError) else 0.0
    return max(_backoff(state), min(asked, LONGEST_WAIT_SECONDS))


def _tell(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    logger.warning("source: {} (try {}), again in {:.1f} s", error, state.attempt_number, state.upcoming_sleep)
