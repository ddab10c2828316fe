"""What each kind of process may do in Kafka, from the catalogue of topics: least rights, as ACLs.

Names are prefixes where a generation has topics of its own, as `talent-records-g2`.
"""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from schemas.topics import (
    AI_USAGE,
    AUDIT,
    CHAT_DELTAS,
    CHAT_EVENTS,
    CHAT_REPLIES,
    DEAD_LETTERS,
    EVENTS,
    MATCH_RESULTS,
    RESUMES,
    RESUMES_PARSED,
    TOPICS,
    Role,
    TopicSpec,
)
from streams.lag import chat_group, resume_group

Resource = Literal["topic", "group", "transactional-id", "cluster"]
Operation = Literal["Read", "Write", "Create", "Delete", "Describe", "Alter", "AlterConfigs", "DescribeConfigs"]


class Right(NamedTuple):
    """One ACL that allows something."""

    resource: Resource
    name: str
    is_prefix: bool
    operation: Operation


def rights(role: Role, group_id: str) -> list[Right]:
    """Return what a role needs, and no more. `group_id` is kafka.group_id."""
    return sorted(set(_rights(role, group_id)))


def _rights(role: Role, group_id: str) -> Iterator[Right]:
    for spec in TOPICS:
        for operation in _operations(role, spec):
            yield Right("topic", spec.name, _has_generations(spec), operation)
    if role == "worker":
        yield Right("group", group_id, True, "Read")  # each generation has a group of its own
        yield Right("transactional-id", group_id, True, "Write")
    elif role == "resumes":
        yield Right("group", resume_group(group_id), False, "Read")
    elif role == "chat":
        yield Right("group", chat_group(group_id), False, "Read")
        yield Right("transactional-id", chat_group(group_id), False, "Write")
    elif role == "api":
        yield Right("group", group_id, True, "Describe")  # how far each is
    elif role == "operator":
        for operation in ("Read", "Delete"):
            yield Right("group", group_id, True, operation)
        yield Right("transactional-id", group_id, True, "Write")
        yield Right("cluster", "kafka-cluster", False, "Create")
    elif role == "provisioner":
        yield Right("cluster", "kafka-cluster", False, "Create")


def _operations(role: Role, spec: TopicSpec) -> Iterator[Operation]:
    match role:
        case "worker":
            if spec.step is not None:
                yield "Read"
            if spec.kind in ("internal", "result"):
                yield "Write"
        case "resumes":
            if spec.name == RESUMES:
                yield "Read"
            if spec.name in (EVENTS["talent"], RESUMES_PARSED, DEAD_LETTERS):
                yield "Write"
        case "chat":
            if spec.name in (CHAT_EVENTS, MATCH_RESULTS):
                yield "Read"
            if spec.name in (CHAT_REPLIES, CHAT_DELTAS, DEAD_LETTERS):
                yield "Write"
        case "api":
            yield from ("Read", "DescribeConfigs")  # it shows what is in any topic, to those who have the scope
            if spec.kind == "source" or spec.name in (AUDIT, AI_USAGE):
                yield "Write"
        case "operator":
            yield from ("Read", "Write", "Delete", "Alter", "DescribeConfigs", "AlterConfigs")
        case "publisher":
            if spec.kind == "source":
                yield "Write"
        case "subscriber":
            if spec.kind == "result" and spec.name != DEAD_LETTERS:
                yield "Read"
        case "provisioner":
            yield from ("Describe", "DescribeConfigs", "Delete")


def _has_generations(spec: TopicSpec) -> bool:
    return spec.kind in ("internal", "result")


def commands(rights: Iterable[Right], user: str) -> Iterator[str]:
    """Yield the calls of Kafka's own tool that give rights to a user; each takes seconds, so they are few."""
    by_kind: dict[tuple[str, bool, str], list[str]] = {}
    for right in rights:
        by_kind.setdefault((right.resource, right.is_prefix, right.operation), []).append(right.name)
    for (resource, is_prefix, operation), names in by_kind.items():
        pattern = " --resource-pattern-type prefixed" if is_prefix else ""
        resources = "--cluster" if resource == "cluster" else " ".join(f"--{resource} {name}" for name in names)
        yield f"kafka-acls.sh --add --allow-principal User:{user} --operation {operation} {resources}{pattern}"
