"""Batches of every codec, of names that are no text, and of more than memory holds."""

import gzip
from contextlib import suppress

import cramjam
import pytest
from aiokafka.codec import snappy_encode
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from hypothesis import given
from hypothesis import strategies as st

from sinks.batches import UNREADABLE, Batches, UnpackError, unpack

GZIP, SNAPPY, LZ4, ZSTD = 1, 2, 3, 4
optional = st.none() | st.binary(max_size=200)
records = st.lists(
    st.tuples(optional, optional, st.lists(st.tuples(st.text(max_size=10), optional), max_size=4)),
    min_size=1,
    max_size=8,
)


def batch(contents, codec=0, base=0) -> bytes:
    builder = DefaultRecordBatchBuilder(2, codec, 0, -1, -1, -1, 1 << 26)
    for offset, (key, value, headers) in enumerate(contents):
        builder.append(offset, 1000 + offset, key, value, headers)
    raw = bytes(builder.build())
    return base.to_bytes(8, "big") + raw[8:]


def read(data: bytes) -> list:
    batches = Batches(data)
    found = []
    while batches.has_next():
        each = batches.next_batch()
        assert each.validate_crc()
        found += [(r.offset, r.key, r.value, r.headers, r.timestamp) for r in each]
    return found


@given(st.lists(st.tuples(records, st.sampled_from([0, GZIP, SNAPPY, LZ4, ZSTD])), min_size=1, max_size=4))
def test_every_codec_gives_what_was_written(batches) -> None:
    data, expected = b"", []
    for number, (contents, codec) in enumerate(batches):
        data += batch(contents, codec, number * 100)
        expected += [(number * 100 + n, k, v, h, 1000 + n) for n, (k, v, h) in enumerate(contents)]
    assert read(data) == expected


@given(records, st.binary(min_size=4, max_size=4).filter(lambda b: b"\0" not in b), st.integers(0, 8))
def test_a_header_name_of_any_bytes_is_kept_and_so_are_its_neighbours(contents, name, at) -> None:
    at = min(at, len(contents))
    marked = [*contents[:at], (b"k", b"v", [("NAME", b"x")]), *contents[at:]]
    raw = batch(marked)
    if raw.count(b"NAME") != 1:
        return
    read_back = []
    for each in (b := Batches(raw.replace(b"NAME", name))).next_batch():
        read_back.append((each.key, each.value, each.headers))
    assert not b.has_next()
    expected = [(k, v, h) for k, v, h in marked]
    expected[at] = (b"k", b"v", [(name.decode("utf-8", "surrogateescape"), b"x")])
    assert read_back == expected


def bomb(codec: int, size: int) -> bytes:
    zeros = b"\0" * size
    if codec == GZIP:
        return gzip.compress(zeros)
    if codec == SNAPPY:
        return bytes(cramjam.snappy.compress_raw(zeros))
    return bytes((cramjam.lz4 if codec == LZ4 else cramjam.zstd).compress(zeros))


@pytest.mark.parametrize("codec", [GZIP, SNAPPY, LZ4, ZSTD])
def test_a_bomb_is_not_unpacked(codec) -> None:
    with pytest.raises(UnpackError, match="more than 100000 bytes"):
        unpack(bomb(codec, 1_000_000), codec, limit=100_000)
    assert unpack(bomb(codec, 100_000), codec, limit=100_000) == b"\0" * 100_000


def test_blocks_of_snappy_count_together() -> None:
    with pytest.raises(UnpackError, match="more than 100000 bytes"):
        unpack(snappy_encode(b"\0" * 200_000), SNAPPY, limit=100_000)
    assert unpack(snappy_encode(b"\0" * 100_000), SNAPPY, limit=100_000) == b"\0" * 100_000


@given(st.binary(max_size=200), st.integers(1, 7))
def test_bytes_that_no_codec_wrote_are_refused_or_unpacked_within_the_limit(data, codec) -> None:
    with suppress(UnpackError):
        assert len(unpack(data, codec, limit=10_000)) <= 10_000


def test_gzip_that_is_broken_behind_its_header_is_refused() -> None:
    """Not each broker looks into what it takes."""
    whole = gzip.compress(b"a" * 1000)
    with pytest.raises(UnpackError):
        unpack(whole[:12] + b"\xff" * 4 + whole[16:], GZIP)


def test_a_batch_that_cannot_be_unpacked_is_one_record_with_its_bytes(monkeypatch) -> None:
    monkeypatch.setattr("sinks.batches.MAX_BATCH_BYTES", 1)
    monkeypatch.setattr(unpack, "__defaults__", (1000,))
    contents = [(b"k", b"\0" * 500, []), (b"k", b"\0" * 800, [])]
    packed = batch(contents, ZSTD, base=40)
    good = batch([(b"good", b"v", [])], 0, base=42)
    found = read(packed + good)
    assert [f[0] for f in found] == [40, 42]
    assert found[0][2] == packed[61:]
    assert found[0][3][0][0] == UNREADABLE
    assert b"zstd" in found[0][3][0][1]
    assert found[1][1] == b"good"


def test_gzip_cut_off_is_refused() -> None:
    packed = gzip.compress(b"x" * 1000)[:-9]
    with pytest.raises(UnpackError, match="cannot be unpacked"):
        unpack(packed, GZIP)
