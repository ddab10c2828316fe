"""Trimming: what is left fits, and no tool's result is without its call, or a call without its results."""

from hypothesis import given
from hypothesis import strategies as st

from processors.chat.tokens import of_prompt, tokens
from processors.chat.trimming import trimmed
from schemas.completions import Prompt, PromptMessage, Tool, ToolCall

TEXTS = st.text(max_size=40)


@st.composite
def rounds(draw: st.DrawFn) -> list[PromptMessage]:
    names = [f"c{draw(st.integers(0, 3))}-{n}" for n in range(draw(st.integers(1, 3)))]
    calls = tuple(ToolCall(name, "read", draw(TEXTS)) for name in names)
    answered = names if draw(st.integers(0, 5)) else names[:-1]  # one result may have been lost
    return [PromptMessage("assistant", "", calls), *(PromptMessage("tool", draw(TEXTS), answers=n) for n in answered)]


PLAIN = st.builds(lambda role, text: [PromptMessage(role, text)], st.sampled_from(["user", "assistant", "tool"]), TEXTS)
PROMPTS = st.lists(PLAIN | rounds(), max_size=10).map(
    lambda groups: Prompt(
        (PromptMessage("system", "rules"), *(m for g in groups for m in g)),
        (Tool("read", "Read.", {"type": "object"}),),
    )
)


@given(PROMPTS, st.integers(0, 400))
def test_it_fits_and_pairs_stay_together(prompt: Prompt, most: int) -> None:
    found = trimmed(prompt, most)
    asked = [m for m in prompt.messages if m.role == "user"]
    if found is None:
        stays = tuple(m for m in prompt.messages if m.role == "system") + tuple(asked[-1:])
        assert of_prompt(prompt._replace(messages=stays)) > most
        return
    assert of_prompt(found) <= most
    open_calls: list[str] = []
    for message in found.messages:
        if message.role == "tool":
            open_calls.remove(message.answers)  # raises for a result without its call
        else:
            assert not open_calls, "a call without its result"
            open_calls = [call.id for call in message.calls]
    assert not open_calls
    assert found.messages[0].role == "system"
    assert [m for m in found.messages if m.role == "user"][-1:] == asked[-1:]
    left = iter(prompt.messages)
    assert all(message in left for message in found.messages), "the order has changed"
    assert trimmed(found, most) == found


def test_the_oldest_goes_first() -> None:
    calls = [PromptMessage("assistant", "", (ToolCall(f"c{n}", "read", "x" * 40),)) for n in range(3)]
    results = [PromptMessage("tool", "y" * 40, answers=f"c{n}") for n in range(3)]
    pairs = [m for pair in zip(calls, results, strict=True) for m in pair]
    prompt = Prompt((PromptMessage("system", "s"), PromptMessage("user", "q"), *pairs))
    found = trimmed(prompt, of_prompt(prompt) - 1)
    assert found
    assert found.messages == (*prompt.messages[:2], *pairs[2:])


def test_tokens_of_both_scripts_are_counted() -> None:
    assert tokens("") == 0
    assert tokens("上海") == 2
    assert tokens("Shanghai") == 2
    assert tokens("在 Shanghai 工作") == 3 + 3
