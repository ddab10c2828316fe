"""ONNX Runtime reports to nobody, whichever module of ours imports it first."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.documents.pool import ALONE

ROOT = Path(__file__).parent.parent
NAME = "ORT_DISABLE_TELEMETRY"


def imports_it(path: Path) -> bool:
    text = path.read_text("utf-8")
    if "onnxruntime" not in text:  # most modules; parsing them all takes seconds
        return False
    for node in ast.walk(ast.parse(text)):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if any(name.split(".")[0] == "onnxruntime" for name in names):
            return True
    return False


MODULES = [
    path.relative_to(ROOT).with_suffix("").parts
    for package in ("schemas", "processors", "sinks", "connectors", "streams", "ops")
    for path in sorted((ROOT / package).rglob("*.py"))
    if imports_it(path)
]


@pytest.mark.parametrize("package", sorted({parts[:-1] for parts in MODULES if parts[0] != "connectors"}), ids=".".join)
def test_a_package_has_told_it_so_before_its_modules_are_imported(package: tuple[str, ...]) -> None:
    # The top package runs before anything below it.
    code = f"import os, sys, {package[0]}; print(os.environ.get('{NAME}'), 'onnxruntime' in sys.modules)"
    environment = {n: v for n, v in os.environ.items() if n != NAME}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "False"]


def test_documents_are_read_in_processes_of_their_own_that_are_told_so() -> None:
    assert {parts for parts in MODULES if parts[0] == "connectors"} == {("connectors", "documents", "ocr")}
    assert ALONE[NAME] == "1"
