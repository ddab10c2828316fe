"""What verification asks of a store that holds a copy of what the events say."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ops.verify.ledger import Entry
from ops.verify.report import Address, Difference, ReplicaName
from processors.sync.policy import Policy
from processors.sync.stored import StoredRecord
from schemas.entities import Entity


class Replica(Protocol):
    """One store's copies of one entity's records."""

    name: ReplicaName

    def expected(self, stored: StoredRecord) -> bytes | None:
        """Return the digest of the copy that a record should have; None if it should have none."""
        ...

    async def size(self) -> int:
        """Return about how many copies there are."""
        ...

    def scan(self) -> AsyncIterator[list[tuple[Address, bytes]]]:
        """Yield where every copy is and its digest."""
        ...

    def addresses(self) -> AsyncIterator[list[Address]]:
        """Yield where every copy is, without reading it."""
        ...

    def address(self, range_key: str, key: str) -> Address:
        """Return where the copy of a key is, if there is one."""
        ...

    async def judge(self, addresses: Sequence[Address], entries: Mapping[str, Entry]) -> list[Difference]:
        """Read the copies at `addresses` and return how they differ from what `entries` say."""
        ...


@dataclass(frozen=True, slots=True)
class Merger:
    """What the sync stage makes of a state: one entity's records under the policy in force."""

    entity: Entity
    policy: Policy

    def stored(self, entry: Entry, revision: int = 1) -> StoredRecord:
        """Return the record that a key's events amount to, as the sync stage would store it."""
        return StoredRecord.of(self.entity, entry.key, revision, entry.state, self.policy)
