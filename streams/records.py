"""What the stages that read a record topic share."""

from collections.abc import Mapping, Sequence

from schemas import semconv
from schemas.errors import BadMessageError
from schemas.records import Record
from streams.delivery import Delivery, Inbound


class RecordStage:
    """Reads golden records; a subclass names itself and processes them."""

    def decode(self, message: Inbound) -> Record:
        """Return the record; raises BadMessageError."""
        try:
            return Record.from_json(message.value or b"")
        except (ValueError, KeyError, TypeError) as error:
            raise BadMessageError("invalid_data", f"not a golden record: {type(error).__name__}") from None

    def attributes(self, item: Record) -> dict[str, str]:
        """Return what identifies the record on its span."""
        return {semconv.ENTITY: item.entity, semconv.MESSAGE_KEY: item.id}


def newest_revisions(deliveries: Sequence[Delivery[Record]]) -> Mapping[str, Delivery[Record]]:
    """Return the delivery of each record's newest revision, by id; the others are superseded by it."""
    newest: dict[str, Delivery[Record]] = {}
    for delivery in deliveries:
        other = newest.get(delivery.item.id)
        if other is None or other.item.revision <= delivery.item.revision:
            newest[delivery.item.id] = delivery
    for delivery in deliveries:
        if newest[delivery.item.id] is not delivery:
            delivery.superseded_by(newest[delivery.item.id])
    return newest
