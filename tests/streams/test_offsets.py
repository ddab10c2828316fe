"""No offset is committed past a message that has not been handled, whatever comes in between."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from streams.offsets import Offsets


def sized(offsets: Iterable[int]) -> list[tuple[int, int]]:
    return [(offset, 10 + offset % 7) for offset in offsets]


class Partition(RuleBasedStateMachine):
    """A log that grows, with gaps; fetched, handled in any order, now and then sought back or made anew."""

    def __init__(self) -> None:
        super().__init__()
        self.offsets = Offsets()
        self.position = 0
        self.unhandled: set[int] = set()
        self.fetched_any = False

    @rule(steps=st.lists(st.integers(1, 4), max_size=8), behind=st.integers(0, 3))
    def fetch(self, steps: list[int], behind: int) -> None:
        """Steps above 1 are what compaction left out; `behind` counts control records at the end."""
        found = []
        for step in steps:
            self.position += step
            found.append(self.position - 1)
        self.position += behind
        self.offsets.fetched(sized(found), self.position)
        self.unhandled |= set(found)
        self.fetched_any = True

    @rule(data=st.data())
    def handle(self, data: st.DataObject) -> None:
        if self.unhandled:
            offset = data.draw(st.sampled_from(sorted(self.unhandled)))
            self.unhandled.discard(offset)
            self.offsets.handled(offset)

    @rule()
    def seek_back_to_what_is_committed(self) -> None:
        committed = self.offsets.committable
        if committed is not None and committed < self.position:
            self.unhandled = {o for o in self.unhandled if o >= committed}
            again = sorted(self.unhandled)
            self.offsets.fetched(sized(again), self.position)

    @rule(count=st.integers(1, 5))
    def made_anew(self, count: int) -> None:
        if self.position > count:
            self.position = count
            self.unhandled = set(range(count))
            self.offsets.fetched(sized(range(count)), count)

    @rule(offset=st.integers(-5, 1000))
    def handle_what_another_life_had(self, offset: int) -> None:
        if offset not in self.unhandled:
            self.offsets.handled(offset)

    @invariant()
    def nothing_is_passed(self) -> None:
        expected = min(self.unhandled, default=self.position) if self.fetched_any or self.position else None
        assert self.offsets.committable == expected
        assert self.offsets.outstanding == len(self.unhandled)
        assert self.offsets.bytes == sum(size for _, size in sized(self.unhandled))


TestPartition = Partition.TestCase


@given(st.permutations(range(8)))
def test_handled_in_any_order_all_is_committed_in_the_end(order: list[int]) -> None:
    offsets = Offsets()
    offsets.fetched(sized(range(8)), 8)
    left = set(range(8))
    for offset in order:
        offsets.handled(offset)
        left.discard(offset)
        assert offsets.committable == min(left, default=8)


def test_nothing_is_committable_before_a_fetch() -> None:
    assert Offsets().committable is None


def test_the_first_message_of_a_partition_holds_back_all_behind_it() -> None:
    offsets = Offsets()
    offsets.fetched(sized(range(5)), 5)
    for offset in (1, 2, 3, 4):
        offsets.handled(offset)
    assert offsets.committable == 0
