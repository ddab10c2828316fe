"""`looma search` and `looma index` over what a worker has stored."""

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops.cli import main
from processors.embedding.model import SentenceEncoder


@pytest.fixture
def looma(cluster, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run a command in this process, the model loaded once: it saves seconds each time."""
    monkeypatch.setattr("processors.embedding.model.SentenceEncoder", lru_cache(SentenceEncoder))
    for name, value in cluster.environment.items():
        if name.startswith("LOOMA_"):
            monkeypatch.setenv(name, value)

    def run(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code == code, (done.output, done.exception)
        return done.stdout

    return run


def test_what_was_published_is_found_by_words_by_meaning_and_by_likeness(
    cluster, looma, make, prefix: str, tmp_path: Path
) -> None:
    skilled = {"skills": [{"name": "Kubernetes"}, {"name": "Terraform"}], "locations": ["上海"], "years_experience": 6}
    cluster.publish(
        [
            make("talent", f"{prefix}-ops", {"title": "运维开发工程师", "summary": "负责容器平台的稳定性。", **skilled}),
            make("talent", f"{prefix}-sre", {**skilled, "title": "Site Reliability Engineer", "locations": ["Berlin"]}),
            make("talent", f"{prefix}-nurse", {"title": "儿科护士", "skills": [{"name": "静脉输液"}], "locations": ["上海"]}),
        ]
    )  # fmt: skip
    worker = cluster.worker()
    cluster.drained()
    worker.stop()

    def search(*arguments: str) -> dict:
        return json.loads(looma("search", "--in", "talents", "--json", "--limit", "100", *arguments))

    def ids(answer: dict) -> list[str]:
        return [hit["id"] for hit in answer["hits"] if hit["id"].startswith(prefix)]

    answer = search("k8s 集群", "--mode", "keyword", "--facet", "place")
    assert set(ids(answer)) == {f"{prefix}-ops", f"{prefix}-sre"}
    hit = next(h for h in answer["hits"] if h["id"] == f"{prefix}-ops")
    marked = [hit["highlight"]["text"][a:b] for a, b in hit["highlight"]["spans"]]
    assert "Kubernetes" in marked
    assert hit["updated"]
    assert any(v["value"] == "shanghai" and v["count"] >= 2 for v in answer["facets"]["place"])
    assert ids(search("pediatric nurse", "--mode", "semantic"))[0] == f"{prefix}-nurse"
    assert ids(search("Kubernetes", "--place", "Shanghai", "--years", "5-"))[0] == f"{prefix}-ops"
    assert f"{prefix}-sre" not in ids(search("Kubernetes", "--place", "Shanghai"))
    assert ids(search("--like", f"{prefix}-ops"))[0] == f"{prefix}-sre"
    assert ids(search("Kubernetes 运维", "--rerank"))[0] == f"{prefix}-ops"
    assert f"{prefix}-ops"[:8] in looma("search", "运维", "--in", "talents", "--limit", "100")
    looma("search", "--in", "talents", code=2)
    looma("search", "--in", "talents", "--like", "nobody", code=1)

    path = tmp_path / "talents.parquet"
    assert "points of talents" in looma("index", "backup", "talents", str(path))
    looma("index", "backup", "talents", str(path), code=1)
    looma("index", "restore", str(path), code=1)
    assert f"{prefix}-again" in looma("index", "restore", str(path), "--as", f"{prefix}-again")
    looma("index", "backup", f"{prefix}-none", str(tmp_path / "x"), code=1)
    assert "m 8" in looma("index", "tune", f"{prefix}-again", "--m", "8", "--quantization", "none")
    listed = {row["name"]: row for row in json.loads(looma("index", "list", "--json"))}
    assert listed[f"{prefix}-again"]["points"] == listed["talents"]["points"] > 0
    assert listed["talents"]["sparse"] == ["bm25"]
    assert (listed["talents"]["quantization"], listed[f"{prefix}-again"]["quantization"]) == ("int8", "none")
    assert "jobs is ready" in looma("index", "create")
