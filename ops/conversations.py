"""Conversations as people and programs read them: turn by turn, as JSON or Markdown, with or without personal data."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from processors.masking import mask_text
from sinks.conversations import Turn

_SYNTAX = re.compile(r"([\\`*_\[\]<>#|~])")


def document(turn: Turn) -> dict[str, Any]:
    """Return a turn as JSON: what was said, and what was answered."""
    return {
        "conversation": turn.conversation,
        "number": turn.number,
        "time": turn.time,
        "participant": turn.participant,
        "kind": turn.kind,
        "text": turn.text,
        "intent": turn.effect.intent,
        "outcome": turn.outcome,
        "reply": json.loads(turn.reply) if turn.reply else None,
        "event_id": turn.event_id,
        "trace_id": turn.trace or None,
    }


def masked(documents: Sequence[Mapping[str, Any]], private: Collection[str]) -> list[dict[str, Any]]:
    """Return turns whose texts have no contacts, accounts or names; `private` are values that are known to be some."""

    def hidden(turn: Mapping[str, Any]) -> dict[str, Any]:
        reply = turn["reply"]
        reply = reply and {**reply, "text": mask_text(reply["text"], private)}
        return {**turn, "text": mask_text(turn["text"], private), "reply": reply}

    return [hidden(turn) for turn in documents]


def private_values(turns: Sequence[Turn]) -> frozenset[str]:
    """Return the personal data that has got placeholders in a conversation."""
    return frozenset(entry.partition(" ")[2] for turn in turns for entry in turn.effect.private)


def markdown(documents: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the lines of a conversation; what was said is quoted, what was answered follows with its citations."""
    yield f"# {_escaped(documents[0]['conversation'])}"
    for turn in documents:
        who = turn["participant"] or turn["kind"]
        yield from ("", f"## {turn['number']} · {turn['time'][:19]}Z · {_escaped(who)}", "")
        yield from (f"> {_escaped(line)}" for line in (turn["text"] or f"({turn['kind']})").splitlines())
        if reply := turn["reply"]:
            yield ""
            yield from (f"{_escaped(line)}  " for line in (reply["text"] or f"({reply['outcome']})").splitlines())
            cited = dict.fromkeys(f"{c['entity']} {c['id']} r{c['revision']}" for c in reply["citations"])
            if cited:
                yield from ("", f"*{_escaped(', '.join(cited))}*")


def _escaped(text: str) -> str:
    return _SYNTAX.sub(r"\\\1", text)
