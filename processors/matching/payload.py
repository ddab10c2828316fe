"""What is stored with a vector: the profile of its record, and of which text and by which model the vector is."""

from dataclasses import dataclass
from typing import Any

from processors.matching.profile import VECTORS, Profile

_FOR_MATCHING = ("skill_facts", "terms", *VECTORS)


@dataclass(frozen=True, slots=True)
class Payload:
    """`model` is the version of the vectors, `text_hash` of the text that the whole one is of.

    `updated` is when the newest of the record's values was said, in seconds since 1970.
    """

    profile: Profile
    model: str
    text_hash: str
    updated: int | None

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-able dict with flat keys; `Profile.from_payload` reads it."""
        stamps = {"text_hash": self.text_hash, "model": self.model, "updated": self.updated}
        return self.profile.to_payload() | stamps

    def searched(self) -> dict[str, Any]:
        """Return what is filtered by and shown, without what only matching reads."""
        payload = self.to_dict()
        for name in _FOR_MATCHING:
            payload.pop(name, None)
        return payload
