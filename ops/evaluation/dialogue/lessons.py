"""What labelled dialogues teach: what each turn does with the values that it names."""

from collections.abc import Iterator, Mapping, Sequence

from ops.evaluation.dialogue.rows import Dialogue, Said
from ops.evaluation.dialogue.values import BEGINS, State, before, spelling
from processors.chat.asked import asked_in
from processors.chat.conversation import Conversation, Question
from processors.chat.deciding import MANY, Decision, features
from processors.chat.understanding import read_turn


def lessons(dialogues: Sequence[Dialogue]) -> Iterator[tuple[list[str], frozenset[Decision]]]:
    """Yield features of each group of values, and the decisions that lead to the state after the turn."""
    for dialogue in dialogues:
        state, asked, number = dialogue.initial, None, 0
        for turn in dialogue.turns:
            if turn.role == "assistant":
                asked = asked_in(turn.text)
                continue
            number += 1
            if turn.slots is None:
                continue
            yield from _of_turn(turn, state, asked, number)
            state, asked = turn.slots, None


def _of_turn(
    turn: Said, state: State, asked: str | None, number: int
) -> Iterator[tuple[list[str], frozenset[Decision]]]:
    conversation = Conversation(
        "lesson", number=number - 1, slots=before(state), question=Question(asked) if asked else None
    )
    read = read_turn(turn.text, conversation, today=BEGINS.date())
    pairs = zip(read.groups, features(*read), strict=True)
    for group, names in pairs:
        values = [spelling(group.slot, mention.value) for mention in group.mentions]
        named = {spelling(group.slot, m.value) for m in read.mentions if m.slot == group.slot}
        held, holds = _values(state, group.slot), _values(turn.slots or frozenset(), group.slot)
        decisions = [_decisions(value, held, holds, named, is_many=group.slot in MANY) for value in values]
        yield names, max(decisions, key=decisions.count)


def _values(state: State, slot: str) -> Mapping[str, bool]:
    return {value: wanted for name, value, wanted in state if name == slot.replace("places", "place")}


def _decisions(
    value: str, held: Mapping[str, bool], holds: Mapping[str, bool], named: set[str], *, is_many: bool
) -> frozenset[Decision]:
    """Return what a turn may have done with a value: it is `holds` now, and was `held`."""
    match held.get(value), holds.get(value):
        case _, False:
            return frozenset(("negate",))
        case True, None:
            return frozenset(("remove",))
        case _, None:
            return frozenset(("pass",))
        case before, True:
            if not is_many:
                return frozenset(("pass", "set") if before else ("set",))
            others = {name for name, wanted in held.items() if wanted and name != value}
            if {name for name in others if not holds.get(name)} - named:
                return frozenset(("set",))
            if before:
                return frozenset(("pass",))
            return frozenset(("add",) if others else ("set", "add"))
    raise AssertionError  # the cases are all
