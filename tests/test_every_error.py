"""Every error of ours has a base, a code of its own and an exit status, and commands say it in one way."""

import ast
import builtins
import json
import re
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st

from ops.cli import main
from ops.cli.failures import failure_of
from ops.local.embedded import StackError
from schemas.errors import LoomaError, kinds
from schemas.exits import Exit

ROOT = Path(__file__).parents[1]
PACKAGES = ("schemas", "processors", "sinks", "connectors", "streams", "ops")
OTHERS = {
    "ApiError": "an answer of the embedded Qdrant over HTTP, with HTTP's status",
    "_BadRowError": "from the reader of a row to its file, which leaves it out",
    "BusyError": "asks for another try of a request; at the end it is a SourceError",
    "BehindError": "ends a reader's stream, who comes back with the number that she has",
    "ConflictError": "asks for another try of a write",
    "_HeldBackError": "takes a batch out of its lane, which goes on trying it apart",
    "RestartedError": "asks for another try of a batch",
    "RevokedError": "ends the work on a partition that others have now",
    "Failure": "what a command says of an error, as click wants it",
    "JsonFailure": "the same in JSON",
    "LookupRefusedError": "from a tool to the model that called it wrongly",
    "NoAnswerError": "from the providers to a caller that can do without them",
    "LeaveError": "asks for another try; logged",
    "OutdatedError": "asks for another ranking",
    "NeedsOcr": "from a reader of documents to its process, which fetches the recognizer",
    "NotTakenError": "asks for another delivery; logged",
    "PageError": "from the parser of a page to its source, which makes it a SourceError",
    "ProviderError": "asks for the next provider; logged",
    "RefusedError": "from the check of a value to its row, which is refused",
    "SandboxError": "from the process of a reader to the one that started it",
    "TooMuchError": "keeps a message's texts from a provider; logged",
    "UnpackError": "from the decoder of a batch to its consumer, which makes it a dead letter",
}


def exceptions() -> dict[str, set[str]]:
    """Return the exception classes of the packages by name, with their modules, whatever imports what."""
    classes: dict[str, list[tuple[str, set[str]]]] = {}
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            module = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    bases = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
                    classes.setdefault(node.name, []).append((module, bases))
    known = {n for n, k in vars(builtins).items() if isinstance(k, type) and issubclass(k, BaseException)}
    known |= {"KafkaError", "ClickException"}
    found: dict[str, set[str]] = {}
    while new := {
        n for n, seen in classes.items() if n not in found and any(b & (known | set(found)) for _, b in seen)
    }:
        found |= {name: {module for module, bases in classes[name] if bases & (known | set(found))} for name in new}
    return found


def test_every_exception_of_ours_is_a_looma_error_or_says_why_not() -> None:
    found = exceptions()
    assert set(found) >= set(OTHERS) | {"WrongSettingsError", "TokenCommandError", "PortTakenError"}
    for name, modules in found.items():
        for module in modules:
            kind = getattr(import_module(module), name)
            assert issubclass(kind, LoomaError) != (name in OTHERS), f"{module}.{name}"


def ours() -> list[type[LoomaError]]:
    for modules in exceptions().values():
        for module in modules:
            import_module(module)
    return [kind for kind in kinds() if kind.__module__.partition(".")[0] in PACKAGES]


def test_codes_are_their_own_and_each_kind_is_described() -> None:
    known = ours()
    codes = [kind.code for kind in known]
    assert len(codes) > 30
    assert len(set(codes)) == len(codes)
    assert not set(codes) & {status.name.lower() for status in Exit}  # the codes of what is not ours
    for kind in known:
        assert "code" in vars(kind), kind
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", kind.code)
        assert isinstance(kind.exit_status, Exit)
        assert kind.exit_status not in (Exit.DONE, Exit.INTERNAL)
        assert (kind.__doc__ or "").splitlines()[0].endswith(".")


def test_a_command_ends_with_the_status_and_the_code_of_each() -> None:
    for kind in ours():
        error = kind.__new__(kind, "why")
        said = failure_of(ExceptionGroup("", [error]))
        assert said is not None
        assert (said.exit_code, said.code) == (kind.exit_status, kind.code)  # type: ignore[attr-defined]
        assert "why" in said.message


@pytest.mark.parametrize(
    ("command", "status", "code"),
    [
        ("text FILE", Exit.REFUSED, "damaged"),
        ("models show nobody", Exit.REFUSED, "model"),
        ("publish FILE", Exit.USAGE, "file"),
        ("match feedback t-1 j-1 hired --reason BAD", Exit.USAGE, "invalid_data"),
        ("replay --from yesterday", Exit.USAGE, "selection"),
        ("search --in jobs", Exit.USAGE, "usage"),
        ("trace 00000000-0000-0000-0000-000000000000", Exit.REFUSED, "refused"),
    ],
)
def test_with_json_the_failure_is_json_on_stderr_and_nothing_is_on_stdout(
    command: str, status: Exit, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOMA_DATA_DIR", str(tmp_path))
    file = tmp_path / "damaged.pdf"
    file.write_bytes(b"%PDF-1.7")
    arguments = command.replace("FILE", str(file)).split()
    plain = CliRunner().invoke(main, arguments)
    done = CliRunner().invoke(main, [*arguments, "--json"])
    assert (plain.exit_code, done.exit_code, done.stdout) == (status, status, "")
    error = json.loads(done.stderr.splitlines()[-1])["error"]
    assert error["code"] == code
    assert plain.stderr.splitlines()[-1] == f"Error: {error['message']}"


@given(st.text(st.characters(codec=None) | st.sampled_from("\ud800\udc00\x1b\u202e\n"), min_size=1))
@example("\udcff mongodb://u:hunter2@h/ \x1b[2J")
def test_any_text_is_one_line_of_json(text: str) -> None:
    def fails() -> None:
        raise StackError(text)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ops.cli.config.load_settings", fails)
        done = CliRunner().invoke(main, ["config", "--json"])
    assert done.exit_code == Exit.REFUSED
    (line,) = done.stderr.splitlines()
    assert json.loads(line)["error"]["code"] == "stack"
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", line)
    assert "hunter2" not in line
