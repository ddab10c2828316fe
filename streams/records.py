"""What the stages that read a record topic share."""

from collections.abc import Mapping, Sequence

from schemas import semconv
from schemas.entities import Entity
from schemas.errors import BadMessageError
from schemas.records import SourceRecord
from streams.delivery import Delivery, Inbound


class RecordStage:
    """Reads source records of one entity; a subclass names itself and processes them."""

    entity: Entity

    def decode(self, message: Inbound) -> SourceRecord:
        """Return the record; raises BadMessageError."""
        record = SourceRecord.from_json(message.value or b"")
        if record.entity != self.entity:
            raise BadMessageError("wrong_topic", f"this topic carries {self.entity} records only")
        if message.key != record.id.encode():
            raise BadMessageError("bad_key", "the message key must be the record's id")
        return record

    def attributes(self, item: SourceRecord) -> dict[str, str]:
        """Return what identifies the record on its span."""
        return {semconv.ENTITY: item.entity, semconv.MESSAGE_KEY: item.id}


def newest_revisions(deliveries: Sequence[Delivery[SourceRecord]]) -> Mapping[str, Delivery[SourceRecord]]:
    """Return the delivery of each record's newest revision, by id; the others are superseded by it."""
    newest: dict[str, Delivery[SourceRecord]] = {}
    for delivery in deliveries:
        delivery.outcome = "applied"  # a batch that failed comes again in halves
        other = newest.get(delivery.item.id)
        if other is None or other.item.revision <= delivery.item.revision:
            newest[delivery.item.id] = delivery
    for delivery in deliveries:
        if newest[delivery.item.id] is not delivery:
            delivery.superseded_by(newest[delivery.item.id])
    return newest
