"""How many tokens a text has, near enough for budgets: no provider's tokenizer is at hand, and most count alike."""

from collections.abc import Iterable

from schemas.completions import Prompt, PromptMessage

_A_MESSAGE = 4
"""Tokens that a message takes beside its text."""


def tokens(text: str) -> int:
    """Return about how many tokens a text has: one for a character beyond ASCII, one for four others, rounded up."""
    ascii_ones = sum(map(str.isascii, text)) if not text.isascii() else len(text)
    return len(text) - ascii_ones + -(-ascii_ones // 4)


def of_messages(messages: Iterable[PromptMessage]) -> int:
    """Return about how many tokens messages have."""
    return sum(
        _A_MESSAGE + tokens(m.text) + sum(_A_MESSAGE + tokens(c.name) + tokens(c.arguments) for c in m.calls)
        for m in messages
    )


def of_prompt(prompt: Prompt) -> int:
    """Return about how many tokens a prompt has, with its tools."""
    tools = sum(_A_MESSAGE + tokens(t.name + t.description + str(t.parameters)) for t in prompt.tools)
    return of_messages(prompt.messages) + tools
