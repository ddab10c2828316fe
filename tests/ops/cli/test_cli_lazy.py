"""The command groups that import a command when it is used."""

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from ops.cli import bench, main, sync
from ops.cli import eval as evaluate
from ops.cli.lazy import LazyGroup

GROUPS = [main, bench.bench, evaluate.evaluate, sync.sync]


@pytest.mark.parametrize("group", GROUPS, ids=lambda g: g.name)
def test_the_list_says_of_every_command_what_it_says_itself(group: LazyGroup) -> None:
    """Nothing is imported for the list, so a name that leads nowhere would show when it is used, not before."""
    listed = CliRunner().invoke(group, ["--help"], terminal_width=200, max_content_width=200).output
    with click.Context(group) as context:
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command
            assert command.name == name
            line = next(row for row in listed.splitlines() if row.split()[:1] == [name])
            assert line.split(maxsplit=1)[1] == command.get_short_help_str(len(line))


def test_help_imports_no_command() -> None:
    script = (
        "import sys; from ops.cli import main\n"
        "for a in (['--help'], ['eval', '--help'], ['bench', '--help'], ['sync', '--help']): main(a, standalone_mode=False)\n"
        "sys.exit(any(m in sys.modules for m in ('numpy', 'aiokafka', 'pydantic', 'rich')))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done


def test_another_name_is_no_command() -> None:
    assert CliRunner().invoke(main, ["nothing"]).exit_code == 2
