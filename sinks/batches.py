"""Kafka's record batches as foreign clients write them: every codec, bounded in memory, header names of any bytes.

aiokafka ends a consumer at a header name that is not UTF-8, and unpacks a compressed batch whatever its size. Here
such a name comes with surrogate escapes, and a batch that cannot be unpacked comes as one record with its packed bytes
and the header `UNREADABLE`, so that whoever reads it can say so and go on behind it.
https://kafka.apache.org/documentation/#recordbatch
"""

import gzip
import io
import struct
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

import cramjam
from aiokafka.codec import snappy_decode
from aiokafka.consumer import fetcher
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import decode_varint

MAX_BATCH_BYTES = 64 * 1024 * 1024
"""What a batch may unpack to. Brokers take a few MiB packed, and records seldom shrink to a tenth."""

UNREADABLE = "looma_unreadable"
"""The header of a record that stands for a whole batch; its value says why."""

_OVERHEAD = 12  # of a batch before the bytes that its length counts
_MAGIC = 16
_ATTRIBUTES = 21
_HEADER = struct.Struct(">qiibIhiqqqhii")
_CODECS = {1: "gzip", 2: "snappy", 3: "lz4", 4: "zstd"}
_CODEC_BITS = 0x07
_XERIAL = b"\x82SNAPPY\x00"


class UnpackError(Exception):
    """A batch cannot be unpacked; the text says why."""


class Record(NamedTuple):
    """A record with the fields that aiokafka's fetcher reads."""

    offset: int
    timestamp: int
    timestamp_type: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]
    checksum: None = None


class Batches:
    """The batches of one fetch; stands in for aiokafka's MemoryRecords."""

    def __init__(self, data: bytes) -> None:
        self._records = MemoryRecords(data)
        self._data = memoryview(data)
        self._at = 0

    def size_in_bytes(self) -> int:
        """Bytes fetched."""
        return int(self._records.size_in_bytes())

    def has_next(self) -> bool:
        """Whether a whole batch is left."""
        return bool(self._records.has_next())

    def next_batch(self) -> Any:
        """Return the next batch."""
        begin = self._at
        (length,) = struct.unpack_from(">i", self._data, begin + 8)
        self._at = begin + _OVERHEAD + length
        batch = self._records.next_batch()
        if self._data[begin + _MAGIC] < 2:
            return batch
        return Batch(batch, self._data[begin : self._at])


class Batch:
    """One batch of format 2: aiokafka's own reading where it can read it, ours where it cannot."""

    def __init__(self, batch: Any, raw: memoryview) -> None:
        self._batch = batch
        self._raw = raw
        self.producer_id = batch.producer_id
        self.base_offset = batch.base_offset
        self.next_offset = batch.next_offset
        self.is_control_batch = batch.is_control_batch
        self.is_transactional = batch.is_transactional

    def validate_crc(self) -> bool:
        """Whether the bytes are as they were written."""
        return bool(self._batch.validate_crc())

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        codec = self._batch.compression_type
        try:
            raw = _plain(self._raw, codec) if codec else bytes(self._raw)
        except UnpackError as error:
            yield self._unreadable(f"a batch of {_CODECS.get(codec, codec)} that {error}")
            return
        batch = DefaultRecordBatch(raw) if codec else self._batch
        read = 0
        try:
            for record in batch:
                yield record
                read += 1
        except UnicodeDecodeError:
            yield from islice(_records(raw), read, None)

    def _unreadable(self, reason: str) -> Record:
        """Return the record that stands for the batch, with the packed bytes."""
        batch = self._batch
        headers: list[tuple[str, bytes | None]] = [(UNREADABLE, reason.encode())]
        value = bytes(self._raw[_HEADER.size :])
        return Record(self.base_offset, batch.max_timestamp, batch.timestamp_type, None, value, headers)


def _plain(raw: memoryview, codec: int) -> bytes:
    """Return a batch's bytes as if it had never been compressed. Raises UnpackError."""
    attributes = int.from_bytes(raw[_ATTRIBUTES : _ATTRIBUTES + 2], "big") & ~_CODEC_BITS
    header = bytes(raw[:_ATTRIBUTES]) + attributes.to_bytes(2, "big") + bytes(raw[_ATTRIBUTES + 2 : _HEADER.size])
    return header + unpack(bytes(raw[_HEADER.size :]), codec)


def unpack(data: bytes, codec: int, limit: int = MAX_BATCH_BYTES) -> bytes:
    """Return what `data` was before Kafka's codec (1 gzip, 2 snappy, 3 lz4, 4 zstd) packed it.

    Raises UnpackError if that is more than `limit` bytes, or if it is none of that codec's.
    """
    plain: bytes | None
    try:
        if codec == 1:
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
                plain = file.read(limit + 1)
        elif codec == 2:
            plain = snappy_decode(data) if _snappy_size(data) <= limit else None
        elif codec in (3, 4):
            plain = _bounded(cramjam.lz4 if codec == 3 else cramjam.zstd, data, limit)
        else:
            raise UnpackError("no client of today writes")
    except (cramjam.DecompressionError, EOFError, OSError, ValueError, struct.error, zlib.error) as error:
        raise UnpackError(f"cannot be unpacked ({type(error).__name__})") from None
    if plain is None or len(plain) > limit:
        raise UnpackError(f"would unpack to more than {limit} bytes")
    return plain


def _snappy_size(data: bytes) -> int:
    """Return how many bytes blocks of snappy unpack to, as they say themselves."""
    if not data.startswith(_XERIAL):
        return int(cramjam.snappy.decompress_raw_len(data))
    at, size = 16, 0
    while at < len(data):
        (length,) = struct.unpack_from(">i", data, at)
        if length < 0:
            raise ValueError("a block of negative length")
        size += int(cramjam.snappy.decompress_raw_len(data[at + 4 : at + 4 + length]))
        at += 4 + length
    return size


def _bounded(codec: Any, data: bytes, limit: int) -> bytes | None:
    """Unpack into ever larger buffers, since frames need not say how large they will be; None above the limit."""
    room = max(4096, 8 * len(data))
    while True:
        buffer = bytearray(min(room, limit))
        try:
            return bytes(memoryview(buffer)[: codec.decompress_into(data, buffer)])
        except cramjam.DecompressionError as error:
            if "whole buffer" not in str(error):
                raise
        if room >= limit:
            return None
        room *= 8


def _records(raw: bytes) -> Iterator[Record]:
    """Read a batch that is not compressed, with header names of any bytes."""
    fields = _HEADER.unpack_from(raw)
    base, attributes, first, latest, count = fields[0], fields[5], fields[7], fields[8], fields[12]
    appended = int(bool(attributes & 0x08))
    at = _HEADER.size
    for _ in range(count):
        length, at = decode_varint(raw, at)
        end = at + length
        _, at = decode_varint(raw, at)
        delta, at = decode_varint(raw, at)
        offset, at = decode_varint(raw, at)
        key, at = _bytes(raw, at)
        value, at = _bytes(raw, at)
        size, at = decode_varint(raw, at)
        headers = []
        for _ in range(size):
            name, at = _bytes(raw, at)
            content, at = _bytes(raw, at)
            headers.append(((name or b"").decode("utf-8", "surrogateescape"), content))
        at = end
        yield Record(base + offset, latest if appended else first + delta, appended, key, value, headers)


def _bytes(raw: bytes, at: int) -> tuple[bytes | None, int]:
    length, at = decode_varint(raw, at)
    return (None, at) if length < 0 else (raw[at : at + length], at + length)


def install() -> None:
    """Have every consumer of this process read batches in this way."""
    fetcher.MemoryRecords = Batches
