"""Resumes as events, from the submission to the talent's record."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import documents_samples as samples
import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from promql_labels import parsed, selectors

from ops.alerts.rules import OWN_RULES, read_rules
from ops.console.alerting import OfPrometheus
from ops.runtime.telemetry import traces_dir
from ops.runtime.traces import read_spans
from schemas.topics import DEAD_LETTERS, EVENTS, RECORDS, RESUMES, RESUMES_PARSED
from tests.support.cluster import Cluster, Worker
from tests.support.events import BASE
from tests.support.prometheus import PROMETHEUS, expressions, scraping

ZH = """李明辉
电话：13800138000  邮箱：li.minghui@example.com
求职意向：后端工程师

工作经历
2019.03 - 至今  北京云图科技有限公司  高级后端工程师
- 负责招聘平台的流式数据处理，使用 Python 与 Kafka

教育经历
2012.09 - 2016.06  浙江大学  计算机科学与技术  本科
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where resumes lie that are sent by reference."""
    return tmp_path_factory.mktemp("resumes")


@pytest.fixture(scope="module")
def workers(module_cluster: Cluster, folder: Path) -> Iterator[dict[str, Worker]]:
    """A worker of events and one of resumes, by the name that each gives itself."""
    yield {
        "looma-worker": module_cluster.worker(),
        "looma-resumes": module_cluster.worker("--resumes", resumes__folder=folder),
    }
    module_cluster.stop_workers()


def test_resumes_become_profiles_and_records_and_bad_ones_dead_letters(
    module_cluster: Cluster,
    workers: dict[str, Worker],
    folder: Path,
    make: Callable[..., Any],
    prefix: str,
    tmp_path: Path,
) -> None:
    cluster = module_cluster
    (folder / "by-reference.txt").write_text(ZH, "gb18030")
    (tmp_path / f"{prefix}-text.txt").write_text(ZH, "utf-8")
    (tmp_path / f"{prefix}-pdf.pdf").write_bytes(samples.resume_pdf(2))
    (tmp_path / f"{prefix}-bad.pdf").write_bytes(b"%PDF-1.4 nothing")
    (tmp_path / f"{prefix}-huge.txt").write_bytes(b"x" * (3 << 20))
    yesterday = int((datetime.now(UTC) - BASE) / timedelta(minutes=1)) - 1440
    cluster.publish([make("talent", f"{prefix}-text", {"title": "架构师"}, source="crm", minute=yesterday)])

    cluster.looma("submit", *(str(tmp_path / f"{prefix}-{n}") for n in ("text.txt", "pdf.pdf", "bad.pdf")))
    told = json.loads(cluster.looma("submit", str(tmp_path / f"{prefix}-huge.txt"), "--json", code=1))
    assert told["refused"][0]["code"] == "oversized"
    reference = {"talent_id": f"{prefix}-ref", "reference": "by-reference.txt"}
    outside = {"talent_id": f"{prefix}-out", "reference": "../secret"}
    cluster.publish([submission(make, reference), submission(make, outside)])
    cluster.drained((RESUMES,), group=f"{cluster.settings.kafka.group_id}-resumes")
    cluster.drained((EVENTS["talent"], RECORDS["talent"]))

    parsed = {m.key.decode(): json.loads(m.value) for m in cluster.read(RESUMES_PARSED)}
    assert {k for k in parsed if k.startswith(prefix)} == {f"{prefix}-{n}" for n in ("text", "pdf", "ref")}
    for name, form in (("text", "text"), ("ref", "text"), ("pdf", "pdf")):
        assert parsed[f"{prefix}-{name}"]["format"] == form
    profile = parsed[f"{prefix}-text"]["profile"]
    assert profile["name"]["value"]["full"] == "李明辉"
    start, end = profile["name"]["spans"][0]
    assert ZH[start:end] == "李明辉"
    assert profile["phones"][0]["value"] == "+8613800138000"
    record = cluster.documents("talents", {"_id": f"{prefix}-text"})[0]["fields"]
    assert record["title"] == "架构师", "the resume is one source among others, and the CRM is trusted more"
    assert record["emails"] == ["li.minghui@example.com"]
    assert record["employments"][0]["company"] == "北京云图科技有限公司"

    def search(*arguments: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(cluster.looma("search", "--in", "resumes", "--json", *arguments))
        return {hit["id"]: hit for hit in found["hits"] if hit["id"].startswith(prefix)} | {"facets": found["facets"]}

    answer = search("流式数据处理 云图科技", "--education", "bachelor", "--facet", "education")
    assert {f"{prefix}-text", f"{prefix}-ref"} <= answer.keys(), "the resumes themselves are found, by employer too"
    shown = answer[f"{prefix}-text"]
    assert shown["title"] == "架构师", "with the facts of the golden record"
    assert "云图科技" in shown["highlight"]["text"]
    assert not any(private in json.dumps(answer, ensure_ascii=False) for private in ("李明辉", "13800138000", "@"))
    assert {v["value"]: v["count"] for v in answer["facets"]["education"]}[3] >= 2
    assert f"{prefix}-text" not in search("流式数据处理", "--years", "30-")
    assert f"{prefix}-ref" in search("--like", f"{prefix}-text")
    cluster.publish([make("talent", f"{prefix}-ref", {}, minute=yesterday, action="deleted")])
    cluster.drained((EVENTS["talent"], RECORDS["talent"]))
    assert f"{prefix}-ref" not in search("流式数据处理 云图科技")

    letters = {m.key.decode(): dict(m.headers) for m in cluster.read(DEAD_LETTERS) if m.key}
    assert letters[f"{prefix}-bad"]["dlq_reason"] == b"damaged"
    assert letters[f"{prefix}-out"]["dlq_reason"] == b"not_found"
    spans = read_spans(traces_dir(cluster.settings))
    traces: dict[str, set[str]] = {}
    for span in spans:
        traces.setdefault(span.trace_id, set()).add(span.name)
    hops = {"publish resume-events", "process resume-events", "read document", "parse resume", "process talent-events"}
    assert any(hops <= names for names in traces.values()), "one trace follows a resume to its record"


@pytest.mark.skipif(PROMETHEUS is None, reason="Prometheus is not installed")
def test_a_real_prometheus_that_scrapes_workers_answers_every_panel_and_evaluates_every_alert(
    module_cluster: Cluster, workers: dict[str, Worker], make: Callable[..., Any], prefix: str, tmp_path: Path
) -> None:
    def pages() -> list[str]:
        return [httpx.get(f"http://127.0.0.1:{each.port}/metrics", timeout=10).text for each in workers.values()]

    pages()  # what nobody looks at is not counted
    module_cluster.publish(
        [
            make("talent", f"{prefix}-t", {"title": "Java 工程师", "skills": [{"name": "Java"}], "status": "active"}),
            make("job", f"{prefix}-j", {"title": "Java 工程师", "skills": [{"name": "Java"}], "status": "open"}),
            (EVENTS["job"], b"bad", b"bad", []),
        ]
    )
    module_cluster.drained()
    told: dict[str, dict[str, set[str]]] = {"up": {}}
    for family in (family for page in pages() for family in text_string_to_metric_families(page)):
        for sample in family.samples:
            labels = told.setdefault(sample.name, {"job": set(workers)})
            for name, value in sample.labels.items():
                labels.setdefault(name, set()).add(value)
    queries = expressions()
    shown = " ".join(queries)
    for name in told.keys() - {"up", "target_info"}:
        assert re.sub(r"_(count|sum)$", "_bucket", name) in shown or name in shown, f"{name} is on no dashboard"

    with scraping({job: worker.port for job, worker in workers.items()}, tmp_path) as prometheus:
        answered = 0
        for query in queries:
            found = prometheus.query(query)  # raises where Prometheus refuses it
            seen = [
                each.name in told and all(m.value in told[each.name].get(m.name, ()) for m in each.matchers.matchers)
                for each in selectors(parsed(query))
            ]
            answered += bool(found)
            assert found or not all(seen), f"nothing is shown by {query}"
        assert answered > len(queries) / 2
        prometheus.until_evaluated()
        assert prometheus.rule_problems() == {}
        board = asyncio.run(OfPrometheus(prometheus.url, read_rules(OWN_RULES)).board())
    assert {each.problem for each in board.rules} == {""}
    (letters,) = [each for each in board.rules if each.rule.name == "LoomaDeadLetters"]
    assert letters.state == "firing"
    assert any("job-events" in alert.summary for alert in letters.alerts)


def submission(make: Callable[..., Any], data: dict[str, str]) -> tuple[str, bytes, bytes, list[tuple[str, bytes]]]:
    """Return a submission as a bare Kafka client would send it."""
    _, key, _, headers = make("talent", data["talent_id"], {})
    mine = [(n, v) for n, v in headers if n != "ce_dataschema"]
    typed = [(n, b"looma.resume.submitted" if n == "ce_type" else v) for n, v in mine]
    return RESUMES, key, json.dumps(data).encode(), typed
