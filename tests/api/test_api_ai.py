"""AI services over HTTP, each answered in process, and accounted for on a topic."""

import base64
import subprocess
import sys
import time
from typing import Any

import httpx
import pytest

from schemas.services import AiUsed
from tests.support.cluster import Cluster

RESUME = """王小明
电话：13812345678
邮箱：wang@example.cn

工作经历
2019.03 - 2024.05  青禾软件  Java 后端工程师
负责订单系统，使用 Spring Boot、Kafka 与 MySQL，峰值每秒一万笔。

教育经历
2015 - 2019  浙江大学  计算机科学  本科
"""
TALENT = {"title": "Java 后端工程师", "skills": [{"name": "Java"}, {"name": "Kafka"}], "locations": ["上海"]}
JOB = {"title": "Java 工程师", "company": "青禾软件", "skills": [{"name": "Java"}], "locations": ["上海"]}


def asked(http: httpx.Client, service: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = http.post(f"/v1/ai/{service}", json=body, timeout=120)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_resume_is_read_from_its_text_and_its_file(http: httpx.Client) -> None:
    for body in ({"text": RESUME}, {"file": base64.b64encode(RESUME.encode()).decode()}):
        found = asked(http, "resume", body)
        assert found["profile"]["work"][0]["employer"]["value"] == "青禾软件"
        assert "talent_id" not in found
    assert found["talent"]["title"]


def test_skills_are_found_in_texts_and_ads(http: httpx.Client) -> None:
    text = "要求精通 Java 和 Kafka，熟悉 Python 优先"
    found = asked(http, "skills", {"text": text})
    assert {m["text"] for m in found["mentions"]} == {"Java", "Kafka", "Python"}
    assert len(found["skills"]) == 3
    assert all(text[m["start"] : m["end"]] == m["text"] for m in found["mentions"])
    assert asked(http, "skills", {"text": text, "kind": "job_ad"})["required"]


def test_a_pair_is_scored_with_reasons_that_add_up(http: httpx.Client) -> None:
    found = asked(http, "match", {"talent": TALENT, "job": JOB})
    other = asked(http, "match", {"talent": {**TALENT, "title": "厨师", "skills": [{"name": "烹饪"}]}, "job": JOB})
    assert found["score"] > other["score"]
    assert sum(each["contribution"] for each in found["features"]) == pytest.approx(found["score"], abs=0.01)
    assert all(each["reason"] for each in found["features"])


def test_texts_are_embedded_and_openai_s_door_gives_the_same(http: httpx.Client) -> None:
    texts = ["数据工程师", "data engineer", "厨师"]
    found = asked(http, "embed", {"texts": texts})
    zh, en, cook = found["vectors"]
    assert len(zh) == found["dimensions"]
    product = [sum(a * b for a, b in zip(zh, each, strict=True)) for each in (en, cook)]
    assert product[0] > product[1]
    door = http.post("/openai/v1/embeddings", json={"model": "looma", "input": texts}).json()
    assert [each["embedding"] for each in door["data"]] == [pytest.approx(each) for each in found["vectors"]]


def test_advice_says_what_a_resume_lacks(http: httpx.Client) -> None:
    found = asked(http, "advice", {"text": RESUME, "ad_title": "数据工程师", "ad": "要求熟练 Python 与 Spark。"})
    assert found["quality"]["score"]
    assert any("Spark" in each["text"] for each in found["skills"])


def test_a_search_is_that_of_the_active_generation_which_has_no_index_here(http: httpx.Client) -> None:
    answer = http.post("/v1/ai/search", json={"kind": "talent", "query": "Java"})
    assert (answer.status_code, answer.json()["code"]) == (409, "search")


def test_what_cannot_be_is_a_problem_and_for_openai_an_error(http: httpx.Client) -> None:
    answer = http.post("/v1/ai/chat", json={"messages": [{"role": "user", "content": "你好"}]})
    assert (answer.status_code, answer.json()["code"]) == (404, "model_not_found")
    assert answer.headers["content-type"] == "application/problem+json"
    answer = http.post("/openai/v1/chat/completions", json={"messages": [{"role": "user", "content": "你好"}]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "model_not_found")
    assert http.post("/v1/ai/resume", json={"text": "a", "file": "YQ=="}).status_code == 422
    assert http.post("/v1/ai/resume", json={"file": base64.b64encode(b"%PDF-1.7 broken").decode()}).status_code == 422
    assert [m["id"] for m in http.get("/openai/v1/models").json()["data"]] == ["looma", "looma-embedding"]
    assert set(http.get("/v1/ai/models").json()["instances"]) >= {"resume", "search"}


def test_each_call_is_on_the_topic_of_usage_without_its_text(http: httpx.Client, api_cluster: Cluster) -> None:
    http.post("/openai/v1/embeddings", json={"model": "looma", "input": "一二三四五六七"})
    for _ in range(100):
        found = [record for record in api_cluster.read("ai-usage") if b'"prompt_tokens":7,' in record.value]
        if found:
            break
        time.sleep(0.1)
    (record,) = found
    used = AiUsed.model_validate_json(record.value)
    assert (record.key, used.service, used.outcome) == (b"local", "embed", "answered")
    assert dict(record.headers)["ce_id"].decode() == used.call
    assert "一二三".encode() not in record.value


def test_a_service_on_another_host_is_found_asked_and_forgotten(http: httpx.Client, api_cluster: Cluster) -> None:
    def instances() -> list[str]:
        found: list[str] = http.get("/v1/ai/models").json()["instances"]["skills"]
        return found

    command = [sys.executable, "-m", "ops.cli", "serve", "skills"]
    process = subprocess.Popen(command, env=api_cluster.environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        assert process.stdout.readline().startswith("skills at http://127.0.0.1:")
        until = time.monotonic() + 30
        while not instances() and time.monotonic() < until:
            time.sleep(0.2)
        (name,) = instances()
        assert len(asked(http, "skills", {"text": "会 Java"})["skills"]) == 1
        while not (told := [r for r in api_cluster.read("ai-usage") if name.encode() in r.value]):
            assert time.monotonic() < until
        assert len(told) == 1
        process.terminate()
        assert process.wait(30) == 0
        while instances() and time.monotonic() < until:
            time.sleep(0.1)
        assert not instances()
    finally:
        process.kill()
        process.wait()
