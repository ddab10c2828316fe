"""What makes two requests the same: who asks, at which door, and every parameter. Nobody gets another's answer."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def cache_key(caller: str, door: str, body: Mapping[str, Any]) -> bytes:
    """Return the key of a request's answer: equal only for the same caller, door and body, in any order of names."""
    told = json.dumps([caller, door, body], sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=True)
    return hashlib.sha256(told.encode()).digest()
