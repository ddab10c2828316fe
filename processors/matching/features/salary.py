"""The offer against the expectation."""

from typing import Any

from processors.matching.closeness import Closeness
from processors.matching.features.feature import NEUTRAL, Feature, Finding, Text
from processors.matching.profile import Profile
from schemas.base import Language

TOLERANCE = 0.2
"""An offer this much below the expectation scores 0."""


def score(talent: Profile, job: Profile, close: Closeness) -> Finding:
    """Score whether the offer reaches the expectation; expecting less than is offered does no harm."""
    wanted = talent.salary_max if talent.salary_min is None else talent.salary_min
    if wanted is None:
        return Finding(NEUTRAL, "not_expected")
    offered = job.salary_max
    if offered is None:
        if job.salary_min is None:
            return Finding(NEUTRAL, "not_offered", (wanted,))
        if job.salary_min < wanted:
            return Finding(NEUTRAL, "open_ended", (wanted, job.salary_min))
        offered = job.salary_min
    if offered >= wanted:
        return Finding(1.0, "met", (wanted, offered))
    shortfall = (wanted - offered) / wanted
    return Finding(max(0.0, 1 - shortfall / TOLERANCE), "below", (wanted, offered, shortfall))


def _words(facts: tuple[Any, ...], language: Language) -> dict[str, str]:
    words = {"wanted": f"{facts[0]:,}"}
    if len(facts) > 1:
        words["offered"] = f"{facts[1]:,}"
    if len(facts) > 2:
        words["percent"] = f"{max(facts[2] * 100, 1):.0f}"
    return words


FEATURE = Feature(
    name="salary",
    label=Text("薪资", "pay"),
    weight=0.06,
    score=score,
    reasons={
        "not_expected": Text("期望薪资未知", "Expected salary unknown"),
        "not_offered": Text(
            "职位未公开薪资；期望月薪 {wanted} 元起", "No salary stated; CNY {wanted} a month expected"
        ),
        "open_ended": Text(
            "职位月薪 {offered} 元起，期望 {wanted} 元起",
            "Offer starts at CNY {offered} a month, CNY {wanted} expected",
        ),
        "met": Text(
            "职位月薪可达 {offered} 元，满足期望的 {wanted} 元",
            "Offer of up to CNY {offered} a month meets the expected {wanted}",
        ),
        "below": Text(
            "职位月薪最高 {offered} 元，比期望的 {wanted} 元低 {percent}%",
            "Offer of up to CNY {offered} a month is {percent}% below the expected {wanted}",
        ),
    },
    words=_words,
)
