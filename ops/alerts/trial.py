"""A test alert: through Alertmanager where there is one, else straight to the receivers."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import aiohttp

from ops.alerts.notice import Told
from ops.alerts.send import ReceiverError, send
from ops.alerts.tls import connector
from schemas.envelope import timestamp
from schemas.settings import AlertSettings, ReceiverSettings

LASTS = timedelta(minutes=5)
TRIAL = Told(
    {"alertname": "LoomaTest", "severity": "critical", "job": "looma"},
    {"summary": "this is a test", "description": "Somebody ran `looma alerts test`. Nothing has happened."},
    datetime.fromtimestamp(0, UTC),
)


async def through_alertmanager(settings: AlertSettings) -> None:
    """Have Alertmanager send a test alert wherever its own configuration says. Raises ReceiverError, AlertTlsError."""
    now = datetime.now(UTC)
    alert = {
        "labels": dict(TRIAL.labels),
        "annotations": dict(TRIAL.annotations),
        "startsAt": timestamp(now),
        "endsAt": timestamp(now + LASTS),
    }
    url = f"{(settings.alertmanager or '').rstrip('/')}/api/v2/alerts"
    try:
        async with (
            aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=10), connector=connector(settings.ca_file)
            ) as session,
            session.post(url, json=[alert]) as answer,
        ):
            if answer.status != 200:
                raise ReceiverError(f"Alertmanager answers {answer.status}")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise ReceiverError(f"Alertmanager: {type(error).__name__}") from None


async def to_receivers(receivers: Sequence[ReceiverSettings]) -> dict[str, str | None]:
    """Send a test alert to each receiver; return what went wrong, None where nothing did."""
    trial = Told(TRIAL.labels, TRIAL.annotations, datetime.now(UTC))
    found: dict[str, str | None] = {}
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        for receiver in receivers:
            try:
                await send(receiver, [trial], session)
                found[receiver.name] = None
            except ReceiverError as error:
                found[receiver.name] = error.message
    return found
