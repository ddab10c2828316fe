"""What is wrong with data, in words that are ours: fields and rules, never a value or a name that a stranger chose."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from schemas.errors import BadMessageError

_SHOWN = 5
_LONGEST_NAME = 64
_UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")
"""The rules that an unknown field breaks, of a model and of a dataclass."""
_ALLOWED = {
    "less_than_equal": "is at most {le:.12g}",
    "greater_than_equal": "is at least {ge:.12g}",
    "string_too_long": "has at most {max_length} characters",
    "string_too_short": "has at least {min_length} characters",
    "string_pattern_mismatch": "is of the form {pattern}",
    "too_long": "has at most {max_length} values",
}
_QUOTED = re.compile("'([^']*)'")


def refusal(model: type[BaseModel], error: ValidationError) -> BadMessageError:
    """Return why data is no `model`: `invalid_json`, or `invalid_data` with the places and the rules."""
    problems = error.errors(include_url=False, include_input=False)
    if problems[0]["type"] == "json_invalid":
        return BadMessageError("invalid_json", "the value is not JSON in UTF-8")
    told = [_told(model, problem["loc"], problem["type"], problem.get("ctx", {})) for problem in problems[:_SHOWN]]
    if len(problems) > _SHOWN:
        told.append(f"and {len(problems) - _SHOWN} more")
    return BadMessageError("invalid_data", "; ".join(told))


def _told(model: type[BaseModel], place: tuple[int | str, ...], rule: str, limits: Mapping[str, Any]) -> str:
    """Return one problem, and what is allowed if that is short.

    Of an unknown field, whose name may be personal data, it tells the known name that is nearest.
    """
    known = names(model)
    if rule in _UNKNOWN:
        *place_of_it, key = place
        near = get_close_matches(str(key)[:_LONGEST_NAME].lower(), sorted(known), 1)
        place, rule = tuple(place_of_it), f"unknown field{f', perhaps {near[0]}' if near else ''}"
    where = ".".join(str(part) for part in place if isinstance(part, int) or part in known)
    if rule == "literal_error":
        return f"{where or 'data'} is one of {', '.join(_QUOTED.findall(limits['expected']))}"
    if rule in _ALLOWED:
        return f"{where or 'data'} {_ALLOWED[rule].format(**limits)}"
    return f"{where or 'data'}: {rule}"


@cache
def names(model: type[BaseModel]) -> frozenset[str]:
    """Return the names of a model's fields and of those of the models and dataclasses within it."""
    return frozenset(_names(model, set()))


def _names(annotation: Any, seen: set[Any]) -> Iterator[str]:
    if fields := getattr(annotation, "__pydantic_fields__", None):
        if annotation not in seen:
            seen.add(annotation)
            for name, field in fields.items():
                yield name
                yield from _names(field.annotation, seen)
    else:
        for part in get_args(annotation):
            yield from _names(part, seen)
