"""The one door to Kafka: every client of aiokafka is built here, with the same login, encryption and time-outs.

Faust builds its producer itself; it is given `login`. What is read is `read_committed`, in any codec.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.abc import AbstractTokenProvider
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import (
    IllegalStateError,
    KafkaConnectionError,
    KafkaError,
    OutOfOrderSequenceNumber,
    SaslAuthenticationFailed,
    UnknownProducerId,
    UnsupportedSaslMechanismError,
)
from aiokafka.producer.transaction_manager import PidAndEpoch
from aiokafka.util import create_future

from schemas.envelope import Headers
from schemas.errors import LoomaError
from schemas.settings import KafkaSettings
from sinks import batches
from sinks.sealing import NoKeyError, ring

CLIENT_ID = "looma"
METADATA_MS = 5_000
"""How old metadata may be: a topic that was deleted and made again is noticed so soon (aiokafka's default: 5 min)."""
MAX_MESSAGE_BYTES = 4 * 1024 * 1024
"""What one message may have in all."""
MAX_TOKEN_BYTES = 64 * 1024
LOST_SEQUENCE = (OutOfOrderSequenceNumber, UnknownProducerId)
"""A producer has lost its place: Kafka refuses all that it sends to the partition until it begins a new epoch."""
_LAST_EPOCH = 2**15 - 1
_NOBODY = PidAndEpoch(-1, -1)


class LoginError(LoomaError, KafkaError):  # type: ignore[misc]
    """Kafka cannot be talked to with these settings; the text says which and holds no secret."""

    code = "kafka_login"

    def __str__(self) -> str:
        return str(self.args[0])


class TokenCommandError(LoginError):
    """The command of `kafka.token_command` gave no token."""

    code = "kafka_token"


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
    """Return aiokafka's options for who asks and how it is encrypted. Raises LoginError for files of no use."""
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
    try:
        context = ssl.create_default_context(cafile=settings.ca_file)
    except OSError as error:
        raise LoginError(f"kafka.ca_file {settings.ca_file}: {_reason(error)}") from None
    context.check_hostname = settings.check_hostname
    if settings.certificate_file:
        password = settings.key_password.get_secret_value() if settings.key_password else ""
        try:
            # A function, even for no password: without one OpenSSL asks on the terminal.
            context.load_cert_chain(settings.certificate_file, settings.key_file, lambda: password)
        except (OSError, ValueError) as error:
            files = f"kafka.certificate_file {settings.certificate_file}, kafka.key_file, kafka.key_password"
            raise LoginError(f"{files}: {_reason(error)}") from None
    return context


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or getattr(error, "reason", None) or type(error).__name__


async def _refusal(settings: KafkaSettings) -> LoginError | None:
    """Ask each server once more, for aiokafka only logs why it was refused; None if no server said why."""
    options = _connection(settings)
    for host, port, _ in collect_hosts(options.pop("bootstrap_servers")):
        server = f"{host}:{port}"
        try:
            connection = await create_conn(host, port, **options)
        except LoginError as error:
            return error
        except (SaslAuthenticationFailed, UnsupportedSaslMechanismError) as error:
            what = f"{server} refuses kafka.sasl_username, kafka.sasl_password or kafka.sasl_mechanism"
            return LoginError(f"{what} ({type(error).__name__})")
        except ssl.SSLCertVerificationError as error:
            return LoginError(f"the certificate of {server} is refused ({error.verify_message}); see kafka.ca_file")
        except ssl.SSLError as error:
            what = f"{server} cannot be talked to over {settings.security_protocol} ({_reason(error)})"
            return LoginError(f"{what}; see kafka.security_protocol and kafka.certificate_file")
        except (OSError, KafkaError):
            continue
        connection.close()
        return None
    return None


class _Telling:
    """Says why it was refused, where aiokafka says that it is not connected."""

    settings: KafkaSettings

    async def start(self) -> None:
        """Connect. Raises LoginError."""
        try:
            await super().start()  # type: ignore[misc]
        except KafkaConnectionError:
            if refusal := await _refusal(self.settings):
                raise refusal from None
            raise


class _Consumer(_Telling, AIOKafkaConsumer):  # type: ignore[misc]
    """Opens what is sealed, if it is to, and asks for offsets of all topics at once.

    aiokafka learns of one topic after another, a tenth of a second apart.
    """

    opens: bool

    async def getmany(self, *partitions: TopicPartition, **options: Any) -> dict[TopicPartition, list[Any]]:
        """Return records by partition. Raises NoKeyError; then the same records come again."""
        found = await super().getmany(*partitions, **options)
        return self._opened(found) if self.opens else cast(dict[TopicPartition, list[Any]], found)

    async def getone(self, *partitions: TopicPartition) -> Any:
        """Return a record. Raises NoKeyError; then the same record comes again."""
        record = await super().getone(*partitions)
        place = TopicPartition(record.topic, record.partition)
        return self._opened({place: [record]})[place][0] if self.opens else record

    def _opened(self, found: Mapping[TopicPartition, list[Any]]) -> dict[TopicPartition, list[Any]]:
        keys = ring(self.settings)
        try:
            return {partition: [keys.opened(record) for record in records] for partition, records in found.items()}
        except NoKeyError:
            for partition, records in found.items():
                with suppress(IllegalStateError):  # it is not assigned any more
                    self.seek(partition, records[0].offset)
            raise

    async def beginning_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Return the first offset of each partition."""
        return cast(dict[TopicPartition, int], await super().beginning_offsets(self._told_of(partitions)))

    async def end_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Return the offset behind the last record of each partition."""
        return cast(dict[TopicPartition, int], await super().end_offsets(self._told_of(partitions)))

    async def offsets_for_times(self, timestamps: Mapping[TopicPartition, int]) -> Mapping[TopicPartition, Any]:
        """Return the first record at or after the time of each partition, None where there is none."""
        self._told_of(timestamps)
        return cast(Mapping[TopicPartition, Any], await super().offsets_for_times(timestamps))

    def _told_of(self, partitions: Iterable[TopicPartition]) -> list[TopicPartition]:
        listed = list(partitions)
        for topic in {partition.topic for partition in listed}:
            self._client.add_topic(topic)
        return listed


class Producer(_Telling, AIOKafkaProducer):  # type: ignore[misc]
    """Keeps its producer id while it lives, so that Kafka appends nothing of it behind what it has sent later."""

    options: dict[str, Any]

    def owned(self, who: PidAndEpoch) -> "OwnedProducer":
        """Return a producer that sends as `who`, over this one's connections; it is not started."""
        return OwnedProducer(self, who, self.options)

    async def start(self) -> None:
        """Connect, or leave nothing open. Raises LoginError."""
        try:
            await super().start()
        except BaseException:
            await self.stop()
            raise

    async def send(
        self,
        topic: str,
        value: bytes | None = None,
        key: bytes | None = None,
        partition: int | None = None,
        timestamp_ms: int | None = None,
        headers: Headers | None = None,
    ) -> Any:
        """Hand a message over, sealed if its topic is; return the future of its delivery."""
        value, headers = ring(self.settings).seal(topic, key, value, headers or [])
        return await super().send(topic, value, key, partition, timestamp_ms, headers)

    async def stop(self) -> None:
        """Send what waits, for no longer than a request may take; leave what no broker takes."""
        try:
            async with asyncio.timeout(self.settings.timeout_seconds):
                await super().stop()
        except TimeoutError:
            await self.client.close()

    @property
    def epoch(self) -> int:
        """Which numbering it is in."""
        return int(self._txn_manager.producer_epoch)

    def begin_epoch(self, lost: int) -> None:
        """Number anew after `lost`, the epoch in which the sequence was lost; nothing if that has been done.

        What waits to be sent fails: it would overtake what has failed before it. From the first batch of the new
        epoch on, Kafka refuses those of the old one. As Java's client does it, and as Kafka's KIP-360 describes it.
        """
        if self.epoch != lost:
            return
        transactions = self._txn_manager
        transactions._sequence_numbers.clear()
        if lost < _LAST_EPOCH:
            transactions._pid_and_epoch = PidAndEpoch(transactions.producer_id, lost + 1)
        else:  # the sender asks for another id
            transactions._pid_and_epoch, transactions._pid_waiter = _NOBODY, create_future()
        batches = self._message_accumulator._batches
        for partition, waiting in list(batches.items()):
            for batch in waiting:
                if not batch.retry_count:
                    batch.failure(OutOfOrderSequenceNumber())
                    batch._drain_waiter.exception()  # seen, if nobody waits for room in it
            # What was sent before has its numbers and may have been appended: it goes first, as it is.
            batches[partition] = deque(batch for batch in waiting if batch.retry_count)
            if not batches[partition]:
                del batches[partition]


class OwnedProducer(AIOKafkaProducer):  # type: ignore[misc]
    """Sends over another producer's connections, numbered as the id and the epoch that it is given."""

    def __init__(self, shared: Producer, who: PidAndEpoch, options: dict[str, Any]) -> None:
        super().__init__(**options)
        self.client = self._sender.client = shared.client
        self._metadata = self._message_accumulator._cluster = shared.client.cluster
        self._txn_manager.set_pid_and_epoch(*who)

    async def start(self) -> None:
        """Begin to send; the connections are there."""
        await self._sender.start()

    async def abandon(self, reason: Exception) -> None:
        """Fail all that is not acknowledged and send none of it again; what is on its way may still be appended."""
        self._closed = True
        waiting = [batch for batches in self._message_accumulator._batches.values() for batch in batches]
        self._message_accumulator.fail_all(reason)
        for batch in waiting:
            batch._drain_waiter.exception()  # seen, if nobody waits for room in it
        await self._sender.close()


class _Admin(_Telling, AIOKafkaAdminClient):  # type: ignore[misc]
    pass


def _connection(settings: KafkaSettings) -> dict[str, Any]:
    return {
        "bootstrap_servers": settings.bootstrap_servers,
        "client_id": CLIENT_ID,
        "request_timeout_ms": int(settings.timeout_seconds * 1000),
        **login(settings),
    }


def consumer(settings: KafkaSettings, *topics: str, opens: bool = True, **options: Any) -> AIOKafkaConsumer:
    """Return a consumer that is not started. `options` are AIOKafkaConsumer's; nothing is committed by itself.

    What is sealed it opens, or raises NoKeyError; who looks at places and times alone needs no key (`opens`).
    """
    batches.install()
    fixed = {"isolation_level": "read_committed", "enable_auto_commit": False, "metadata_max_age_ms": METADATA_MS}
    made = _Consumer(*topics, **(_connection(settings) | fixed | options))
    made.settings, made.opens = settings, opens
    return made


def producer(settings: KafkaSettings, **options: Any) -> Producer:
    """Return an idempotent producer that is not started and compresses. `options` are AIOKafkaProducer's."""
    fixed = {
        "enable_idempotence": True,
        "acks": "all",
        "max_request_size": MAX_MESSAGE_BYTES,
        "compression_type": "zstd",
    }
    every = _connection(settings) | fixed | options
    made = Producer(**every)
    made.settings, made.options = settings, every
    return made


@asynccontextmanager
async def admin(settings: KafkaSettings) -> AsyncIterator[AIOKafkaAdminClient]:
    """Connect an admin client for the block."""
    opened = _Admin(**_connection(settings))
    opened.settings = settings
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
