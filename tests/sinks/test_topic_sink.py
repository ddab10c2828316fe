"""What a topic would refuse is refused before it is sent."""

import pytest

from schemas.errors import BadMessageError
from schemas.topics import TOPICS
from sinks.topic_sink import Message, refuse_oversized


@pytest.mark.parametrize("spec", TOPICS, ids=lambda spec: spec.name)
def test_results_have_the_sizes_that_their_topics_take(spec) -> None:  # type: ignore[no-untyped-def]
    most = spec.max_message_bytes
    refuse_oversized([Message(spec.name, b"k", b"x" * (most - 4096), [("a", b"b")])])
    for message in (
        Message(spec.name, b"k", b"x" * most, []),
        Message(spec.name, b"k", b"", [("a", b"x")] * (most // 8)),
    ):
        with pytest.raises(BadMessageError) as caught:
            refuse_oversized([Message(spec.name, b"k", None, []), message])
        assert caught.value.code == "oversized"
        assert spec.name in caught.value.detail
