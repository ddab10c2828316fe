"""An event's own clock against the log's: when it says that it happened, and when the broker appended it.

Both are in the log, so a replay judges an event exactly as it was judged live, whenever that is.
"""

from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from processors.sync.policy import Policy
from schemas.envelope import Envelope
from schemas.errors import BadMessageError


class Dated(Protocol):
    """An event of any kind, with the envelope that says its time."""

    @property
    def envelope(self) -> Envelope:
        """The event's envelope."""
        ...


E = TypeVar("E", bound=Dated)


def in_time(event: E, appended: float, policy: Policy) -> E:
    """Return the event, appended at `appended` (seconds since the epoch).

    Raises BadMessageError, `clock_skew`, if it comes from further in the future than the policy's `max_ahead`.
    """
    refuse_ahead(event.envelope.time, appended, policy)
    return event


def refuse_ahead(time: datetime, appended: float, policy: Policy) -> None:
    """Raise BadMessageError, `clock_skew`, for a time further in the future than the policy's `max_ahead`."""
    ahead, limit = time.timestamp() - appended, policy.max_ahead.total_seconds()
    if ahead > limit:
        raise BadMessageError("clock_skew", f"ce_time is {ahead:.0f} s ahead of the log; at most {limit:.0f} s may be")


def is_late(time: datetime, appended: float, retention: timedelta) -> bool:
    """Whether an event of `time` was older, when it came, than what its topic keeps."""
    return appended - time.timestamp() > retention.total_seconds()
