"""Pages of lists: a cursor says where the next page begins, to us alone."""

from typing import Annotated, Any, Generic, TypeVar

import orjson
from fastapi import Query
from pydantic import BaseModel, Field

from ops.api.context import Api
from ops.api.problems import Problem

MAX_PAGE = 200
Item = TypeVar("Item")
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="items of a page, at most")]
Cursor = Annotated[str | None, Query(max_length=2000, description="`next` of the page before")]


class Page(BaseModel, Generic[Item]):
    """A part of a list."""

    items: list[Item]
    next: str | None = Field(default=None, description="the cursor of the next page; null: there is none")


def cursor_of(api: Api, purpose: str, place: Any) -> str:
    """Return the cursor of what comes behind a place; `purpose` names the list and what it is filtered by."""
    return api.signer.sign(purpose, orjson.dumps(place).decode())


def place_of(api: Api, purpose: str, cursor: str | None) -> Any:
    """Return the place of a cursor; None for the first page. Raises Problem, 422, for a cursor of another list."""
    if cursor is None:
        return None
    text = api.signer.read(purpose, cursor)
    if text is None:
        raise Problem(422, "bad_cursor", "this is no cursor of this list with these filters; begin without one")
    return orjson.loads(text)
