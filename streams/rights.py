"""What each kind of process may do in Kafka, from the catalogue of topics: least rights, as ACLs.

Names are prefixes where a generation has topics of its own, as `talent-records-g2`.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from schemas.topics import DEAD_LETTERS, EVENTS, RESUMES, RESUMES_PARSED, TOPICS, Role, TopicSpec
from streams.lag import resume_group

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


def command(right: Right, user: str) -> str:
    """Return the call of Kafka's own tool that gives a right to a user."""
    pattern = " --resource-pattern-type prefixed" if right.is_prefix else ""
    resource = "--cluster" if right.resource == "cluster" else f"--{right.resource} {right.name}"
    return f"kafka-acls.sh --add --allow-principal User:{user} --operation {right.operation} {resource}{pattern}"
