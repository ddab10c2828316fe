"""`looma publish` and `looma sync run`, dry: what is refused is said by record, and no file ends them with a traceback."""

import json
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.checkpoint import RunFile
from connectors.rows import Row, RowError
from connectors.sources.base import Cursor, SourceError, Step
from ops.cli.publish import publish
from ops.cli.sync.run import run_command
from ops.sync.backfill import Backfill, first_checkpoint


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOMA_DATA_DIR", str(tmp_path / "data"))


def call(command: Any, *arguments: str) -> Result:
    result = CliRunner().invoke(command, [*arguments, "--dry-run", "--entity", "talent"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def both(path: Path, *options: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the two commands say of a file, which must be the same."""
    published, synced = call(publish, str(path), *options, "--json"), call(run_command, str(path), *options, "--json")
    assert published.exit_code == synced.exit_code
    one, other = json.loads(published.stdout), json.loads(synced.stdout)
    assert (one["published"], len(one["refused"])) == (other["would_publish"], other["refused"])
    assert [each["id"] for each in one["refused"]] == [each["id"] for each in other["rejections"]]
    return one, other


def test_each_refusal_has_its_line_id_and_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"id": 1, "name": "Ann"}\n{"id": "T2", "name": "\\ud83d"}\n{"id": "T3", "source": "\\udfff"}\n{"id": "T4"}\n'
    )
    one, other = both(path)
    assert one["published"] == 2
    assert [(each["line"], each["id"]) for each in one["refused"]] == [(2, "T2"), (3, "T3")]
    assert other["rejections"][0]["at"] == "record 2"
    assert "  a.jsonl line 2 (T2): name holds text that is not Unicode" in call(publish, str(path)).stdout


def test_what_is_hard_to_believe_is_published_and_said(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    odd = '{"id": "T%d", "name": "Ann", "employments": [{"title": "x", "start": "2020-05-01", "end": "2019-01-01"}]}\n'
    path.write_text("".join(odd % n for n in range(7)) + '{"id": "T9", "name": "Ann"}\n')
    said = call(publish, str(path))
    assert (said.exit_code, "8 would be published" in said.stdout) == (0, True)
    assert "period_reversed 7" in said.stderr
    assert said.stderr.count("ends before it begins") == 5
    assert "a.jsonl line 1 (T0) employments.0" in said.stderr
    told = json.loads(call(publish, str(path), "--json").stdout)
    assert told["warnings"]["period_reversed"] == 7


def test_columns_are_mapped_and_the_rest_is_ignored_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("工号,全名,备注\nT1,李娜,x\n", "gb18030")
    file = tmp_path / "map.toml"
    file.write_text('[map]\n"工号" = "id"\n', "utf-8")
    options = ("--map-file", str(file), "--map", "全名=name", "--ignore-unknown")
    for said in both(path, *options):
        assert said["ignored"] == ["备注"]
    for command in (publish, run_command):
        assert "ignored, no fields: 备注" in call(command, str(path), *options).stderr
        refused = call(command, str(path), *options[:-1])
        assert refused.exit_code != 0
        assert "unknown column: 备注; say --map COLUMN=FIELD or --ignore-unknown" in refused.stderr.replace("\n", "")
        assert "did you mean name?" in call(command, str(path), "--map", "全名=nmae").stderr


def test_nothing_is_read_of_a_command_of_which_one_file_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "good.jsonl").write_text('{"id": "T1"}\n')
    (tmp_path / "bad.csv").write_text("name\nx\n")
    result = call(publish, str(tmp_path / "good.jsonl"), str(tmp_path / "bad.csv"))
    assert result.exit_code == 2
    assert "bad.csv: the header line lacks the column id" in result.stderr
    assert result.stdout == ""


def test_a_file_without_records_is_said_to_have_none(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,name\n")
    for command in (publish, run_command):
        result = call(command, str(path))
        assert result.exit_code == 0
        assert "there are no records" in result.stderr


def test_parquet_is_for_the_command_that_reads_it(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": [1, 2], "full_name": ["a", "b"]}), tmp_path / "a.parquet")
    assert "for `looma sync run`" in call(publish, str(tmp_path / "a.parquet")).stderr
    result = call(run_command, str(tmp_path / "a.parquet"), "--map", "full_name=name")
    assert "2 would be published, 0 refused" in result.stdout


async def test_what_was_read_before_a_source_fails_is_accounted_for(tmp_path: Path) -> None:
    class Failing:
        name = identity = "failing"
        ignored: ClassVar[set[str]] = set()

        async def steps(self, cursor: Cursor | None) -> AsyncGenerator[Step, None]:
            yield Step(RowError(1, "bad", "t-1", "raw"), {"n": 1})
            yield Step(Row(2, "talent", "t-2", {}, "crm", "e", datetime.now(UTC)), {"n": 2} if self.settled else None)
            raise SourceError("gone")

        def share(self, cursor: Cursor) -> float | None:
            return None

        settled = True

    source = Failing()
    file = RunFile(tmp_path, "r")
    for settled, counted in ((True, (1, 1)), (False, (1, 0))):
        Failing.settled = settled
        checkpoint = first_checkpoint(file, source, "talent", "crm")
        with pytest.raises(SourceError, match="gone"):
            await Backfill(source, checkpoint, file, None).run()
        assert (checkpoint.refused, checkpoint.published_count) == counted
        assert not checkpoint.finished


@given(st.binary(max_size=120), st.sampled_from([".csv", ".jsonl", ".parquet", ".txt", ""]))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_end_a_command_with_a_traceback(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"x{suffix}"
    path.write_bytes(content)
    for command in (publish, run_command):
        assert call(command, str(path)).exit_code in (0, 1, 2)


POSTING = {"@type": "JobPosting", "title": "Welder", "description": "<p>x</p>", "jobLocation": "Porto"}


def test_a_format_of_another_system_is_told_from_the_content_and_said(tmp_path: Path) -> None:
    (path := tmp_path / "page.html").write_text(
        f'<html><script type="application/ld+json">{json.dumps([POSTING, {"@type": "JobPosting"}])}</script></html>'
    )
    one, _ = both(path)
    assert (one["formats"], one["first"]["fields"]["title"]) == ({"page.html": ["schema-org"]}, "Welder")
    [told] = one["refused"]
    assert (told["record"], told["error"]) == (2, "a JobPosting has a title or a description")
    told = call(publish, str(path))
    assert "page.html record 2: a JobPosting" in told.stdout
    assert "page.html was read as schema.org JobPosting (--format schema-org)" in told.stderr
    assert '"title": "Welder"' in told.stdout


def test_the_first_record_is_shown_with_long_values_cut_short(tmp_path: Path) -> None:
    job = {"shortcode": "A", "title": "Welder", "description": "long " * 100, "keywords": [f"k{n}" for n in range(20)]}
    (path := tmp_path / "jobs.json").write_text(json.dumps({"jobs": [job]}))
    shown = call(publish, str(path), "--format", "workable").stdout
    assert "1 would be published, 0 refused" in shown
    assert "… 12 more" in shown
    assert "long…" in shown.replace("long …", "long…")


@pytest.mark.parametrize("command", [publish, run_command])
def test_an_unknown_format_gives_one_line_that_says_what_is_allowed(tmp_path: Path, command: Any) -> None:
    (path := tmp_path / "a.json").write_text('{"what": "ever"}')
    result = call(command, str(path))
    assert result.exit_code == (2 if command is publish else 1)
    assert "a.json is of no format that is known; --format is one of events, schema-org, greenhouse" in result.stderr
    assert "is not one of 'auto', 'events', 'schema-org'" in call(command, str(path), "--format", "xlsx").stderr


def test_a_named_format_takes_no_columns_and_a_collection_no_format(tmp_path: Path) -> None:
    (path := tmp_path / "a.json").write_text(json.dumps(POSTING))
    for command in (publish, run_command):
        assert "--map" in call(command, str(path), "--format", "lever", "--map", "a=name").stderr
    assert "a MongoDB collection holds" in call(run_command, "mongodb://h:1/a.jobs", "--format", "lever").stderr
