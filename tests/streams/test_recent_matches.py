"""Lists of matches: what is stored, overlaid by what was published a moment ago."""

from schemas.messages import Match
from streams import recent_matches
from streams.recent_matches import SECONDS, RecentMatches


def match(job: str, score: float, revision: int = 1, status: str = "active", talent: str = "T1") -> Match:
    return Match.model_validate(
        {
            "talent_id": talent,
            "job_id": job,
            "talent_revision": revision,
            "job_revision": 1,
            "status": status,
            "score": score,
            "language": "en",
            "features": [],
            "model": "m",
        }
    )


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_is_newer_replaces_adds_and_withdraws() -> None:
    recent = RecentMatches()
    for each in (
        match("J1", 0.9, 2),
        match("J3", 0.5),
        match("J2", 0.4, status="withdrawn"),
        match("J9", 1, talent="T2"),
    ):
        recent.add(each)
    found = recent.over("talent", "T1", [match("J1", 0.1), match("J2", 0.4), match("J4", 0.3)])
    assert [(m.job_id, m.score) for m in found] == [("J1", 0.9), ("J3", 0.5), ("J4", 0.3)]
    assert [m.talent_id for m in recent.over("job", "J9", [])] == ["T2"]


def test_what_is_stored_of_a_later_revision_holds() -> None:
    recent = RecentMatches()
    recent.add(match("J1", 0.9, 2))
    assert [m.score for m in recent.over("talent", "T1", [match("J1", 0.2, 3)])] == [0.2]


def test_what_was_said_long_ago_is_stored_by_now_and_goes(monkeypatch: object) -> None:
    clock = Clock()
    recent = RecentMatches(clock=clock)
    recent.add(match("J1", 0.9))
    clock.now = SECONDS + 1
    assert recent.over("talent", "T1", []) == []
    recent.add(match("J2", 0.8))
    assert len(recent) == 1


def test_only_so_many_are_kept() -> None:
    recent = RecentMatches()
    for number in range(recent_matches.MAX_PAIRS + 5):
        recent.add(match(f"J{number % 7}", 0.5, talent=f"T{number}"))
    assert len(recent) == recent_matches.MAX_PAIRS
    assert recent.over("talent", "T0", []) == []
    recent.clear()
    assert len(recent) == 0
