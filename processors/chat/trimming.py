"""Making a prompt fit: the oldest goes first, and a tool's result never stays without the call that it answers."""

from collections.abc import Sequence

from processors.chat.tokens import of_messages, of_prompt
from schemas.completions import Prompt, PromptMessage


def trimmed(prompt: Prompt, most: int) -> Prompt | None:
    """Return a prompt of `most` tokens at most; None where what must stay is longer.

    System messages and the last message of the user stay. Of the rest whole groups go, the oldest first: a message, or
    an assistant's calls with their results. Calls without all of their results are a group that goes in any case.
    """
    system = [m for m in prompt.messages if m.role == "system"]
    groups = [group for group in _groups(prompt.messages) if _is_whole(group)]
    asked = max((n for n, group in enumerate(groups) if group[0].role == "user"), default=-1)
    room = most - of_prompt(prompt._replace(messages=tuple(system)))
    if asked >= 0:
        room -= of_messages(groups[asked])
    if room < 0:
        return None
    kept = [asked] if asked >= 0 else []
    for n in range(len(groups) - 1, -1, -1):
        if n == asked:
            continue
        room -= of_messages(groups[n])
        if room < 0:
            break
        kept.append(n)
    return prompt._replace(messages=tuple(system + [m for n in sorted(kept) for m in groups[n]]))


def _groups(messages: Sequence[PromptMessage]) -> list[list[PromptMessage]]:
    groups: list[list[PromptMessage]] = []
    for message in messages:
        if message.role == "system":
            continue
        if message.role == "tool" and groups and groups[-1][0].calls:
            groups[-1].append(message)
        else:
            groups.append([message])
    return groups


def _is_whole(group: Sequence[PromptMessage]) -> bool:
    first, *results = group
    return first.role != "tool" and sorted(c.id for c in first.calls) == sorted(r.answers for r in results)
