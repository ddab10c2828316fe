"""What the console's pages are made of, without servers."""

import hashlib
import json
import re
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from ops.api.problems import Problem
from ops.api.signing import Signer
from ops.console import drawing, page, texts
from ops.console.address import new_token
from ops.console.entry import Session, new_session, session_of, spend
from ops.console.flow.durations import StageTimes
from ops.console.flow.history import POINTS, History, Sample
from ops.console.pages.versions import figures
from ops.console.values import duration, kind_of, moment, number
from ops.console.visitor import require_same_origin
from ops.console.wording import told
from ops.runtime.traces import SpanRecord
from processors.embedding.rollout import Limits
from processors.matching.payload import Payload
from processors.matching.reading.record import job_profile, talent_profile
from processors.matching.score import score, total_score
from processors.matching.weights import Weights
from schemas.audit import ACTIONS
from schemas.entities import MODELS
from schemas.messages import Match
from sinks.qdrant import Point
from sinks.requests import Begun, Done

TEMPLATES = Path(page.__file__).parent / "templates"
VENDORED = Path(page.__file__).parent / "static"
SIGNER = Signer(b"s" * 32)


def request(method: str = "GET", path: str = "/console/flow", **headers: str) -> Request:
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": method, "path": path, "raw_path": path.encode(), "headers": sent})


def span(name: str, start: int, end: int, *, id: str = "", parent: str = "") -> SpanRecord:
    return SpanRecord("t", id or name, parent, name, "looma-worker", start, end, {}, (), False)


# --- texts


def test_every_text_is_in_both_languages_with_the_same_amounts_and_is_used() -> None:
    sources = "\n".join(p.read_text() for p in (*TEMPLATES.iterdir(), *TEMPLATES.parent.glob("**/*.py")))
    for key, (chinese, english) in texts.TEXTS.items():
        assert set(re.findall(r"{(\w+)}", chinese)) == set(re.findall(r"{(\w+)}", english)), key
        stem = key.rpartition(".")[0] + "."
        assert f'"{key}"' in sources.replace("'", '"').replace(f'"{key}": (', "") or f'"{stem}" ~' in sources.replace(
            "'", '"'
        ), key
        assert not re.search(r"[\u4e00-\u9fff]", english), key
    used = set(re.findall(r"""\bt\(["']([\w.-]+)["'][,)]""", sources))
    assert used <= texts.TEXTS.keys()


def test_fields_of_all_records_have_names() -> None:
    fields = {name for model in MODELS.values() for name in model.model_fields}
    assert fields <= texts.NAMES["field"].keys()
    assert texts.NAMES["action"].keys() == set(ACTIONS)


@pytest.mark.parametrize(
    ("chosen", "accepted", "found"),
    [
        (None, "", "zh"),
        (None, "fr", "zh"),
        (None, "en-US,en;q=0.9", "en"),
        (None, "fr, zh-TW;q=0.8, en;q=0.5", "zh"),
        ("en", "zh", "en"),
        ("xx", "en", "en"),
        ("zh", "en", "zh"),
    ],
)
def test_the_readers_language(chosen: str | None, accepted: str, found: str) -> None:
    assert texts.language_of(chosen, accepted) == found


# --- where links lead


@pytest.mark.parametrize(
    ("path", "root"),
    [
        ("/console/flow", "./"),
        ("/looma/console/talents/T1/matches", "../../"),
        ("/console/flow/live", "./"),
        ("/console/chat/c-1/live", "../"),
        ("/console/versions/tasks/t/live", "../../"),
    ],
)
def test_links_lead_from_where_they_are_shown(path: str, root: str) -> None:
    assert page.root_of(request(path=path)) == root


# --- getting in


class Requests:
    """Remembers what was begun, as MongoDB does."""

    def __init__(self) -> None:
        self.known: set[str] = set()

    async def begin(self, caller: str, key: str, fingerprint: str) -> Begun | Done:
        if key in self.known:
            return Done(None)
        self.known.add(key)
        return Begun(key, None, None)  # type: ignore[arg-type]

    async def finish(self, begun: Begun, answer: object) -> None:
        assert begun.id in self.known


async def test_a_token_opens_once_and_only_within_its_hour() -> None:
    requests = Requests()
    token = new_token(SIGNER)
    assert await spend(SIGNER, requests, token)  # type: ignore[arg-type]
    assert not await spend(SIGNER, requests, token)  # type: ignore[arg-type]
    late = new_token(SIGNER)
    with time_machine.travel(time.time() + 3601):
        assert not await spend(SIGNER, requests, late)  # type: ignore[arg-type]
    assert not await spend(SIGNER, requests, new_session(SIGNER, None))  # type: ignore[arg-type]


def test_a_session_is_whose_it_says_until_it_ends() -> None:
    session = session_of(SIGNER, new_session(SIGNER, "k1"))
    assert isinstance(session, Session)
    assert session.key == "k1"
    for forged in (None, "", "AAAA", new_session(Signer(b"t" * 32), None), new_token(SIGNER)):
        assert session_of(SIGNER, forged) is None
    old = new_session(SIGNER, None)
    with time_machine.travel(time.time() + 12 * 3600 + 1):
        assert session_of(SIGNER, old) is None


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "same-site", "origin": "http://here", "host": "here"}, False),
        ({"sec_fetch_site": "none"}, False),
        ({"origin": "http://here", "host": "here"}, True),
        ({"origin": "http://here.evil", "host": "here"}, False),
        ({"origin": "null", "host": "here"}, False),
        ({"host": "here"}, False),
    ],
)
def test_forms_of_other_sites_are_refused(headers: dict[str, str], allowed: bool) -> None:
    if allowed:
        require_same_origin(request("POST", **headers))
    else:
        with pytest.raises(Problem):
            require_same_origin(request("POST", **headers))


@pytest.mark.parametrize(
    ("path", "root"),
    [
        ("/console/", "./"),
        ("/console/flow", "./"),
        ("/prefix/console/talents/T1", "../"),
        ("/console/talents/T1/matches", "../../"),
        ("/console/events/a%2Fb", "../"),
    ],
)
def test_links_are_relative_to_the_page(path: str, root: str) -> None:
    assert page.root_of(request(path=path)) == root
    part = request(path="/console/conflicts/c/decision", hx_request="true", hx_current_url=f"http://here{path}")
    assert page.root_of(part) == root


def test_what_is_vendored_is_what_was_published() -> None:
    said = (VENDORED / "VENDORED.txt").read_text()
    assert hashlib.sha256((VENDORED / "htmx.min.js").read_bytes()).hexdigest() in said


# --- values and drawings


def test_values_for_people() -> None:
    assert [number(None), number(1234567), number(0.25, 1), number(0, 1)] == ["–", "1,234,567", "0.2", "0"]
    assert [duration(0.5), duration(4.25), duration(80), duration(1500), duration(600_000)] == [
        "500 µs", "4.2 ms", "80 ms", "1.5 s", "10 min",
    ]  # fmt: skip
    assert moment("2026-01-05T16:00:12.5+08:00") == "2026-01-05 08:00:12"
    assert [moment("soon"), moment(None), moment(0.0)] == ["soon", "–", "1970-01-01 00:00:00"]
    kinds = [kind_of(v) for v in (None, [], True, 3.5, "x", ["a"], [{"a": 1}], {"a": 1})]
    assert kinds == ["none", "none", "flag", "number", "text", "list", "table", "mapping"]


@given(st.lists(st.tuples(st.integers(0, 10**12), st.integers(0, 10**11)), min_size=1, max_size=30))
def test_a_waterfall_keeps_order_and_stays_within_its_width(times: list[tuple[int, int]]) -> None:
    spans = [span(f"s{n}", start, start + took) for n, (start, took) in enumerate(times)]
    picture = drawing.waterfall(spans)
    assert len(picture.rows) == len(spans)
    for row in picture.rows:
        assert -0.01 <= row.x <= 100.01
        assert row.width <= 100.01
    by_start = sorted(picture.rows, key=lambda r: r.span.start)
    assert all(a.x <= b.x + 0.001 for a, b in pairwise(by_start))


def test_long_idle_times_are_folded() -> None:
    picture = drawing.waterfall([span("a", 0, 10**6), span("b", 10**10, 10**10 + 10**6)])
    (gap,) = picture.gaps
    assert gap.milliseconds == pytest.approx(9999)
    assert [round(row.width) for row in picture.rows] == [48, 48]


def test_a_thousand_spans_are_drawn_at_once() -> None:
    spans = [span(f"s{n}", n * 10**6, (n + 2) * 10**6, parent=f"s{n - 1}") for n in range(1500)]
    picture = drawing.waterfall(spans)
    assert (len(picture.rows), picture.left_out) == (drawing.MAX_SPANS, 500)


def test_a_line_breaks_where_nobody_looked() -> None:
    points = [(float(t), 1.0) for t in (*range(0, 100, 10), *range(500, 600, 10))]
    assert drawing.line(points, 100, 20, span=600).path.count("M") == 2
    assert drawing.line(points[:1], 100, 20, span=600) == drawing.Line("", "", 0.0)


# --- the pipeline


def sample(at: float, end: int, committed: int, workers: int = 1) -> Sample:
    return Sample(at, {"t": end}, {"t": committed}, {"t": end - committed}, {"pipeline": workers})


def test_rates_lag_and_what_holds_back() -> None:
    history = History(("t",))
    assert history.verdict("t", "pipeline").why == "unknown"
    for second in range(0, 12, 2):
        history.add(sample(second, second * 50, second * 50))
    assert (history.published("t"), history.handled("t")) == (50, 50)
    assert history.verdict("t", "pipeline").state == "flowing"
    history.add(sample(12, 100_000, 700))
    verdict = history.verdict("t", "pipeline")
    assert (verdict.state, verdict.why) == ("behind", "backlog")
    for second in range(14, 60, 2):
        history.add(sample(second, 100_000, 700))
    assert history.verdict("t", "pipeline")[:2] == ("stuck", "no_progress")
    history.add(sample(60, 100_000, 700, workers=0))
    assert history.verdict("t", "pipeline") == ("stuck", "no_worker", 99_300)
    history.add(sample(62, 100_000, 100_000))
    assert history.verdict("t", "pipeline").state == "flowing"


def test_history_is_bounded_and_begins_anew_with_its_topics() -> None:
    history = History(("t",))
    for number_ in range(POINTS + 100):
        history.add(sample(number_ * 10.0, number_, number_))
    assert len(history.points) == POINTS
    history.add(sample(10**6, 5, 5))
    assert history.published("t") == 0


def test_durations_are_read_as_files_grow(tmp_path: Path) -> None:
    def line(name: str, start: int, took: int, outcome: str) -> str:
        attributes = [
            {"key": "looma.outcome", "value": {"stringValue": outcome}},
            {"key": "cloudevents.event_id", "value": {"stringValue": f"e{start}"}},
        ]
        one = {
            "traceId": "t", "spanId": f"{start}", "name": name, "startTimeUnixNano": str(start * 10**9),
            "endTimeUnixNano": str(start * 10**9 + took * 10**6), "attributes": attributes,
        }  # fmt: skip
        return json.dumps({"resourceSpans": [{"resource": {}, "scopeSpans": [{"spans": [one]}]}]}) + "\n"

    file = tmp_path / "worker.jsonl"
    times = StageTimes(tmp_path)
    file.write_text(line("process t", 1000, 10, "applied") + line("process t", 1001, 30, "dead_letter")[:50])
    times.refresh()
    assert times.stages(1100.0)["process t"] == (10, 10, 0)
    file.write_text(line("process t", 1000, 10, "applied") + line("process t", 1001, 30, "dead_letter") + "nonsense\n")
    times.refresh()
    times.refresh()
    assert times.stages(1100.0)["process t"] == (10, 30, 1)
    assert [each.attributes["cloudevents.event_id"] for each in times.events()] == ["e1001", "e1000"]
    assert times.stages(2000.0) == {}


def test_a_match_of_changed_records_keeps_its_words() -> None:
    match = Match.model_validate(
        {
            "talent_id": "T1", "job_id": "J1", "talent_revision": 1, "job_revision": 1, "status": "active",
            "score": 0.9, "language": "en", "features": [], "model": "m",
        }
    )  # fmt: skip
    assert told(match, {}, {}, "zh") == (match, ())


def test_what_would_raise_a_match_is_computed_with_its_own_weights() -> None:
    talent = talent_profile("T1", 1, {"title": "Engineer", "skills": [{"name": "Java"}], "years_experience": 2})
    job = job_profile("J1", 1, {"title": "Engineer", "skills": [{"name": "Java"}, {"name": "Kafka"}]})
    weights = Weights(skills=0.75, experience=0.25)
    total, features = score(talent, job, 0.5, "en", weights)
    match = Match(
        talent_id="T1", job_id="J1", talent_revision=1, job_revision=1, status="active", score=total, language="en",
        features=features, model="m",
    )  # fmt: skip
    vector = np.array([0.6, 0.8], dtype=np.float32)
    points = [{p.id: Point(p.id, Payload(p, "m", "", None).to_dict(), vector)} for p in (talent, job)]
    found = told(match, *points, "zh")
    assert [each.text for each in found.raises] == ["具备技能 Kafka"]
    changed = replace(talent, skills=dict(job.skills))
    assert found.raises[0].gain == pytest.approx(total_score(changed, job, 0.5, weights) - total, abs=1e-5)
    assert "Kafka" in next(f.reason for f in found.match.features if f.name == "skills")
    old = match.model_copy(update={"features": [replace(features[0], name="no more")]})
    assert told(old, *points, "en").raises == []


def test_a_figure_beyond_its_limit_is_seen() -> None:
    seen = {"requests": 12, "error_rate": 0.02, "overlap": 0.4, "latency_ratio": 1.1}
    found = {each.name: each.is_beyond for each in figures(seen, Limits(overlap=0.5))}
    assert found == {"requests": False, "error_rate": True, "latency_ratio": False, "overlap": True}
