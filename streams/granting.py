"""Gives users of Kafka their rights. Its own tool starts a Java machine for each call; one request does the same."""

from collections.abc import Iterable, Mapping

from aiokafka.errors import NodeNotReadyError, for_code
from aiokafka.protocol.admin import CreateAclsRequest, CreateAclsRequest_v1

from schemas.settings import KafkaSettings
from sinks.kafka import client
from streams.rights import Operation, Resource, Right

# https://kafka.apache.org/protocol, and the enums of Kafka's clients that it refers to.
_RESOURCES: Mapping[Resource, int] = {"topic": 2, "group": 3, "cluster": 4, "transactional-id": 5}
_OPERATIONS: Mapping[Operation, int] = {
    "Read": 3, "Write": 4, "Create": 5, "Delete": 6, "Alter": 7, "Describe": 8,
    "DescribeConfigs": 10, "AlterConfigs": 11,
}  # fmt: skip
_LITERAL, _PREFIXED, _ALLOW, _ANY_HOST = 3, 4, 3, "*"
Grant = tuple[int, str, int, str, str, int, int]


class _CreateAcls(CreateAclsRequest):  # type: ignore[misc]
    """Many at once; aiokafka's own has one."""

    def __init__(self, grants: Iterable[Grant]) -> None:
        self._grants = list(grants)

    def build(self, request_struct_class: type[CreateAclsRequest_v1]) -> CreateAclsRequest_v1:
        return request_struct_class(self._grants)


async def grant(kafka: KafkaSettings, rights: Mapping[str, Iterable[Right]]) -> int:
    """Give users rights, by their names; return how many. Those that they have stay, also if they are not among these.

    Raises KafkaError, as where the settings' user may not do that.
    """
    grants = [_grant(user, right) for user, theirs in rights.items() for right in theirs]
    async with client(kafka) as asked:
        node = asked.get_random_node()
        if node is None:
            raise NodeNotReadyError("no broker is known")
        answer = await asked.send(node, _CreateAcls(grants))
    for code, message in answer.creation_responses:
        if code:
            raise for_code(code)(message or "")
    return len(grants)


def _grant(user: str, right: Right) -> Grant:
    pattern = _PREFIXED if right.is_prefix else _LITERAL
    principal = f"User:{user}"
    return _RESOURCES[right.resource], right.name, pattern, principal, _ANY_HOST, _OPERATIONS[right.operation], _ALLOW
