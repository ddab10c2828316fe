"""What the source says of its own names."""

import ast
import inspect
from textwrap import dedent
from types import ModuleType


def documented(owner: type | ModuleType) -> dict[str, str]:
    """Return the text below each name that is assigned in a class or a module, in their order."""
    tree: ast.AST = ast.parse(dedent(inspect.getsource(owner)))
    body = tree.body[0].body if isinstance(owner, type) else tree.body  # type: ignore[attr-defined]
    found: dict[str, str] = {}
    for node, below in zip(body, [*body[1:], None], strict=True):
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            found[target.id] = inspect.cleandoc(str(below.value.value)).replace("\n", " ")
    return found
