"""Hostile messages: what a Kafka client can write and nobody should; drawn from a seed, without imports of ours.

Most are no events. Some are, for instance where a flipped bit fell into a name: what becomes of them is decided by
whoever reads them, not here.
"""

import json
import random
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

Names = tuple[tuple[bytes, bytes | None], ...]
Draw = random.Random

MAX_BYTES = 900 * 1024
"""Of a message: below what a topic takes."""

LARGE_BYTES, LARGE_SHARE = 16 * 1024, 0.1
"""Of the larger ones, only this share is taken: they fill a log and teach little."""

FIELDS = {
    "talent": ("name", "emails", "phones", "title", "skills", "summary", "education_level", "location"),
    "job": ("title", "company", "salary_min", "salary_max", "skills", "description", "location"),
    "company": ("name", "domain", "industry", "size", "location"),
}
PREFIX = "h"
"""What the keys of hostile messages begin with, where they have one that can be an id."""


@dataclass(frozen=True, slots=True)
class Hostile:
    """One message as it is on the wire: a header's name is bytes, and its value may be null."""

    kind: str
    key: bytes | None
    value: bytes | None
    headers: Names
    timestamp_ms: int

    @property
    def text_headers(self) -> list[tuple[str, bytes]]:
        """The headers as our consumers have them: names with surrogate escapes, null as empty."""
        return [(name.decode("utf-8", "surrogateescape"), value or b"") for name, value in self.headers]


def hostile(seed: int | str, entity: str = "talent") -> Iterator[Hostile]:
    """Yield hostile messages for ever, all kinds, large ones seldom; a seed gives the same ones always."""
    rng = random.Random(f"hostile-{seed}")
    kinds = sorted(KINDS)
    number = 0
    while True:
        number += 1
        kind = rng.choice(kinds)
        message = KINDS[kind](rng, replace(_good(rng, number, entity), kind=kind))
        size = _size(message)
        if size <= MAX_BYTES and (size <= LARGE_BYTES or rng.random() < LARGE_SHARE):
            yield message


def _size(message: Hostile) -> int:
    headers = sum(len(name) + len(value or b"") + 10 for name, value in message.headers)
    return len(message.key or b"") + len(message.value or b"") + headers


def _good(rng: Draw, number: int, entity: str) -> Hostile:
    """Return an event that nothing is wrong with yet."""
    key = f"{PREFIX}{rng.randrange(200)}"
    minutes = rng.randrange(60 * 24 * 27)
    day, hour, minute = 1 + minutes // 1440, minutes // 60 % 24, minutes % 60
    version = b"1" if entity == "company" else b"2"
    headers = (
        (b"ce_specversion", b"1.0"),
        (b"ce_id", f"{PREFIX}-{number}-{rng.getrandbits(32):08x}".encode()),
        (b"ce_source", b"hostile"),
        (b"ce_type", f"looma.{entity}.upserted".encode()),
        (b"ce_time", f"2026-01-{day:02}T{hour:02}:{minute:02}:00+08:00".encode()),
        (b"ce_dataschema", b"urn:looma:" + entity.encode() + b":" + version),
    )
    name = "title" if entity == "job" else "name"
    value = json.dumps({name: f"{rng.choice(_WORDS)} {number}"}, ensure_ascii=False).encode()
    return Hostile("", key.encode(), value, headers, 1_767_225_600_000 + number)


_WORDS = ("Ann", "王伟", "José", "О'Нил", "🙂", "e\u0301", "مريم", "a\u202eb", "\ufeffBOM", "ﬁ")


def _header(message: Hostile, name: bytes, value: bytes | None) -> Hostile:
    return replace(message, headers=(*_without(message, name).headers, (name, value)))


def _without(message: Hostile, name: bytes) -> Hostile:
    return replace(message, headers=tuple(each for each in message.headers if each[0] != name))


def _old(rng: Draw, message: Hostile) -> Hostile:
    """Half of the time, let the event be one of the first version, which takes another way through a decoder."""
    return _without(message, b"ce_dataschema") if rng.random() < 0.5 else message


def _value(message: Hostile, value: bytes | None) -> Hostile:
    return replace(message, value=value)


def _entity(message: Hostile) -> str:
    kind = (dict(message.headers).get(b"ce_type") or b"").decode()
    return kind.split(".")[1]


def _field(rng: Draw, message: Hostile) -> str:
    return rng.choice(FIELDS[_entity(message)])


def _garbage(rng: Draw, most: int = 64) -> bytes:
    return rng.randbytes(rng.randint(1, most))


# Times

_TIMES = (
    "0001-01-01T00:00:00+08:00",
    "0001-01-01T00:00:00+23:59",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-05:00",
    "9999-12-31T23:59:59.999999Z",
    "10000-01-01T00:00:00Z",
    "-0001-01-01T00:00:00Z",
    "0000-00-00T00:00:00Z",
    "1601-01-01T00:00:00Z",
    "1900-01-00T00:00:00Z",
    "1970-01-01T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "2026-01-01T24:00:00Z",
    "2026-12-31T23:59:60Z",
    "2026-01-01T00:00:00+24:00",
    "2026-01-01T00:00:00+08:00:00.000001",
    "2026-W53-7T00:00:00Z",
    "2026-001T00:00:00Z",
    "20260101T000000Z",
    "2026-01-01",
    "2026-01-01T00:00:00",
    "2026-01-01 00:00:00 +0800 CST",
    "２０２６-01-01T00:00:00Z",
    "Thu, 01 Jan 2026 00:00:00 GMT",
    "1767225600",
    "1767225600000",
    "9" * 400,
    "NaN",
    "null",
    "",
    " ",
    "\x00",
    "yesterday",
)


def _bad_time(rng: Draw, message: Hostile) -> Hostile:
    return _old(rng, _header(message, b"ce_time", rng.choice(_TIMES).encode()))


# Numbers and other values of JSON


def _digits(rng: Draw) -> str:
    return rng.choice("123456789") + "".join(
        rng.choices("0123456789", k=rng.choice((18, 19, 40, 308, 4299, 4301, 5000)))
    )


_NUMBERS: tuple[Callable[[Draw], str], ...] = (
    _digits,
    lambda rng: "-" + _digits(rng),
    lambda rng: "0." + _digits(rng),
    lambda rng: f"1e{rng.choice((308, 400, 999_999_999, -400))}",
    lambda rng: rng.choice(("NaN", "Infinity", "-Infinity", "-0.0", "1e5", "01", "0x10", "+1", "1_000", "1.", ".5")),
    lambda rng: str(rng.choice((2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 2**64))),
)


def _number(rng: Draw, message: Hostile) -> Hostile:
    number = rng.choice(_NUMBERS)(rng)
    inner = rng.choice(("%s", "[%s]", '{"a": %s}', '[{"name": %s}]')) % number
    return _old(rng, _value(message, f'{{"{_field(rng, message)}": {inner}}}'.encode()))


def _number_alone(rng: Draw, message: Hostile) -> Hostile:
    return _old(rng, _value(message, rng.choice(_NUMBERS)(rng).encode()))


def _deep(rng: Draw, message: Hostile) -> Hostile:
    depth = rng.choice((50, 199, 201, 900, 1100, 10_000, 100_000))
    begin, end = rng.choice((("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")))
    whole = begin * depth + rng.choice(("1", "null", "")) + end * rng.choice((0, depth))
    if rng.random() < 0.5:
        whole = f'{{"{_field(rng, message)}": {whole}}}'
    return _old(rng, _value(message, whole.encode()))


def _any_json(rng: Draw, depth: int = 0) -> str:
    """Return any JSON value, and now and then none that the standard allows."""
    roll = rng.random()
    if depth < 4 and roll < 0.3:
        return "[" + ",".join(_any_json(rng, depth + 1) for _ in range(rng.randrange(4))) + "]"
    if depth < 4 and roll < 0.6:
        names = (*_NAMES, *FIELDS["talent"])
        return "{" + ",".join(f'"{rng.choice(names)}": {_any_json(rng, depth + 1)}' for _ in range(2)) + "}"
    if roll < 0.75:
        return rng.choice(_NUMBERS)(rng)
    return rng.choice(("null", "true", "false", '""', '" "', *_STRINGS))


_NAMES = ("$set", "a.b", "", "__proto__", "_id", "constructor", "NAME", "0")
_STRINGS = (
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\u0000"',
    '"\\u202e"',
    '"\\ufffe"',
    '"a\\tb\\r\\nc\\u001b[31m"',
    '"' + "x" * 100_000 + '"',
    '"' + "é" * 5_000 + '"',
    '"' + "e" + "\\u0301" * 2_000 + '"',
    "\"=cmd|'/c calc'!A1\"",
    '"2026-01-01T00:00:00"',
    '"٣٤"',
)


def _wrong_type(rng: Draw, message: Hostile) -> Hostile:
    return _old(rng, _value(message, f'{{"{_field(rng, message)}": {_any_json(rng)}}}'.encode()))


def _hard_string(rng: Draw, message: Hostile) -> Hostile:
    text = rng.choice(_STRINGS)
    inner = rng.choice((text, f"[{text}]", f'[{{"name": {text}}}]', f'{{"city": {text}}}'))
    return _old(rng, _value(message, f'{{"{_field(rng, message)}": {inner}}}'.encode()))


def _unknown_field(rng: Draw, message: Hostile) -> Hostile:
    name = rng.choice((*_NAMES, "\\ud800", "\\u0000", "x" * 10_000, "\\u001b[2J"))
    return _old(rng, _value(message, f'{{"{name}": {_any_json(rng)}}}'.encode()))


def _many_fields(rng: Draw, message: Hostile) -> Hostile:
    whole = {f"f{n}": n for n in range(rng.choice((100, 10_000)))}
    return _old(rng, _value(message, json.dumps(whole).encode()))


def _twice(rng: Draw, message: Hostile) -> Hostile:
    name = _field(rng, message)
    return _old(rng, _value(message, f'{{"{name}": {_any_json(rng)}, "{name}": {_any_json(rng)}}}'.encode()))


def _no_object(rng: Draw, message: Hostile) -> Hostile:
    texts = (
        "",
        " ",
        "null",
        "true",
        "[]",
        "{}",
        '"text"',
        "[[]]",
        "{}{}",
        "{},",
        "undefined",
        "id,name\r\n1,Ann",
        "<a/>",
    )
    return _old(rng, _value(message, rng.choice(texts).encode()))


def _long_list(rng: Draw, message: Hostile) -> Hostile:
    item = rng.choice(("1", '"a"', "{}", "[]", "null", '{"name": "x"}'))
    items = ",".join([item] * rng.choice((101, 1001, 60_000)))
    return _old(rng, _value(message, f'{{"{_field(rng, message)}": [{items}]}}'.encode()))


# Bytes


def _recoded(rng: Draw, message: Hostile) -> Hostile:
    value = message.value or b""
    text = value.decode("utf-8")
    ways: tuple[Callable[[], bytes], ...] = (
        lambda: text.encode("utf-16"),
        lambda: text.encode("utf-32-le"),
        lambda: text.encode("gb18030"),
        lambda: text.encode("latin-1", "replace").replace(b"?", b"\xe9"),
        lambda: b"\xef\xbb\xbf" + value,
        lambda: zlib.compress(value),
        lambda: value.replace(b'"', b"\xc0\xa2"),
        lambda: value + b"\x00",
        lambda: b"\x00\x00\x00\x00\x01" + value,  # as of a registry of schemas
        lambda: value.replace(b'": "', b'": "\xed\xa0\x80'),
    )
    return _old(rng, _value(message, rng.choice(ways)()))


def _flipped(rng: Draw, message: Hostile) -> Hostile:
    """Change some bytes, in any place of the message."""

    def spoil(text: bytes | None) -> bytes | None:
        if not text or rng.random() < 0.5:
            return text
        changed = bytearray(text)
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(changed))
            changed[at] ^= 1 << rng.randrange(8)
        return bytes(changed)

    headers = tuple((spoil(name) or b"", spoil(value)) for name, value in message.headers)
    return replace(message, key=spoil(message.key), value=spoil(message.value), headers=headers)


def _cut(rng: Draw, message: Hostile) -> Hostile:
    value = message.value or b""
    return _old(rng, _value(message, value[: rng.randrange(len(value))]))


def _noise(rng: Draw, message: Hostile) -> Hostile:
    headers = tuple((_garbage(rng), _garbage(rng)) for _ in range(rng.randrange(5)))
    return replace(message, key=_garbage(rng), value=_garbage(rng, 2000), headers=headers)


def _noise_in_event(rng: Draw, message: Hostile) -> Hostile:
    return _old(rng, _value(message, _garbage(rng, 2000)))


def _oversized(rng: Draw, message: Hostile) -> Hostile:
    size = rng.choice((512 * 1024 - 12, 512 * 1024 + 1, 600 * 1024, 880 * 1024))
    filling = rng.choice((b"x", b" ", "王".encode()))
    return _old(rng, _value(message, b'{"name": "' + filling * (size // len(filling)) + b'"}'))


def _no_value(rng: Draw, message: Hostile) -> Hostile:
    return _old(rng, _value(message, rng.choice((None, b""))))


# Keys


def _bad_key(rng: Draw, message: Hostile) -> Hostile:
    keys: tuple[bytes | None, ...] = (
        None,
        b"",
        b" ",
        b"\x00",
        b"h\x00",
        b"\xff\xfe",
        b"\xed\xa0\x80",
        "h王".encode(),
        b"h 1",
        b"h\n1",
        b"../../etc/passwd",
        b"$where",
        b"h" * 257,
        b"h" * 100_000,
        b'"h1"',
        b"\x00\x00\x00\x01",
    )
    return _old(rng, replace(message, key=rng.choice(keys)))


def _other_subject(rng: Draw, message: Hostile) -> Hostile:
    return _header(message, b"ce_subject", rng.choice((b"h-other", b"", b"\xff", None, (message.key or b"") + b" ")))


# Headers

_CE = (b"ce_specversion", b"ce_id", b"ce_source", b"ce_type", b"ce_time", b"ce_dataschema")
_OURS = (
    b"looma_replay",
    b"looma_published",
    b"looma_cause",
    b"looma_unreadable",
    b"dlq_reason",
    b"dlq_topic",
    b"dlq_offset",
    b"dlq_partition",
    b"traceparent",
    b"tracestate",
    b"content-type",
)


def _header_name(rng: Draw, message: Hostile) -> Hostile:
    name = rng.choice(
        (b"", b"\xff\xfe", b"x-\xe9", b"ce_\xff", b"\x00", b"\xed\xa0\x80", "头".encode(), b"n" * 5000, b" ")
    )
    return replace(message, headers=(*message.headers, (name, _garbage(rng))))


def _header_value(rng: Draw, message: Hostile) -> Hostile:
    values = (None, b"", b" ", b"\xff\xfe", b"\x00", b"\xed\xa0\x80", b"x" * 257, b"x" * 70_000, "王".encode(), b"a b")
    return _header(message, rng.choice(_CE), rng.choice(values))


def _our_header(rng: Draw, message: Hostile) -> Hostile:
    name = rng.choice(_OURS)
    values = (None, b"", b"\xff\xfe", b"NaN", b"-1", b"9" * 5000, b"1e400", b"00-0-0-00", _garbage(rng), b"base.1")
    return replace(message, headers=(*message.headers, (name, rng.choice(values))))


def _header_lacks(rng: Draw, message: Hostile) -> Hostile:
    return _without(message, rng.choice(_CE))


def _header_twice(rng: Draw, message: Hostile) -> Hostile:
    name, value = rng.choice(message.headers)
    twin = rng.choice((value, b"", None, b"other", b"\xff"))
    headers = [*message.headers, (name, twin)]
    rng.shuffle(headers)
    return replace(message, headers=tuple(headers))


def _many_headers(rng: Draw, message: Hostile) -> Hostile:
    many = tuple((b"x-%d" % n, b"v" * rng.choice((0, 8))) for n in range(rng.choice((300, 3_000, 15_000))))
    return replace(message, headers=rng.choice(((*many, *message.headers), (*message.headers, *many))))


def _no_headers(rng: Draw, message: Hostile) -> Hostile:
    return replace(message, headers=())


def _other_case(rng: Draw, message: Hostile) -> Hostile:
    return replace(message, headers=tuple((name.title(), value) for name, value in message.headers))


def _structured(rng: Draw, message: Hostile) -> Hostile:
    """CloudEvents has a mode with all in the value, which is not the one that is taken here."""
    whole = {name.decode()[3:]: (value or b"").decode() for name, value in message.headers}
    whole["data"] = (message.value or b"").decode()
    headers = ((b"content-type", b"application/cloudevents+json"),)
    return replace(message, value=json.dumps(whole).encode(), headers=headers)


def _other_type(rng: Draw, message: Hostile) -> Hostile:
    types = (
        "talent.deleted",
        "job.upserted",
        "company.deleted",
        "talent.hired",
        "Talent.Upserted",
        "",
        "\x00",
        "talent",
    )
    return _header(message, b"ce_type", b"looma." + rng.choice(types).encode())


def _other_version(rng: Draw, message: Hostile) -> Hostile:
    schemas = ("urn:looma:%s:0", "urn:looma:%s:1", "urn:looma:%s:4", "urn:looma:%s:999999", "urn:looma:%s:9999999")
    odd = ("urn:looma:%s:٢", "urn:looma:%s:-1", "urn:looma:%s:", "https://%s.example/2", "%s", "urn:looma:%s:2\n")
    text = rng.choice((*schemas, *odd)) % _entity(message)
    return _header(message, b"ce_dataschema", text.encode())


def _own_clock(rng: Draw, message: Hostile) -> Hostile:
    """The producer's clock is wrong; the event is good."""
    return replace(message, timestamp_ms=rng.choice((0, 1, 253_402_300_800_000, 2**62)))


KINDS: Mapping[str, Callable[[Draw, Hostile], Hostile]] = {
    "time": _bad_time,
    "number": _number,
    "number alone": _number_alone,
    "deep nesting": _deep,
    "wrong type": _wrong_type,
    "hard string": _hard_string,
    "unknown field": _unknown_field,
    "many fields": _many_fields,
    "a field twice": _twice,
    "no object": _no_object,
    "long list": _long_list,
    "other encoding": _recoded,
    "bytes flipped": _flipped,
    "cut off": _cut,
    "noise": _noise,
    "noise in an event": _noise_in_event,
    "oversized": _oversized,
    "no value": _no_value,
    "key": _bad_key,
    "other subject": _other_subject,
    "header name": _header_name,
    "header value": _header_value,
    "header of ours": _our_header,
    "header lacks": _header_lacks,
    "header twice": _header_twice,
    "many headers": _many_headers,
    "no headers": _no_headers,
    "other case": _other_case,
    "structured mode": _structured,
    "other type": _other_type,
    "other version": _other_version,
    "own clock": _own_clock,
}
"""What is done to an event, by what it is called."""
