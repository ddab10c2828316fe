"""What is wrong with data, in words that are ours: fields and rules, never a value or a name that a stranger chose."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel, ValidationError

from schemas.errors import BadMessageError

_SHOWN = 5
_LONGEST_NAME = 64
_UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")
"""The rules that an unknown field breaks, of a model and of a dataclass."""
_ALLOWED = {
    "less_than_equal": ("is at most {le:.12g}", "不能大于 {le:.12g}"),
    "greater_than_equal": ("is at least {ge:.12g}", "不能小于 {ge:.12g}"),
    "string_too_long": ("has at most {max_length} characters", "最多 {max_length} 个字符"),
    "string_too_short": ("has at least {min_length} characters", "至少 {min_length} 个字符"),
    "string_pattern_mismatch": ("is of the form {pattern}", "格式应为 {pattern}"),
    "too_long": ("has at most {max_length} values", "最多 {max_length} 项"),
}
_QUOTED = re.compile("'([^']*)'")


class Fault(NamedTuple):
    """One thing that a schema does not allow: the place, the rule that pydantic names, and what is allowed instead."""

    path: str
    rule: str
    en: str
    zh: str

    @property
    def text(self) -> str:
        """Place and rule in one."""
        colon = "" if self.rule in _ALLOWED or self.rule == "literal_error" else ":"
        return f"{self.path or 'data'}{colon} {self.en}"


def refusal(model: type[BaseModel], error: ValidationError) -> BadMessageError:
    """Return why data is no `model`: `invalid_json`, or `invalid_data` with the places and the rules."""
    if error.errors(include_url=False, include_input=False)[0]["type"] == "json_invalid":
        return BadMessageError("invalid_json", "the value is not JSON in UTF-8")
    found = faults(model, error)
    told = [fault.text for fault in found[:_SHOWN]]
    if len(found) > _SHOWN:
        told.append(f"and {len(found) - _SHOWN} more")
    return BadMessageError("invalid_data", "; ".join(told))


def faults(model: type[BaseModel], error: ValidationError) -> list[Fault]:
    """Return what is wrong with data that is no `model`."""
    problems = error.errors(include_url=False, include_input=False)
    return [_fault(model, problem["loc"], problem["type"], problem.get("ctx", {})) for problem in problems]


def _fault(model: type[BaseModel], place: tuple[int | str, ...], rule: str, limits: Mapping[str, Any]) -> Fault:
    """Return one problem, and what is allowed if that is short.

    Of an unknown field, whose name may be personal data, it tells the known name that is nearest.
    """
    known = names(model)
    en, zh = rule, f"不符合规则 {rule}"
    if rule in _UNKNOWN:
        *place_of_it, key = place
        near = get_close_matches(str(key)[:_LONGEST_NAME].lower(), sorted(known), 1)
        place, rule = tuple(place_of_it), "unknown_field"
        en = f"unknown field{f', perhaps {near[0]}' if near else ''}"
        zh = f"有未知字段{f'，是否应为 {near[0]}' if near else ''}"
    elif rule == "literal_error":
        allowed = ", ".join(_QUOTED.findall(limits["expected"]))
        en, zh = f"is one of {allowed}", f"只能是 {allowed}"
    elif rule in _ALLOWED:
        en, zh = (text.format(**limits) for text in _ALLOWED[rule])
    return Fault(".".join(str(part) for part in place if isinstance(part, int) or part in known), rule, en, zh)


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
