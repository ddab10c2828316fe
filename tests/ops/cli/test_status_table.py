"""What `looma status` shows of a server that does not answer."""

from datetime import UTC, datetime
from pathlib import Path

from ops.cli.stack import _show
from ops.local.embedded.stack import ServiceStatus
from schemas.settings import Settings


def test_one_that_does_not_answer_says_since_when(capsys, tmp_path: Path) -> None:
    since = datetime(2026, 1, 5, 16, 1, 2, tzinfo=UTC)
    status = ServiceStatus(
        name="kafka", state="not answering", port=1, unanswered_since=since, log=tmp_path, data=tmp_path
    )
    _show(Settings(data_dir=tmp_path), [status], as_json=False)
    assert "not answering since 16:01:02" in capsys.readouterr().out
    _show(Settings(data_dir=tmp_path), [status], as_json=True)
    assert "2026-01-05T16:01:02Z" in capsys.readouterr().out
