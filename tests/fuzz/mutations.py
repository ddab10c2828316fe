"""Messages as no publisher of ours writes them: valid ones of every topic, spoilt in one place or in many."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

TIME = "2026-01-05T16:00:00+08:00"

Headers = list[tuple[str, bytes]]


@dataclass(frozen=True)
class Raw:
    """JSON text that Python's own writer would not write."""

    text: str


@dataclass(frozen=True)
class Sample:
    """A message on its way to a topic."""

    topic: str
    key: bytes | None
    value: Any
    headers: Headers

    @property
    def body(self) -> bytes | None:
        """The value's bytes."""
        return self.value if self.value is None or isinstance(self.value, bytes) else written(self.value)


def written(value: Any) -> bytes:
    """Return a value as JSON, in which Raw stands as it is."""
    if isinstance(value, Raw):
        return value.text.encode("utf-8", "surrogatepass")
    if isinstance(value, dict):
        items = (b"%b:%b" % (json.dumps(k).encode(), written(v)) for k, v in value.items())
        return b"{" + b",".join(items) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(written, value)) + b"]"
    return json.dumps(value).encode()


def _headers(kind: str, version: int, type: str, id: str, subject: str) -> Headers:
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", id.encode()),
        ("ce_source", b"crm"),
        ("ce_type", type.encode()),
        ("ce_subject", subject.encode()),
        ("ce_time", TIME.encode()),
        ("ce_dataschema", f"urn:looma:{kind}:{version}".encode()),
        ("content-type", b"application/json"),
        ("traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
    ]


TALENT = {
    "name": "王小明",
    "emails": ["ming@example.com"],
    "phones": ["13800138000", "+86 21 5888 1234 转 802"],
    "language": "zh",
    "title": "后端工程师",
    "seniority": "senior",
    "summary": "六年 Python 经验，带过 5 人团队。",
    "skills": [{"name": "Python", "level": "expert", "years": 6, "required": True}, {"name": "Kafka"}],
    "years_experience": 6.5,
    "education_level": "bachelor",
    "education": [
        {"school": "清华大学", "degree": "bachelor", "field": "计算机", "start": "2010-09-01", "end": "2014-07-01"}
    ],
    "employments": [
        {"company": "Acme", "title": "Developer", "start": "2014-08-01", "end": None, "description": "APIs"}
    ],
    "locations": ["上海"],
    "remote": False,
    "salary_expected": {"minimum": 30000, "maximum": 40000, "currency": "CNY", "period": "month"},
    "status": "active",
    "resume_text": None,
}
JOB = {
    "title": "Backend developer",
    "company": "Acme Ltd",
    "description": "You have 5+ years of Python. Must speak English.",
    "skills": [{"name": "Python", "required": True}],
    "years_experience_min": 5,
    "years_experience_max": 10,
    "locations": ["Shanghai"],
    "salary": {"minimum": 30000, "maximum": 45000},
    "status": "open",
}
COMPANY = {
    "name": "Acme Ltd",
    "aliases": ["爱客美有限公司"],
    "industry": "software",
    "size": "50-199",
    "locations": ["上海"],
    "website": "https://acme.example",
    "description": "Tools",
}
OLD = {"talent": {"name": "A", "skills": ["Python", "Kafka"], "salary_min": 1000, "salary_max": 2000}}
OLD["job"] = {"title": "Dev", "skills": ["Python"], "salary_min": 1000}
DATA = {"talent": TALENT, "job": JOB, "company": COMPANY}
NEWEST = {"talent": 2, "job": 2, "company": 1}


def _event(entity: str, version: int, fields: dict[str, Any], action: str = "upserted") -> Callable[[str], Sample]:
    def make(id: str) -> Sample:
        headers = _headers(entity, version, f"looma.{entity}.{action}", f"e-{id}", id)
        return Sample(f"{entity}-events", id.encode(), fields, headers)

    return make


def _record(entity: str, fields: dict[str, Any]) -> Callable[[str], Sample]:
    def make(id: str) -> Sample:
        origin = {"source": "crm", "time": "2026-01-05T08:00:00.000000Z", "event_id": "e-1"}
        body = {"entity": entity, "id": id, "revision": 1, "deleted": False, "fields": fields}
        body["provenance"] = dict.fromkeys(fields, origin)
        return Sample(
            f"{entity}-records", id.encode(), body, _headers("record", 1, f"looma.{entity}.record", f"r-{id}", id)
        )

    return make


def _feedback(id: str) -> Sample:
    pair = f"{id}|j-1"
    data = {"talent_id": id, "job_id": "j-1", "outcome": "rejected", "reason": "salary"}
    headers = _headers("match-feedback", 1, "looma.match.feedback", f"f-{id}", pair)
    return Sample("match-feedback", pair.encode(), data, headers)


def _verdict(id: str) -> Sample:
    data = {"entity": "company", "left": id, "right": f"{id}-b"}
    headers = _headers("identity-verdict", 1, "looma.identity.merge", f"v-{id}", f"company:{id}")
    return Sample("identity-events", f"company:{id}".encode(), data, headers)


def _request(id: str) -> Sample:
    headers = _headers("match-request", 1, "looma.match.requested", f"m-{id}", id)
    return Sample("match-requests", id.encode(), {"entity": "talent", "id": id, "revision": 1}, headers)


def _submission(id: str) -> Sample:
    headers = _headers("resume", 1, "looma.resume.submitted", f"s-{id}", id)
    return Sample("resume-events", id.encode(), {"talent_id": id, "text": "王小明\n后端工程师"}, headers)


def _chat(id: str) -> Sample:
    participant = {"kind": "candidate", "id": id}
    data = {"conversation_id": f"c-{id}", "text": "不是上海，是杭州的 Java 工作，2万", "participant": participant}
    headers = _headers("chat-message", 2, "looma.chat.message", f"c-{id}", f"c-{id}")
    return Sample("chat-events", f"c-{id}".encode(), data, headers)


MAKERS: list[Callable[[str], Sample]] = [
    *(_event(entity, NEWEST[entity], fields) for entity, fields in DATA.items()),
    *(_event(entity, 1, fields) for entity, fields in OLD.items()),
    *(_event(entity, NEWEST[entity], {}, "deleted") for entity in DATA),
    *(_record(entity, {n: v for n, v in fields.items() if v is not None}) for entity, fields in DATA.items()),
    _feedback,
    _verdict,
    _request,
    _submission,
    _chat,
]
EVENT_TOPICS = ("talent-events", "job-events", "company-events", "match-feedback", "identity-events")

_JSON = [
    *("null", "true", "-0", "-0.0", "0", "1", "-1", "1e400", "-1e400", "1e-400", "NaN", "Infinity", "-Infinity"),
    *("9" * 19, "9" * 400, "9" * 5000, "1." + "0" * 5000 + "1", "9223372036854775808", "18446744073709551616"),
    *('""', '" "', '"\\u0000"', '"\\ud83d"', '"\\udc00\\ud800"', '"\\u202e\\u2066"', '"{} {0} {self}"', '"$where"'),
    *('"a.b"', '"\u2028\ufeff"', '"' + "长" * 400 + '"', '"' + "x" * 100_001 + '"', '"<b>%s%n</b>"', '"5"', '"1E400"'),
    *('"0000-00-00"', '"0001-01-01"', '"9999-12-31"', '"2026-02-30"', "253402300800", "-62135596801", "1e18"),
    *("[]", "{}", "[[]]", "[null]", "[" * 3000, "[" * 150 + "]" * 150, '{"a":' * 150 + "1" + "}" * 150),
    *('{"$set":{"a":1}}', '{"":1}', '{"\\u0000":1}', '{"a":1,"a":2}', '["' + '","'.join(["x"] * 2000) + '"]'),
    *(
        json.dumps(t)
        for t in ('{"a":' * 4000, '{"a":' + "9" * 5000 + "}", '{"basics":{"label":[{"x":"y"}]}}', "{" + "[" * 90_000)
    ),
    *(
        json.dumps(t * 2000)
        for t in ("1 ", "a.", "@", "年", "负责 10 人 ", "2019年3月-至今 ", "( ", "+86 138 ", "\n", "Ⅷ")
    ),
    *("tru", "'a'", "1,", "\ud800", '"\x00"', "0x10", "01", "+1", ".5"),
]
_NAMES = [
    *("nickname", "Title", "", "$set", "a.b", "_id", "secret@example.com", "13800138000", "\u202ename", "a\x00b"),
    *("x" * 5000, "{}", "{0.__class__}", "\ud83d", "__proto__", "salary_min", "salary_max", "skills", "id"),
]
_TIMES = [
    *("0001-01-01T00:00:00+08:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-01:00", "9999-12-31T23:59:59.999999Z"),
    *("1970-01-01T00:00:00Z", "2026-01-05T08:00:00z", "2016-12-31T23:59:60Z", "2026-01-05", "", "now", "1767600000"),
    *("2026-01-05T08:00:00+23:59", "2026-01-05T08:00:00.123456789Z", "10000-01-01T00:00:00Z", "2026-W01-1T00:00Z"),
    *("２０２６-01-05T08:00:00Z", "2026-01-05T08:00:00", "2026-02-30T00:00:00Z", "2026-01-05T08:00:00+99:99"),
]
_TEXTS = [
    *(b"", b" ", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", "\u202eevil\u2066".encode(), "\u200b".encode(), b"a\n", b"a b"),
    *(b"x" * 256, b"x" * 257, b"x" * 20_000, b"{}{0}", b"%s%n", b"a\x1b[31m", "王".encode() * 300, b"1.0", b"null"),
]
_SCHEMAS = [b"urn:looma:talent:0", b"urn:looma:talent:999999", b"urn:looma:job:1\n", b"urn:looma:talent:1", b"x", b""]
_FOREIGN = [
    ("looma_published", b"9" * 5000),
    ("looma_published", b"soon"),
    ("looma_replay", b"x" * 5000),
    ("looma_replay", b"\xff"),
    ("looma_cause", b"x" * 5000),
    ("looma_cause", "\u202e".encode()),
    ("tracestate", b"secret\x1b[31m"),
    ("tracestate", b"a=1," * 500),
    ("traceparent", b"\xff" * 60),
    ("baggage", b"a=b;" * 2000),
    ("dlq_topic", b"forged"),
    ("looma_unreadable", "秘密".encode()),
    ("x\udcff", b"a name that is not UTF-8"),
    ("ce_id", b"twice"),
    ("content-type", b"application/cloudevents+json"),
    ("content-type", b"text/plain; charset=gb18030"),
    ("ce_\x00", b"\x00"),
    ("", b""),
    ("x" * 3000, b"y" * 3000),
]


def spoilt(sample: Sample, rng: Random) -> Sample:
    """Return a message with something wrong in it, more often in its data than elsewhere."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        sample = rng.choice(_WAYS)(sample, rng)
    return sample


def _data(sample: Sample, rng: Random) -> Sample:
    return replace(sample, value=_changed(sample.value, rng))


def _changed(value: Any, rng: Random) -> Any:
    if isinstance(value, dict) and value and rng.random() < 0.8:
        name = rng.choice(list(value))
        if rng.random() < 0.15:
            return {**value, rng.choice(_NAMES): rng.choice(list(value.values()))}
        if rng.random() < 0.1:
            return {n: v for n, v in value.items() if n != name}
        return {**value, name: _changed(value[name], rng)}
    if isinstance(value, list) and value and rng.random() < 0.7:
        place = rng.randrange(len(value))
        if rng.random() < 0.1:
            return value * rng.choice((30, 600))
        return [*value[:place], _changed(value[place], rng), *value[place + 1 :]]
    if isinstance(value, bytes):
        return value
    return Raw(rng.choice(_JSON))


def _bytes(sample: Sample, rng: Random) -> Sample:
    body = bytearray(sample.body or b"")
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(len(body) + 1)
        body[place : place + rng.choice((0, 1, 1, 8))] = rng.randbytes(rng.choice((0, 1, 1, 3)))
    return replace(sample, value=bytes(body))


def _no_data(sample: Sample, rng: Random) -> Sample:
    return replace(
        sample, value=rng.choice((None, b"", b"\x00", b"null", b"[]", b"1", b"\xef\xbb\xbf{}", rng.randbytes(40)))
    )


def _header(sample: Sample, rng: Random) -> Sample:
    place = rng.randrange(len(sample.headers))
    name, _ = sample.headers[place]
    values = _SCHEMAS if name == "ce_dataschema" else [t.encode() for t in _TIMES] if name == "ce_time" else _TEXTS
    changed = [(name, rng.choice(values))] if rng.random() < 0.85 else []
    return replace(sample, headers=[*sample.headers[:place], *changed, *sample.headers[place + 1 :]])


def _time(sample: Sample, rng: Random) -> Sample:
    headers = [(n, rng.choice(_TIMES).encode() if n == "ce_time" else v) for n, v in sample.headers]
    return replace(sample, headers=headers)


def _foreign(sample: Sample, rng: Random) -> Sample:
    return replace(sample, headers=[*sample.headers, rng.choice(_FOREIGN)])


def _many_headers(sample: Sample, rng: Random) -> Sample:
    return replace(sample, headers=[*sample.headers, *((f"h{n}", b"v") for n in range(rng.choice((50, 3000))))])


def _key(sample: Sample, rng: Random) -> Sample:
    return replace(sample, key=rng.choice((None, *_TEXTS, b"../x", b"a|b|c", b"a:b", rng.randbytes(12))))


def _other_topic(sample: Sample, rng: Random) -> Sample:
    return replace(sample, topic=rng.choice(EVENT_TOPICS))


_WAYS = [*[_data] * 8, _bytes, _bytes, _no_data, _header, _header, _time, _foreign, _many_headers, _key, _other_topic]
