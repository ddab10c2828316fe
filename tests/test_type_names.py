"""What is imported under TYPE_CHECKING is there for types alone: a type checker takes it for a name like any other."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("schemas", "processors", "sinks", "connectors", "streams", "ops", "examples")
FILES = [path for folder in FOLDERS for path in (ROOT / folder).glob("**/*.py")]


def _imported(node: ast.AST) -> set[str]:
    imports = (n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom))
    return {(a.asname or a.name).partition(".")[0] for each in imports for a in each.names}


def _for_types(tree: ast.Module) -> tuple[set[str], set[int]]:
    """Return the names that are imported for types, and which nodes stand where they may be used."""
    blocks = [s for s in tree.body if isinstance(s, ast.If) and ast.unparse(s.test).endswith("TYPE_CHECKING")]
    allowed: list[ast.AST] = list(blocks)
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
            allowed.append(node.annotation)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns:
            allowed.append(node.returns)
    return set().union(*map(_imported, blocks)), {id(n) for each in allowed for n in ast.walk(each)}


def misused(source: str) -> Iterator[str]:
    """Yield `line: name` of each that is used as a value where no function has imported it."""
    tree = ast.parse(source)
    names, allowed = _for_types(tree)

    def look(node: ast.AST, known: set[str]) -> Iterator[str]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            known = known | _imported(node) | {a.arg for a in ast.walk(node) if isinstance(a, ast.arg)}
        if isinstance(node, ast.Name) and node.id in names - known and id(node) not in allowed:
            yield f"{node.lineno}: {node.id}"
        for child in ast.iter_child_nodes(node):
            yield from look(child, known)

    yield from look(tree, set())


def test_names_for_types_are_used_for_types() -> None:
    sources = {str(p.relative_to(ROOT)): p.read_text(encoding="utf-8") for p in FILES}
    found = {file: list(misused(source)) for file, source in sources.items() if "TYPE_CHECKING" in source}
    assert found
    assert not {file: names for file, names in found.items() if names}


@pytest.mark.parametrize(("line", "is_wrong"), [("return Thing()", True), ("from a import Thing; Thing()", False)])
def test_a_misuse_is_found(line: str, is_wrong: bool) -> None:
    source = f"if TYPE_CHECKING:\n    from a import Thing\ndef f(x: Thing) -> Thing:\n    {line}\n"
    assert bool(list(misused(source))) == is_wrong
