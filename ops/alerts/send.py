"""Sends notices: robots and webhooks by HTTP, people by e-mail."""

import asyncio
import smtplib
import ssl
import time
from collections.abc import Sequence
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiohttp
import orjson
from loguru import logger

from ops.alerts import notice
from ops.alerts.bodies import body_of
from ops.alerts.notice import Told
from schemas.errors import LoomaError
from schemas.settings import ReceiverSettings

MAX_ANSWER_BYTES = 64 * 1024
_LESS = ("info", "none")
"""What rules of others say of alerts that are for nobody; whatever else they say is a warning at least."""


class ReceiverError(LoomaError):
    """A receiver of alerts did not take a notice; the text says which and why, and no address."""

    code = "receiver"


def wanted(receiver: ReceiverSettings, alerts: Sequence[Told]) -> list[Told]:
    """Return the alerts that a receiver hears of."""
    if receiver.least == "critical":
        return [alert for alert in alerts if alert.severity == "critical"]
    return [alert for alert in alerts if alert.severity not in _LESS]


async def send(receiver: ReceiverSettings, alerts: Sequence[Told], session: aiohttp.ClientSession) -> None:
    """Send one notice. Raises ReceiverError."""
    try:
        async with asyncio.timeout(receiver.timeout_seconds):
            if receiver.kind == "email":
                await asyncio.to_thread(_mail, receiver, alerts)
            else:
                await _post(receiver, alerts, session)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, smtplib.SMTPException) as error:
        raise ReceiverError(f"{receiver.name}: {type(error).__name__}") from None


async def tell(receiver: ReceiverSettings, alerts: Sequence[Told], session: aiohttp.ClientSession) -> bool:
    """Send one notice; whether it was taken. Why it was not is logged."""
    try:
        await send(receiver, alerts, session)
    except ReceiverError as error:
        logger.warning("alerts are not told: {}", error.message)
        return False
    return True


async def _post(receiver: ReceiverSettings, alerts: Sequence[Told], session: aiohttp.ClientSession) -> None:
    url, body = receiver.url.get_secret_value(), notice.BODIES[receiver.kind](alerts)
    if receiver.secret and receiver.kind == "dingtalk":
        url = notice.dingtalk_url(url, receiver.secret.get_secret_value(), round(time.time() * 1000))
    if receiver.secret and receiver.kind == "feishu":
        body |= notice.feishu_signature(receiver.secret.get_secret_value(), round(time.time()))
    headers = {"Content-Type": "application/json; charset=utf-8"}
    async with session.post(url, data=orjson.dumps(body), headers=headers, allow_redirects=False) as answer:
        content = await body_of(answer, MAX_ANSWER_BYTES)
        if not 200 <= answer.status < 300:
            raise ReceiverError(f"{receiver.name}: status {answer.status}")
    try:
        said: object = orjson.loads(content)
    except orjson.JSONDecodeError:
        said = None
    if reason := notice.refusal(receiver.kind, said):
        raise ReceiverError(f"{receiver.name}: {reason}")


def _mail(receiver: ReceiverSettings, alerts: Sequence[Told]) -> None:
    """Send an e-mail; STARTTLS where the server offers it, and a password over nothing else."""
    parts = urlsplit(receiver.url.get_secret_value())
    message = EmailMessage()
    message["Subject"], message["From"] = notice.title(alerts).replace("\n", " "), receiver.sender
    message["To"] = ", ".join(receiver.to)
    message.set_content(notice.text(alerts))
    host, seconds, context = parts.hostname or "", receiver.timeout_seconds, ssl.create_default_context()
    connect = (
        smtplib.SMTP_SSL(host, parts.port or 465, timeout=seconds, context=context)
        if parts.scheme == "smtps"
        else smtplib.SMTP(host, parts.port or 25, timeout=seconds)
    )
    with connect as server:
        server.ehlo()
        is_encrypted = parts.scheme == "smtps"
        if not is_encrypted and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
            is_encrypted = True
        if parts.username:
            if not is_encrypted:
                raise ReceiverError(f"{receiver.name}: the server offers no encryption for the password")
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)
