"""Notices come by day, a few a day, and each job in one of them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.chat.notices import AT_ONCE, MAX_WAITING, Manners, Notices, heard
from schemas.envelope import timestamp

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Kolkata"])
MANNERS = st.builds(Manners, st.integers(0, 23), st.integers(0, 23), st.integers(1, 4))


@given(MANNERS, ZONES, st.lists(st.tuples(st.integers(0, 600), st.lists(st.integers(0, 60), max_size=4)), max_size=60))
def test_all_that_is_heard_is_told_once_by_day_and_not_too_often(
    manners: Manners, zone: str, news: list[tuple[int, list[int]]]
) -> None:
    notices, at, heard_of, told, days = Notices(timestamp(BEGIN), zone), BEGIN, [], [], []
    known: set[str] = set()
    news += [(24 * 60, [])] * (MAX_WAITING // AT_ONCE + 2)  # and then time passes
    for minutes, numbers in news:
        at += timedelta(minutes=minutes)
        jobs = [f"j-{n}" for n in numbers if f"j-{n}" not in known]
        known.update(jobs)
        heard_of += dict.fromkeys(jobs)
        notices, now = heard(notices, jobs, at, manners, not_before=None)
        if now:
            local = at.astimezone(ZoneInfo(zone))
            told += now
            days.append(local.date())
            assert len(now) <= AT_ONCE
            assert not _is_quiet(local.hour, manners)
        assert bool(notices.waiting) == (notices.due is not None), "what waits is due some time"
        assert len(notices.waiting) <= MAX_WAITING
    # The day after the last, at an hour that is not quiet, everything follows.
    for _ in range(3 * MAX_WAITING):
        if notices.due is None:
            break
        at = max(at, datetime.fromisoformat(notices.due))
        notices, now = heard(notices, [], at, manners, not_before=None)
        if now:
            told += now
            days.append(at.astimezone(ZoneInfo(zone)).date())
    assert notices.waiting == ()
    assert len(told) == len(set(told)), "a job was told twice"
    if len(heard_of) <= MAX_WAITING:
        assert set(told) == set(heard_of)
    assert all(days.count(day) <= manners.daily for day in days)


def _is_quiet(hour: int, manners: Manners) -> bool:
    hours, at = set(), manners.quiet_from
    while at != manners.quiet_to:
        hours.add(at)
        at = (at + 1) % 24
    return hour in hours


@pytest.mark.parametrize(
    ("at", "due"),
    [
        ("2026-01-05T21:59:00+08:00", None),
        ("2026-01-05T22:00:00+08:00", "2026-01-06T08:00:00+08:00"),
        ("2026-01-06T02:00:00+08:00", "2026-01-06T08:00:00+08:00"),
        ("2026-01-06T08:00:00+08:00", None),
    ],
)
def test_what_comes_at_night_is_told_in_the_morning(at: str, due: str | None) -> None:
    after, told = heard(Notices("x"), ["j"], datetime.fromisoformat(at), Manners(), not_before=None)
    assert told == (() if due else ("j",))
    assert after.due == (timestamp(datetime.fromisoformat(due)) if due else None)


def test_nothing_is_told_while_a_person_has_the_conversation() -> None:
    noon, later = datetime(2026, 1, 5, 4, tzinfo=UTC), timestamp(datetime(2026, 1, 5, 5, tzinfo=UTC))
    after, told = heard(Notices("x"), ["j"], noon, Manners(), not_before=later)
    assert (after.waiting, after.due, told) == (("j",), later, ())
    assert heard(after, [], datetime(2026, 1, 5, 5, tzinfo=UTC), Manners(), not_before=later).ids == ("j",)
