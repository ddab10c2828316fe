"""What a message means behind those before it."""

import pytest

from processors.chat.conversation import Effect, Shown, fold
from processors.chat.intents import Guess, Intent
from processors.chat.understanding import understand

SHOWN = tuple(Shown("job", f"j-{n}") for n in range(1, 4))


def after(asked: Intent, text: str, guess: Intent) -> tuple[Intent, list[str]]:
    """Return what a text means after a list and a question about its first record."""
    state = fold("c", [Effect("user", goal="jobs", query="Java", focus=SHOWN), Effect("user", intent=asked)])
    found = understand(text, Guess(guess, 0.6), state)
    return found.intent, [shown.id for shown in found.points_at]


@pytest.mark.parametrize("asked", ["salary", "company_info", "explain_match"])
@pytest.mark.parametrize(
    ("text", "guess"),
    [
        ("第二个呢", "affirm"),
        ("那第二个呢？", "compare"),
        ("and the second?", "compare"),
        ("what about number 2", "refine"),
    ],
)
def test_what_was_asked_of_one_record_is_asked_of_the_next(asked: Intent, text: str, guess: Intent) -> None:
    assert after(asked, text, guess) == (asked, ["j-2"])


@pytest.mark.parametrize(
    ("text", "guess", "means"),
    [
        ("和第二个比呢", "compare", "compare"),
        ("第二个公司在哪", "company_info", "company_info"),
        ("第二个几点面试", "scheduling", "scheduling"),
        ("它要几年经验", "refine", "explain_match"),
        ("Kafka不太会，去掉", "unsubscribe", "refine"),
        ("别再推送Java的了", "unsubscribe", "unsubscribe"),
    ],
)
def test_what_says_more_means_what_it_says(text: str, guess: Intent, means: Intent) -> None:
    assert after("salary", text, guess)[0] == means
