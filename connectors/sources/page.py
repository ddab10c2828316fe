"""What a page of an API says: its items, and where the next page is. Pure, and of any bytes."""

import json
from typing import Any

from connectors.json_text import loads

_ITEMS = ("items", "data", "results")
_NEXT = (
    "next",
    "next_cursor",
    "nextCursor",
    "links.next",
    "_links.next",
    "paging.next",
    "pagination.next",
    "pagination.next_cursor",
    "meta.next",
    "meta.next_cursor",
    "response_metadata.next_cursor",
)
# OData writes a dot in a name.
_ODATA = "@odata.nextLink"
# JSON is in Unicode (RFC 8259), whatever the server says, except where somebody meant it.
_CHINESE = frozenset(("gb2312", "gbk", "gb18030", "big5"))
_MORE = ("has_more", "hasMore", "has_next", "hasNext")
_GROUPS = ("paging", "pagination", "meta")


class PageError(ValueError):
    """An answer that is no page; the text says what it is instead."""


def parse_page(body: bytes, charset: str | None) -> Any:
    """Return the JSON of a page; what one item gets wrong costs that item. Raises PageError."""
    try:
        chinese = charset is not None and charset.lower() in _CHINESE
        encoding = charset if charset and chinese else json.detect_encoding(body)
        text = body.decode(encoding, "surrogateescape").removeprefix("\ufeff")
    except (LookupError, UnicodeError):
        text = body.decode("utf-8", "surrogateescape")
    try:
        return loads(text)
    except json.JSONDecodeError:
        raise PageError(f"a page is not JSON{_instead(body)}") from None


def items_of(body: Any) -> list[Any]:
    """Return the items of a page. Raises PageError."""
    if isinstance(body, dict):
        body = next((body[name] for name in _ITEMS if name in body), None)
    if not isinstance(body, list):
        raise PageError(f"a page must be a JSON array, or have one under {', '.join(_ITEMS)}")
    return body


def named_next(body: Any) -> Any:
    """Return what a page says of the next one, in whichever of the usual places; None if nothing."""
    if not isinstance(body, dict):
        return None
    return next((said for said in (_at(body, name) for name in _NEXT) if said), None) or body.get(_ODATA)


def more_said(body: Any) -> bool:
    """Whether a page says that there are more."""
    if not isinstance(body, dict):
        return False
    groups = [body, *(body[name] for name in _GROUPS if isinstance(body.get(name), dict))]
    return any(group.get(name) is True for group in groups for name in _MORE)


def _at(body: dict[str, Any], name: str) -> Any:
    found: Any = body
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _instead(body: bytes) -> str:
    if not body.strip():
        return ", it is empty"
    if body.lstrip().startswith(b"<"):
        return " but HTML or XML; is the address right, and does the API want a token (LOOMA_SYNC_TOKEN)?"
    return ""
