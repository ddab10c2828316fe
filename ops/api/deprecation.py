"""Headers of a route that will go: `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and a link to what replaces it."""

from datetime import datetime
from email.utils import format_datetime
from typing import Any

from fastapi import Depends, Response


def deprecated(since: datetime, sunset: datetime, successor: str) -> Any:
    """Return a dependency for `dependencies=[…]` of a route; give the route `deprecated=True` too, for OpenAPI."""
    headers = {
        "deprecation": f"@{int(since.timestamp())}",
        "sunset": format_datetime(sunset, usegmt=True),
        "link": f'<{successor}>; rel="successor-version"',
    }

    async def tell(response: Response) -> None:
        response.headers.update(headers)

    return Depends(tell)
