"""The one door to Kafka: every client of aiokafka is built here, with the same login, encryption and time-outs.

Faust builds its producer itself; it is given `login`. What is read is `read_committed`, in any codec.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.abc import AbstractTokenProvider
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient

from schemas.settings import KafkaSettings
from sinks import batches

CLIENT_ID = "looma"
METADATA_MS = 5_000
"""How old metadata may be: a topic that was deleted and made again is noticed so soon (aiokafka's default: 5 min)."""
MAX_REQUEST_BYTES = 4 * 1024 * 1024
"""What one message may have in all."""
MAX_TOKEN_BYTES = 64 * 1024


class TokenCommandError(RuntimeError):
    """The command of `kafka.token_command` gave no token."""


class _Token(AbstractTokenProvider):  # type: ignore[misc]
    """Asks a command for the token of each connection: whoever gives tokens knows how long one is good."""

    def __init__(self, command: Sequence[str], timeout_seconds: float) -> None:
        self._command = command
        self._timeout_seconds = timeout_seconds

    async def token(self) -> str:
        """Return a new token. Raises TokenCommandError; what the command prints is never repeated."""
        name = self._command[0]
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=None
            )
        except OSError as error:
            raise TokenCommandError(f"{name}, kafka.token_command, cannot be run: {error.strerror}") from None
        try:
            async with asyncio.timeout(self._timeout_seconds):
                output, _ = await process.communicate()
        except TimeoutError:
            process.kill()
            await process.wait()
            raise TokenCommandError(f"{name}, kafka.token_command, took over {self._timeout_seconds:g} s") from None
        token = output[:MAX_TOKEN_BYTES].decode("ascii", "replace").strip()
        if process.returncode or not token:
            raise TokenCommandError(f"{name}, kafka.token_command, gave no token (exit code {process.returncode})")
        return token


def login(settings: KafkaSettings) -> dict[str, Any]:
    """Return aiokafka's options for who asks and how it is encrypted. Raises OSError for files that cannot be read."""
    options: dict[str, Any] = {"security_protocol": settings.security_protocol}
    if "SSL" in settings.security_protocol:
        options["ssl_context"] = _tls(settings)
    if settings.sasl_mechanism == "OAUTHBEARER":
        token = _Token(settings.token_command, settings.timeout_seconds)
        options |= {"sasl_mechanism": settings.sasl_mechanism, "sasl_oauth_token_provider": token}
    elif settings.sasl_mechanism:
        password = settings.sasl_password.get_secret_value() if settings.sasl_password else None
        options |= {
            "sasl_mechanism": settings.sasl_mechanism,
            "sasl_plain_username": settings.sasl_username,
            "sasl_plain_password": password,
        }
    return options


def _tls(settings: KafkaSettings) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=settings.ca_file)
    context.check_hostname = settings.check_hostname
    if settings.certificate_file:
        password = settings.key_password.get_secret_value() if settings.key_password else None
        # Without a password OpenSSL would ask on the terminal.
        context.load_cert_chain(settings.certificate_file, settings.key_file, password or (lambda: ""))
    return context


def _connection(settings: KafkaSettings) -> dict[str, Any]:
    return {
        "bootstrap_servers": settings.bootstrap_servers,
        "client_id": CLIENT_ID,
        "request_timeout_ms": int(settings.timeout_seconds * 1000),
        **login(settings),
    }


def consumer(settings: KafkaSettings, *topics: str, **options: Any) -> AIOKafkaConsumer:
    """Return a consumer that is not started. `options` are AIOKafkaConsumer's; nothing is committed by itself."""
    batches.install()
    fixed = {"isolation_level": "read_committed", "enable_auto_commit": False, "metadata_max_age_ms": METADATA_MS}
    return AIOKafkaConsumer(*topics, **(_connection(settings) | fixed | options))


def producer(settings: KafkaSettings, **options: Any) -> AIOKafkaProducer:
    """Return an idempotent producer that is not started. `options` are AIOKafkaProducer's."""
    fixed = {"enable_idempotence": True, "acks": "all", "max_request_size": MAX_REQUEST_BYTES}
    return AIOKafkaProducer(**(_connection(settings) | fixed | options))


@asynccontextmanager
async def admin(settings: KafkaSettings) -> AsyncIterator[AIOKafkaAdminClient]:
    """Connect an admin client for the block."""
    opened = AIOKafkaAdminClient(**_connection(settings))
    try:
        await opened.start()
        yield opened
    finally:
        await opened.close()


@asynccontextmanager
async def client(settings: KafkaSettings) -> AsyncIterator[AIOKafkaClient]:
    """Connect a bare client for the block, for requests that the others cannot make."""
    opened = AIOKafkaClient(**_connection(settings))
    try:
        await opened.bootstrap()
        yield opened
    finally:
        await opened.close()
