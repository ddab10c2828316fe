"""The generated pages are current, leave nothing out, and read as Markdown."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ops.cli import main as looma
from ops.reference.__main__ import main, stale, write
from ops.reference.fields import kind as taken
from ops.reference.markdown import escaped, table
from ops.reference.pages import pages
from ops.runtime.settings import variable
from processors.matching.features import FEATURES
from processors.matching.weights import DEFAULT, parse_weights
from schemas import semconv
from schemas.entities import CATALOGUE
from schemas.exits import Exit
from schemas.settings import fields
from schemas.topics import TOPICS

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return pages()


def rows(page: str) -> list[list[str]]:
    """The rows of a page's tables, as GitHub makes them of it."""
    found: list[list[str]] = []
    for token in MarkdownIt().enable("table").parse(page):
        if token.type == "tr_open":
            found.append([])
        elif token.type == "inline" and found and token.level >= 4:
            found[-1].append(token.content)
    return found


def test_the_stored_pages_are_current(made: dict[str, str]) -> None:
    assert stale(ROOT / "docs", made) == []


def test_what_is_not_current_is_named(
    made: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ops.reference.__main__.pages", lambda: made)
    assert main([str(tmp_path)]) == 0
    assert main(["--check", str(tmp_path)]) == 0
    (tmp_path / "schemas" / "talent.json").write_text("{}")
    (tmp_path / "reference" / "cli.md").unlink()
    (tmp_path / "reference" / "former.md").write_text("# Former")
    assert main(["--check", str(tmp_path)]) == 1
    told = "not current: reference/cli.md, reference/former.md, schemas/talent.json; run `make docs`\n"
    assert capsys.readouterr().err == told
    write(tmp_path, made)
    assert stale(tmp_path, made) == []


def test_the_fields_of_every_entity_stand_there(made: dict[str, str]) -> None:
    for spec in CATALOGUE:
        part = made["reference/fields.md"].partition(f"\n## {spec.name.capitalize()}\n")[2].partition("\n## ")[0]
        assert [row[0].strip("`") for row in rows(part)[1:]] == [*spec.model.model_fields]


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"anyOf": [{"type": "boolean"}, {"type": "null"}]}, "boolean"),
        ({"type": "integer", "minimum": 12, "maximum": 3600}, "whole number, ≥ 12, ≤ 3,600"),
        ({"type": "string", "format": "date-time"}, "time with a zone"),
        ({"type": "array", "maxItems": 6, "items": {"enum": ["a", "b"]}}, "list, at most 6: `a`, `b`"),
        ({"$ref": "#/$defs/Skill"}, "[Skill](#skill)"),
    ],
)
def test_what_a_field_takes_is_said(field: dict[str, Any], said: str) -> None:
    assert taken(field) == said


@pytest.mark.slow
def test_pages_do_not_depend_on_the_machine(made: dict[str, str], tmp_path: Path) -> None:
    """Another working directory, home, language, width and settings of one's own change nothing."""
    (tmp_path / "looma.toml").write_text("[kafka]\ngroup_id = 'other'\n")
    surroundings = {"HOME": str(tmp_path), "LANG": "C", "COLUMNS": "40", "LOOMA_KAFKA__PARTITIONS": "99"}
    script = "import json; from ops.reference.pages import pages; print(json.dumps(pages()))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **surroundings},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout) == made


def test_every_setting_has_a_row_that_says_what_it_is(made: dict[str, str]) -> None:
    found = {cells[1]: cells for cells in rows(made["reference/settings.md"]) if len(cells) == 5}
    for name in fields():
        setting, _, kind, _, meaning = found[f"`{variable(name)}`"]
        assert setting == f"`{name.rpartition('.')[2]}`"
        assert kind
        assert meaning, name


def every_command(command: click.Command, path: str = "looma") -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        with click.Context(command) as context:
            for name in command.list_commands(context):
                inner = command.get_command(context, name)
                assert inner
                yield f"{path} {name}", inner
                yield from every_command(inner, f"{path} {name}")


def test_every_command_has_a_part_with_each_of_its_options(made: dict[str, str]) -> None:
    parts = re.split(r"^#+ (looma .*)$", made["reference/cli.md"], flags=re.MULTILINE)
    text = dict(zip(parts[1::2], parts[2::2], strict=True))
    commands = dict(every_command(looma))
    assert text.keys() == commands.keys()
    for path, command in commands.items():
        assert re.sub(r"\W+", "", command.help or "")[:40] in re.sub(r"\W+", "", text[path]), path
        for parameter in command.params:
            if isinstance(parameter, click.Option) and not parameter.hidden:
                assert all(option in text[path] for option in parameter.opts), (path, parameter.opts)
            elif isinstance(parameter, click.Argument):
                with click.Context(command) as context:
                    assert parameter.make_metavar(context) in text[path], path


def test_every_topic_and_every_exit_status_has_a_row(made: dict[str, str]) -> None:
    topics = [cells[0] for cells in rows(made["reference/topics.md"])[1:]]
    assert topics == [f"`{spec.name}`" for spec in TOPICS]
    statuses = {cells[0] for cells in rows(made["reference/errors.md"])}
    assert {f"`{each.value}`" for each in Exit} <= statuses


def test_every_feature_has_a_row_and_the_weights_are_a_file(made: dict[str, str]) -> None:
    page = made["reference/match-features.md"]
    found = {cells[0]: cells for cells in rows(page)[1:]}
    assert list(found) == [f"`{name}`" for name in FEATURES]
    assert all(map(all, found.values()))
    (listing,) = re.findall(r"^```toml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert parse_weights(listing) == pytest.approx(DEFAULT)


@pytest.fixture(scope="module")
def series() -> dict[str, Any]:
    """What a running meter has."""
    command = [sys.executable, str(ROOT / "tests" / "running_meter.py")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_the_metrics_are_those_of_a_running_meter(made: dict[str, str], series: dict[str, Any]) -> None:
    told: dict[str, set[str]] = {}
    for name, kind, _, labels, meaning in rows(made["reference/metrics.md"])[1:]:
        assert meaning, name
        own = {"job", "instance", *re.findall(r"`(\w+)`", labels)}
        for end in ("_bucket", "_sum", "_count") if kind == "histogram" else ("",):
            told[name.strip("`") + end] = own | ({"le"} if end == "_bucket" else set())
    assert told == {name: set(each["labels"]) for name, each in series["series"].items()}


def test_metrics_are_made_in_one_place() -> None:
    made_in = {
        str(file.relative_to(ROOT))
        for package in ("schemas", "processors", "sinks", "streams", "connectors", "ops")
        for file in ROOT.glob(f"{package}/**/*.py")
        if re.search(
            r"\bcreate_(observable_)?(counter|gauge|up_down_counter|histogram)\(|get_meter\(", file.read_text()
        )
    }
    assert made_in == {"streams/metrics.py"}


def test_every_attribute_has_a_row_that_says_what_it_is(made: dict[str, str]) -> None:
    declared = {value for name, value in vars(semconv).items() if name.isupper()}
    found = {cells[0].strip("`"): cells[1] for cells in rows(made["reference/spans.md"])[1:]}
    assert found.keys() == declared
    assert all(found.values())


def test_attributes_are_named_in_one_place() -> None:
    literal = r"""["'](?:messaging|db|cloudevents|gen_ai)\.[a-z]|set_attribute\(["']"""
    named_in = {
        str(file.relative_to(ROOT))
        for package in ("schemas", "processors", "sinks", "streams", "connectors", "ops")
        for file in ROOT.glob(f"{package}/**/*.py")
        if re.search(literal, file.read_text("utf-8"))
    }
    assert named_in == {"schemas/semconv.py"}


@given(st.lists(st.lists(st.text("ab|`<*\\ 中", min_size=1).map(str.strip).filter(bool), min_size=2, max_size=2)))
def test_no_cell_breaks_a_table(cells: list[list[str]]) -> None:
    written = "\n".join(table(("a", "b"), [[escaped(cell) for cell in row] for row in cells]))
    assert all(len(row) == 2 for row in rows(written))
    assert len(rows(written)) == len(cells) + 1


@given(st.text("ab<>*\\ 中", min_size=1).map(str.strip).filter(bool))
def test_prose_is_read_as_it_was_written(text: str) -> None:
    (inline,) = MarkdownIt().parseInline(escaped(text))
    assert "".join(token.content for token in inline.children or []) == text
