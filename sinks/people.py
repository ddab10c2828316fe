"""MongoDB: whom a stored record speaks of, by the field that the catalogue of entities names."""

from collections.abc import Mapping
from typing import Any

from schemas.entities import PERSONAL, SPEC, Entity
from sinks.mongodb import Document


def records_of(person: str) -> dict[Entity, Document]:
    """Return the query for a person's records of each entity that has any."""
    return {entity: _query(SPEC[entity].person, person) for entity in PERSONAL}


def people_in(entity: Entity, document: Mapping[str, Any]) -> frozenset[str]:
    """Return whom a document speaks of, as any of its sources says."""
    name = SPEC[entity].person
    if name == "id":
        return frozenset((document["_id"],))
    said = (c["value"] for c in document.get("contributions", ()) if c["field"] == name)
    return frozenset(value for value in said if isinstance(value, str))


def naming(entity: Entity) -> Document:
    """Return the projection of what `people_in` looks at."""
    return {"_id": 1} if SPEC[entity].person == "id" else {"contributions": 1}


def _query(name: str | None, person: str) -> Document:
    if name == "id":
        return {"_id": person}
    return {"contributions": {"$elemMatch": {"field": name, "value": person}}}
