"""What the docs show is run, or at least is what the program has."""

import ast
import asyncio
import inspect
import json
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest

from connectors.message import build_message
from ops.cli import main
from processors.resolution.clusters import Verdict
from processors.resume.parse import parse_resume
from schemas.records import SourceRecord

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
EXAMPLES = [file.read_text("utf-8") for file in ROOT.glob("examples/*.py")]
"""What pages quote of these is run by tests/examples."""
RESUME = """王晓明
电话：13800138000 邮箱：wang@example.com
工作经历
2019.03 - 2024.05 甲公司 数据工程师
负责数据平台，使用 Python、Kafka
教育背景
2015.09 - 2019.06 浙江大学 计算机 本科
"""
JOB = {"title": "数据工程师", "skills": [{"name": "Python"}, {"name": "Spark"}], "status": "open"}
TALENT = {"name": "王晓明", "emails": ["wang@example.com"], "title": "数据工程师"}
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


def names(tmp_path: Path) -> dict[str, dict[str, Any]]:
    """What a page's samples take as given."""
    (tmp_path / "skills.jsonl").write_text('{"id": "python", "aliases": ["蟒蛇语言"]}\n', encoding="utf-8")
    return {
        "resume.md": {"document": SimpleNamespace(text=RESUME)},
        "documents.md": {"data": b"<html><body><p>\xe7\x8e\x8b\xe6\x99\x93\xe6\x98\x8e</p></body></html>"},
        "advice.md": {
            "jobs": [("j-1", JOB)],
            "profile": parse_resume(RESUME, today=date(2026, 1, 1)),
            "text": RESUME,
            "date": date,
        },
        "resolution.md": {
            "record": SourceRecord("talent", "t-1", 1, False, TALENT, {}),
            "other": SourceRecord("talent", "t-2", 1, False, TALENT, {}),
            "first_seen": {"t-1": BEGINNING, "t-2": BEGINNING + timedelta(days=1)},
            "verdicts": [Verdict("t-1", "t-2", "merge", BEGINNING, "crm e-1")],
        },
        "skills.md": {"ad": "任职要求：精通Java", "text": "蟒蛇语言", "Path": lambda name: tmp_path / name},
    }


def blocks(page: Path, *languages: str) -> Iterator[str]:
    for language, text in re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        if language in languages:
            yield text


PYTHON = [(page, number, code) for page in PAGES for number, code in enumerate(blocks(page, "python"))]
SERVERS = "localhost:19092"
"""Samples that publish are run against a stack by tests/integration; here their names are looked up."""


@pytest.mark.parametrize(("page", "number", "code"), PYTHON, ids=lambda each: getattr(each, "name", None) or "")
def test_python_samples_run(page: Path, number: int, code: str, tmp_path: Path) -> None:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom):
            module = import_module(node.module or "")
            assert not [alias.name for alias in node.names if not hasattr(module, alias.name)]
    if SERVERS in code or any(code in example for example in EXAMPLES):
        return
    given = names(tmp_path).get(page.name, {})
    for earlier_page, earlier, sample in PYTHON:  # a page's samples build on each other
        if earlier_page == page and earlier <= number and SERVERS not in sample:
            compiled = compile(sample, str(page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            if inspect.iscoroutine(waiting := eval(compiled, given)):
                asyncio.run(waiting)


def commands(page: Path) -> Iterator[str]:
    """Yield the commands of a page's listings, without comments, placeholders' brackets and what is typed around them."""
    for text in blocks(page, "", "sh", "bash", "console"):
        for line in text.replace("\\\n", " ").splitlines():
            for part in re.split(r"\s*(?:;|&&?|\|)\s+", line.split("  #")[0].split(" # ")[0]):
                words = part.strip().removeprefix("$ ")
                while re.match(r"[A-Z_]+=\S* ", words):
                    words = words.partition(" ")[2]
                words = words.removeprefix(".venv/bin/")
                if words.startswith("looma "):
                    yield words.rstrip("&").strip()


LISTED = sorted({(page.name, command) for page in PAGES for command in commands(page)})


@pytest.mark.parametrize(("page", "command"), LISTED)
def test_listed_commands_exist(page: str, command: str) -> None:
    try:
        words = shlex.split(command)[1:]
    except ValueError:  # a quote that goes on in the next line
        words = command.split()[1:]
    found: click.Command = main
    with click.Context(found) as context:
        while words and isinstance(found, click.Group) and (inner := found.get_command(context, words[0])):
            found, words = inner, words[1:]
        assert not isinstance(found, click.Group) or not words or found.invoke_without_command, "no such command"
        known = {option for parameter in found.params for option in (*parameter.opts, *parameter.secondary_opts)}
    known |= {"--help", "-h", "--version"}
    said = {word.partition("=")[0].strip("[]…,") for word in words if word.strip("[").startswith("--")}
    assert {option for each in said for option in each.split("|")} <= known


@pytest.mark.parametrize("page", ["quickstart.md", "quickstart.zh.md"])
def test_what_a_newcomer_publishes_is_accepted(page: str) -> None:
    (sample,) = blocks(ROOT / "docs" / "guides" / page, "json")
    assert [build_message(**json.loads(line), source="file").topic for line in sample.splitlines()] == [
        "talent-events",
        "job-events",
    ]


def test_there_are_samples() -> None:
    assert len(PYTHON) >= 6
    assert len(LISTED) >= 50
