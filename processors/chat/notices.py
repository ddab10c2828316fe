"""When a subscriber hears of new matches: not at night, not too often, and each of them once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schemas.chat import DEFAULT_ZONE
from schemas.envelope import timestamp

AT_ONCE = 5
"""Matches that one notice names; the others follow in the next."""
MAX_WAITING = 50
"""Matches that wait to be told; the newest are kept."""


class Manners(NamedTuple):
    """When notices may come: none from hour `quiet_from` to `quiet_to` of the subscriber's day, `daily` a day at most.

    Equal hours mean that no hour is quiet.
    """

    quiet_from: int = 22
    quiet_to: int = 8
    daily: int = 5


@dataclass(frozen=True, slots=True)
class Notices:
    """What is remembered of a subscription: since when, what waits and when it is due, and what was told.

    A recruiter's names its `job`, or a `search` as `watching` writes it, and talents wait to be told; for a candidate
    jobs do.
    """

    since: str | None = None
    zone: str = DEFAULT_ZONE
    waiting: tuple[str, ...] = ()
    due: str | None = None
    day: str = ""
    told: int = 0
    job: str = ""
    search: str = ""


class Turn(NamedTuple):
    """What becomes of a notice: the subscription after it, and the ids to tell now."""

    after: Notices
    ids: tuple[str, ...]


def kept(notices: Notices, ids: Sequence[str], at: datetime) -> Notices:
    """Return the subscription with what is told together with what follows."""
    waiting = tuple(dict.fromkeys((*notices.waiting, *ids)))[-MAX_WAITING:]
    return replace(notices, waiting=waiting, due=timestamp(at) if waiting else None)


def heard(notices: Notices, ids: Sequence[str], at: datetime, manners: Manners, *, not_before: str | None) -> Turn:
    """Return what becomes of what is news at a time. Before `not_before` all of it waits."""
    notices = kept(notices, ids, at)
    waiting = notices.waiting
    local = at.astimezone(ZoneInfo(notices.zone))
    day = local.date().isoformat()
    told = notices.told if notices.day == day else 0
    if not waiting:
        return Turn(notices, ())
    if not_before and timestamp(at) < not_before:
        return Turn(replace(notices, due=not_before), ())
    if loud := _end_of_quiet(local, manners):
        return Turn(replace(notices, due=timestamp(loud)), ())
    if told >= manners.daily:
        return Turn(replace(notices, due=timestamp(_tomorrow(local, manners))), ())
    rest = waiting[AT_ONCE:]
    due = notices.due if rest else None
    return Turn(replace(notices, waiting=rest, due=due, day=day, told=told + 1), waiting[:AT_ONCE])


def _end_of_quiet(local: datetime, manners: Manners) -> datetime | None:
    """Return when the quiet hours end that a time lies in; None if it lies in none."""
    begin, end = manners.quiet_from, manners.quiet_to
    is_night = begin <= local.hour < end if begin <= end else local.hour >= begin or local.hour < end
    if not is_night:
        return None
    day = local.date() if local.hour < end else local.date() + timedelta(days=1)
    return datetime.combine(day, time(end), local.tzinfo)


def _tomorrow(local: datetime, manners: Manners) -> datetime:
    """Return when the next day begins, and its quiet hours have ended."""
    begin = datetime.combine(local.date() + timedelta(days=1), time(), local.tzinfo)
    return _end_of_quiet(begin, manners) or begin
