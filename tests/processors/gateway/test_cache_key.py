"""The key of a cached answer: no two callers, doors or parameters share one."""

import json

from hypothesis import given
from hypothesis import strategies as st

from processors.gateway.cache_key import cache_key

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
REQUEST = st.tuples(st.text(max_size=3), st.text(max_size=3), st.dictionaries(st.text(max_size=3), JSON, max_size=4))


@given(REQUEST, REQUEST)
def test_only_the_same_request_of_the_same_caller_has_the_same_key(one: tuple, other: tuple) -> None:
    def told(request: tuple) -> str:
        return json.dumps(request, sort_keys=True)

    assert (cache_key(*one) == cache_key(*other)) == (told(one) == told(other))


@given(REQUEST)
def test_the_order_of_names_does_not_matter(request_: tuple) -> None:
    caller, door, body = request_
    assert cache_key(caller, door, dict(reversed(body.items()))) == cache_key(caller, door, body)
