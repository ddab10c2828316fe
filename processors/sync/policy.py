"""Survivorship policies: which rules decide each field, read from `policy.toml` or a user's file of the same form."""

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import phonenumbers
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    model_validator,
)

from processors.reading.gaps import READING_VERSION
from schemas.entities import MODELS
from schemas.errors import LoomaError
from schemas.exits import Exit

RULES_VERSION = 1
"""Raise it when code changes what the same file decides: it is part of `Policy.version`."""

FIELDS = frozenset(name for model in MODELS.values() for name in model.model_fields)
ANY_SOURCE = "*"

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"^([1-9][0-9]{0,4})([mhd])$")


def _duration(value: Any) -> Any:
    match = _DURATION.match(value) if isinstance(value, str) else None
    if not match:
        raise ValueError('write a duration as a number with m, h or d, e.g. "36h"')
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


Duration = Annotated[
    timedelta, BeforeValidator(_duration), PlainSerializer(lambda value: value.total_seconds(), return_type=float)
]
Edits = Annotated[int, Field(ge=0, le=3)]
Rule = Literal["source_priority", "most_complete", "longest", "newest"]


def _once_each(rows: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    names = [source for row in rows for source in row]
    if len(names) != len(set(names)):
        raise ValueError("a source is named twice")
    if ANY_SOURCE not in names:
        raise ValueError('one row must hold "*", the sources that are not named')
    return rows


Priority = Annotated[tuple[tuple[str, ...], ...], AfterValidator(_once_each)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OneValue(_Strict):
    """One candidate survives: each rule in turn keeps the best of them."""

    rules: tuple[Rule, ...] = Field(min_length=1)
    compare: Literal["value", "name"] = "value"
    stale_after: Duration | None = None
    ambiguity_window: Duration | None = None

    @model_validator(mode="after")
    def _rules_fit(self) -> "OneValue":
        if self.stale_after is not None and "source_priority" not in self.rules:
            raise ValueError("stale_after limits source_priority, which is not among the rules")
        if self.rules[-1] != "newest" or len(set(self.rules)) != len(self.rules):
            raise ValueError('rules must differ and end with "newest", the only one that always decides')
        return self


class Union(_Strict):
    """Lists are united, one element per identity: the key `union` of an element, or the element by its `value`."""

    union: str


class ContactPoints(_Strict):
    """Addresses are united by their normal form."""

    contact_points: Literal["email", "phone"]
    ambiguity_edits: Edits = 0


FieldPolicy = OneValue | Union | ContactPoints
_SHAPES: Mapping[str, type[FieldPolicy]] = {"rules": OneValue, "union": Union, "contact_points": ContactPoints}


def _by_its_key(value: Any) -> Any:
    """Let errors speak of the one shape that was meant."""
    if isinstance(value, dict):
        for key, shape in _SHAPES.items():
            if key in value:
                return shape.model_validate(value)
    raise ValueError(f"write one of {', '.join(_SHAPES)}")


class Policy(_Strict):
    """How every field is decided. Equal content has an equal `version`."""

    label: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    phone_region: str
    priority: Priority
    copies: tuple[str, ...] = ()
    max_ahead: Duration = timedelta(minutes=5)
    fields: dict[str, Annotated[FieldPolicy, BeforeValidator(_by_its_key)]]

    @model_validator(mode="after")
    def _is_complete(self) -> "Policy":
        if self.phone_region not in phonenumbers.SUPPORTED_REGIONS:
            raise ValueError(f"phone_region: {self.phone_region} is no region with phone numbers, e.g. CN")
        if unknown := self.fields.keys() - FIELDS:
            raise ValueError(f"fields: no entity has {', '.join(sorted(unknown))}")
        if missing := FIELDS - self.fields.keys():
            raise ValueError(f"fields: nothing is said of {', '.join(sorted(missing))}")
        return self

    @cached_property
    def version(self) -> str:
        """The label and a hash of the content: `2026-11+0123456789ab`. Comments and layout do not count.

        How texts are read is part of it, for it decides what a record has where sources say nothing.
        """
        said = [RULES_VERSION, READING_VERSION, self.model_dump(mode="json", exclude={"label"})]
        content = json.dumps(said, sort_keys=True, default=sorted)
        return f"{self.label}+{hashlib.sha256(content.encode()).hexdigest()[:12]}"

    @cached_property
    def _ranks(self) -> dict[str, int]:
        return {source: rank for rank, row in enumerate(self.priority) for source in row}

    def rank(self, source: str) -> int:
        """Return how far `source` is from the most trusted: 0 is best."""
        return self._ranks.get(source, self._ranks[ANY_SOURCE])


class PolicyError(LoomaError, ValueError):
    """A policy file that cannot be used; the text has one line for each problem."""

    code = "policy"
    exit_status = Exit.USAGE


def parse_policy(text: str) -> Policy:
    """Read a policy from TOML. Raises PolicyError, which names every field and what is wrong with it."""
    try:
        return Policy.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"not TOML: {error}") from None
    except ValidationError as error:
        raise PolicyError("\n".join(_line(dict(problem)) for problem in error.errors())) from None


def _line(problem: dict[str, Any]) -> str:
    where = ".".join(str(part) for part in problem["loc"])
    text = problem["msg"].removeprefix("Value error, ")
    return f"{where}: {text}" if where else text


def load_policy(path: Path | None = None) -> Policy:
    """Read a policy file; without one, DEFAULT. Raises PolicyError, also if the file is not there or not text."""
    if path is None:
        return DEFAULT
    try:
        return parse_policy(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path.name}: {error.strerror if isinstance(error, OSError) else 'not UTF-8'}") from None


DEFAULT = load_policy(Path(__file__).with_name("policy.toml"))
