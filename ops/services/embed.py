"""Vectors of texts, by the model that the records are embedded with."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from ops.services.house import House
from schemas.base import LongText, Model
from schemas.services import MAX_TEXTS


class Texts(Model):
    """Texts to be embedded."""

    texts: Annotated[
        list[Annotated[LongText, StringConstraints(min_length=1)]], Field(min_length=1, max_length=MAX_TEXTS)
    ]


async def answer(house: House, request: Texts) -> dict[str, Any]:
    """Return a normalised vector for each text, and the model's version: vectors of two are never compared."""
    pool = await house.pool()
    vectors = await pool.embed(request.texts)
    return {"model": pool.version, "dimensions": pool.dimensions, "vectors": vectors.tolist()}
