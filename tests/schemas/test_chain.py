"""What stages tell each other in headers, and what anybody else may have written there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.chain import CAUSE, PUBLISHED, published_ms, said


@pytest.mark.parametrize(
    ("value", "told"),
    [(b"e-1", "e-1"), (b"", None), (b"x" * 257, None), (b"a b", None), ("\u202e".encode(), None), (b"\x1b[31m", None)],
)
def test_only_what_can_be_a_name_is_read(value: bytes, told: str | None) -> None:
    assert said([("other", b"x"), (CAUSE, value), (CAUSE, b"second")], CAUSE) == told
    assert said([], CAUSE) is None


@pytest.mark.parametrize(
    ("value", "told"),
    [(b"1767600000000", 1767600000000), (b"9" * 5000, None), (b"soon", None), (b"-1", None), ("\u0661".encode(), None)],
)
def test_a_time_is_a_bounded_number(value: bytes, told: int | None) -> None:
    assert published_ms([(PUBLISHED, value)]) == told


@given(st.lists(st.tuples(st.sampled_from([CAUSE, PUBLISHED, "x"]), st.binary(max_size=300))))
def test_anything_may_stand_there(headers: list[tuple[str, bytes]]) -> None:
    published_ms(headers)
    assert len(said(headers, CAUSE) or "") <= 256
