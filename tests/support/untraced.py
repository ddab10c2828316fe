"""Coverage counts every line that runs, which costs more than the line; what only runs the same lines again goes uncounted."""

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

COUNTED = 8
"""The examples of a property whose lines are counted."""


@contextmanager
def untraced() -> Iterator[None]:
    """Let nobody count the lines of the block."""
    tracing = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracing)


def first_examples_traced(test: Callable[..., Any]) -> Callable[..., Any]:
    """Return a property whose later examples are not counted."""
    if inspect.iscoroutinefunction(test):
        return test
    examples = 0

    @wraps(test)
    def example(*arguments: Any, **named: Any) -> Any:
        nonlocal examples
        examples += 1
        if examples <= COUNTED:
            return test(*arguments, **named)
        with untraced():
            return test(*arguments, **named)

    return example
