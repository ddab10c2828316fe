"""`looma advise` and `looma eval advice`: where jobs come from, what is said when there are none, the figures."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import CliRunner
from pymongo.errors import ServerSelectionTimeoutError

from connectors.documents import Document, read_document
from ops.advice import jobs_of, stored_jobs, stored_target
from ops.cli.eval.advice import advice_table
from ops.cli.main import main
from ops.evaluation import advice as evaluation
from ops.runtime.json_rows import DataError
from processors.advice.jobs import skill_key
from sinks.mongodb import Database

RESUME = """Emily Carter
emily.carter@example.com

Experience
Backend Engineer, Northwind Payments Ltd, London
March 2020 - Present
- Cut the latency of the ledger by 40% with Kafka

Education
BSc Computer Science, University of Leeds, 2013 - 2016

Skills
Java, Kafka
"""
_READ: dict[bytes, Document] = {}
FIELDS = {"title": "Backend Engineer", "skills": [{"name": "Java"}, {"name": "Redis"}, {"name": "Go"}]}


class Collection:
    """As much of a collection as reading jobs needs."""

    def __init__(self, documents: list[dict[str, Any]]) -> None:
        self._documents = documents

    def find(self, query: Mapping[str, Any], fields: Mapping[str, int]) -> "Collection":
        assert query == {"deleted": False, "fields.status": {"$ne": "closed"}}
        assert "fields.skills" in fields
        return self

    def sort(self, field: str, order: int) -> "Collection":
        return self

    def limit(self, most: int) -> "Collection":
        return self

    async def __aiter__(self) -> AsyncIterator[dict[str, Any]]:
        for document in self._documents:
            yield document

    async def find_one(self, query: Mapping[str, Any]) -> dict[str, Any] | None:
        return next((d for d in self._documents if d["_id"] == query["_id"]), None)


def database(*ids: str) -> Database:
    return cast(Database, {"jobs": Collection([{"_id": i, "fields": FIELDS} for i in ids])})


@pytest.fixture(autouse=True)
def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each document is read once, since every reading starts a process."""

    async def read(content: bytes) -> Document:
        if content not in _READ:
            _READ[content] = await read_document(content)
        return _READ[content]

    monkeypatch.setattr("connectors.documents.read_document", read)


@pytest.fixture
def resume(tmp_path: Path) -> str:
    path = tmp_path / "resume.txt"
    path.write_text(RESUME, encoding="utf-8")
    return str(path)


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> None:
    @asynccontextmanager
    async def opened(_: object) -> AsyncIterator[Database]:
        yield database("J1", "J2")

    monkeypatch.setattr("streams.generations.database.active_database", opened)


def invoke(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(main, ["advise", *words])
    assert result.exit_code == code, result.output
    return result.output


@pytest.mark.usefixtures("stored")
def test_demand_comes_from_the_stored_jobs(resume: str) -> None:
    found = json.loads(invoke(resume, "--json"))["advice"]
    assert found["target"] == "Backend Engineer"
    assert {s["skill"] for s in found["skills"]} == {"redis", "go"}
    assert found["skills"][0]["asking"] == 2
    assert found["jobs"][0]["missing"] == ["redis", "go"]
    assert json.loads(invoke(resume, "--job", "J1", "--json"))["advice"]["skills"][0]["jobs"] == 1
    assert "no stored job J9" in invoke(resume, "--job", "J9", code=1)
    assert "none of 2 jobs" in invoke(resume, "--role", "Astronaut")


@pytest.mark.usefixtures("stored")
def test_it_is_shown_to_people(resume: str, tmp_path: Path) -> None:
    shown = invoke(resume)
    assert "complete 90 of 100" in shown
    assert "Northwind" in shown
    assert "Redis" in shown
    ad = tmp_path / "ad.txt"
    ad.write_text("Data Engineer\nRequirements: Spark and Airflow.", encoding="utf-8")
    assert "Spark" in invoke(resume, "--job-file", str(ad))


def test_jobs_may_come_from_a_file(resume: str, tmp_path: Path) -> None:
    jobs = tmp_path / "jobs.jsonl"
    rows = [
        {"entity": "company", "id": "C", "fields": {"name": "x"}},
        {"entity": "job", "id": "J1", "fields": FIELDS},
        {"title": "后端工程师", "text": "要求熟悉Redis"},
    ]
    jobs.write_text("\n".join([json.dumps(r, ensure_ascii=False) for r in rows] + [""]), encoding="utf-8")
    found = json.loads(invoke(resume, "--jobs", str(jobs), "--json"))["advice"]
    assert found["skills"][0]["skill"] == "redis"
    assert found["skills"][0]["asking"] == 2
    assert json.loads(invoke(resume, "--jobs", str(jobs), "--job", "J1", "--json"))["advice"]["skills"]
    assert "has no job J2" in invoke(resume, "--jobs", str(jobs), "--job", "J2", code=1)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "jobs.jsonl:1: not JSON"),
        ("[]", "jobs.jsonl:1: not a JSON object"),
        ('{"text": "no title"}', "jobs.jsonl:1: not a job"),
        ('{"title": 3}', "jobs.jsonl:1: not a job"),
        ('{"title": "x", "skills": ["Go"]}', "jobs.jsonl:1: not a job"),
        ("", "has no job"),
    ],
)
def test_a_bad_file_of_jobs_is_named(resume: str, tmp_path: Path, line: str, message: str) -> None:
    jobs = tmp_path / "jobs.jsonl"
    jobs.write_text(line, encoding="utf-8")
    with pytest.raises(DataError, match=message.replace(".", r"\.")):
        jobs_of(jobs)
    assert message in " ".join(invoke(resume, "--jobs", str(jobs), code=1).split())


def test_without_a_database_the_rest_is_said(resume: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @asynccontextmanager
    async def unreachable(_: object) -> AsyncIterator[Database]:
        raise ServerSelectionTimeoutError("down")
        yield

    monkeypatch.setattr("streams.generations.database.active_database", unreachable)
    shown = invoke(resume)
    assert "cannot be reached" in shown
    assert "Northwind" in shown
    assert "MongoDB does not answer" in invoke(resume, "--job", "J1", code=3)
    assert "one of --role" in invoke(resume, "--job", "J1", "--role", "x", code=2)
    broken = tmp_path / "empty.pdf"
    broken.write_bytes(b"")
    assert "Error:" in invoke(str(broken), code=1)


def test_an_empty_database_is_said_to_be_empty(resume: str, monkeypatch: pytest.MonkeyPatch) -> None:
    @asynccontextmanager
    async def empty(_: object) -> AsyncIterator[Database]:
        yield database()

    monkeypatch.setattr("streams.generations.database.active_database", empty)
    assert "No job is stored" in invoke(resume)


def test_stored_jobs_are_read_as_they_are() -> None:
    corpus = asyncio.run(stored_jobs(database("J1")))
    assert [job.skills.keys() for job in corpus.jobs] == [{"java", "redis", "go"}]
    assert asyncio.run(stored_target(database("J1"), "J2")) is None


def test_figures_of_both_parts() -> None:
    figures = json.loads(CliRunner().invoke(main, ["eval", "advice", "--json"]).output)
    for part in ("dev", "test"):
        assert figures[part]["skills"]["cases"] == 31
        assert figures[part]["skills"]["ndcg_at_5"] > figures[part]["popular"]["ndcg_at_5"] + 0.4
        assert figures[part]["quality"]["accuracy"] > 0.95
        assert figures[part]["fitting"]["ndcg_at_5"] > 0.7
    assert {cell for column in advice_table(figures).columns for cell in column.cells} >= {"dev", "test", "popular"}


def test_ndcg_is_one_for_the_best_order_and_less_for_others() -> None:
    ranked = evaluation.Ranked
    assert evaluation.ndcg(ranked([2, 2, 1], [1, 2, 2])) == 1
    assert evaluation.ndcg(ranked([1, 2, 2], [1, 2, 2])) < 1
    assert evaluation.ndcg(ranked([0, 0], [1])) == 0
    assert evaluation.ranking([ranked([2, 0], [2])])["precision_at_5"] == 0.2


def test_cases_do_not_contradict_themselves() -> None:
    for case in evaluation.rows("evaluation", "data", "advice", "skills.jsonl"):
        grades = evaluation.grades_of(case)
        assert 2 in grades.values()
        assert not {skill_key(n) for n in case["grades"]["0"]} & grades.keys(), case["id"]
    for case in evaluation.rows("evaluation", "data", "advice", "quality.jsonl"):
        assert not set(case["must"]) & set(case["must_not"]), case["id"]
