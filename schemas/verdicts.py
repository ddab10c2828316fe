"""Persons' verdicts on which records are one: `looma.identity.merge` and `looma.identity.unmerge`."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, Self

from pydantic import model_validator

from schemas.base import EntityId, Model, read_data
from schemas.entities import Resolvable
from schemas.envelope import MAX_VALUE_BYTES, Envelope, parse_headers
from schemas.errors import BadMessageError

Action = Literal["merge", "unmerge"]
_ACTIONS: Final[dict[str, Action]] = {"looma.identity.merge": "merge", "looma.identity.unmerge": "unmerge"}


class IdentityVerdict(Model):
    """Two records of which somebody says whether they are one."""

    entity: Resolvable
    left: EntityId
    right: EntityId

    @model_validator(mode="after")
    def _are_two(self) -> Self:
        if self.left == self.right:
            raise ValueError("left and right must be two records")
        return self


@dataclass(frozen=True, slots=True)
class VerdictEvent:
    """A verdict with the envelope of its event."""

    envelope: Envelope
    action: Action
    verdict: IdentityVerdict


def decode_verdict(key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes]]) -> VerdictEvent:
    """Decode a message of `identity-events`. Raises BadMessageError and nothing else."""
    envelope, _ = parse_headers(key, headers)
    action = _ACTIONS.get(envelope.type)
    if action is None:
        raise BadMessageError("unknown_type", f"known types: {', '.join(_ACTIONS)}")
    if len(value or b"") > MAX_VALUE_BYTES:
        raise BadMessageError("oversized", f"{len(value or b'')} bytes; at most {MAX_VALUE_BYTES} are accepted")
    return VerdictEvent(envelope, action, read_data(IdentityVerdict, value))
