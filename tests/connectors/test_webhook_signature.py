"""The signature of a webhook's request, against the specification's own example and as a receiver would check it."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.webhooks.signature import headers, key_of

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_the_example_of_the_specification() -> None:
    body = b'{"test": 2432232314}'
    found = headers(key_of(SECRET), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert found == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@given(st.binary(min_size=24, max_size=64), st.text("abc-1", min_size=1), st.binary())
def test_a_receiver_can_check_it(key: bytes, message_id: str, body: bytes) -> None:
    found = headers(key_of("whsec_" + base64.b64encode(key).decode()), message_id, 7, body)
    expected = hmac.new(key, message_id.encode() + b".7." + body, hashlib.sha256).digest()
    assert found["webhook-signature"] == "v1," + base64.b64encode(expected).decode()


@pytest.mark.parametrize(
    "secret", ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_short", "whsec_" + "A" * 200, "whsec_!!!"]
)
def test_what_is_no_secret_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_ and base64") as refused:
        key_of(secret)
    assert secret in ("", "whsec_") or secret not in str(refused.value)
