"""Every cache of a process says how often it serves, in one metric."""

import ast
from functools import lru_cache
from pathlib import Path

import pytest
from opentelemetry.metrics import CallbackOptions

from processors.embedding.pool import EmbeddingPool
from processors.matching.skills import skill_name
from sinks.cache import Cache
from streams import cache_metrics
from streams.cache_metrics import report_cache, report_lexicons

ROOT = Path(__file__).parents[2]
LEAST = 64
"""A cache of fewer is a value that is made once, or a few of them."""


@pytest.fixture(autouse=True)
def nothing_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_metrics, "_caches", {})


def told() -> dict[tuple[object, object], float]:
    found = list(cache_metrics._observe(CallbackOptions()))
    return {((o.attributes or {})["cache"], (o.attributes or {})["outcome"]): o.value for o in found}


def test_hits_and_misses_of_a_cache_and_of_its_successor() -> None:
    first: Cache[str, int] = Cache(2)
    report_cache("points", lambda: first)
    first.put("a", 1)
    first.get("a")
    first.get("b")
    first.get("c")
    assert told() == {("points", "hit"): 1, ("points", "miss"): 2}
    second: Cache[str, int] = Cache(2)
    report_cache("points", lambda: second)
    assert told() == {("points", "hit"): 0, ("points", "miss"): 0}


def test_words_are_counted_where_they_are_looked_up() -> None:
    report_lexicons()
    before = told()
    skill_name("a skill that nobody has")
    skill_name("a skill that nobody has")
    after = told()
    changed = {key: after[key] - before[key] for key in after if after[key] != before[key]}
    assert changed[("skills.skill_name", "hit")] >= 1
    assert changed[("skills.skill_name", "miss")] >= 1


def test_no_function_that_keeps_its_answers_is_left_out() -> None:
    report_lexicons()
    keeping = set()
    for file in (ROOT / "processors").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                for decorator in node.decorator_list:
                    text = ast.unparse(decorator)
                    if text == "kept_if_short" or (text.startswith("lru_cache(maxsize=") and int(text[18:-1]) >= LEAST):
                        keeping.add(f"{file.stem}.{node.name}")
    assert keeping == set(cache_metrics._caches)


async def test_texts_that_were_embedded_before_are_hits() -> None:
    class Model:
        version, dimensions = "m", 1

        def embed(self, texts: list[str]) -> list[list[float]]:
            import numpy as np

            return np.ones((len(texts), 1), np.float32)  # type: ignore[return-value]

    async with EmbeddingPool(Model()) as pool:  # type: ignore[arg-type]
        await pool.embed(["a", "b"])
        await pool.embed(["a", "c", "a"])
    assert (pool.hits, pool.misses) == (2, 3)


def test_what_lru_cache_says_is_taken_as_it_is() -> None:
    kept = lru_cache(maxsize=2)(lambda x: x)
    report_cache("x", kept.cache_info)
    kept(1)
    kept(1)
    assert told() == {("x", "hit"): 1, ("x", "miss"): 1}
