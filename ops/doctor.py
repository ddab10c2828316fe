"""`looma doctor`: what is wrong with an installation, or soon will be, and what to do about it."""

import asyncio
import stat
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import psutil
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from ops.runtime.secret_references import identity_file, texts
from ops.runtime.settings import settings_file, values_in_file
from schemas.settings import REFERENCES, KafkaSettings, RetentionSettings, Settings
from schemas.topics import TOPICS
from sinks import kafka, mongodb, qdrant
from sinks.indexes import check_indexes
from sinks.migrations.runner import require_current
from sinks.sealing import ring
from streams.generations.database import all_databases
from streams.sealed import lacking, said

State = Literal["fine", "warning", "wrong"]
FULL, NEARLY_FULL = 0.95, 0.85
SKEW_SECONDS, MUCH_SKEW_SECONDS = 1.0, 60.0
"""Kafka's and MongoDB's sessions, and tokens' times, bear a second; events of a minute ahead are dead letters."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_REFUSED = (29, 30, 31)  # Kafka's codes: not authorized for a topic, a group, the cluster
_NEEDED = ("find", "insert", "update", "remove", "createIndex")
"""Actions of MongoDB that workers and `looma indexes apply` do."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `do` is empty where nothing need be done."""

    check: str
    state: State
    said: str
    do: str = ""


async def examine(settings: Settings, explain: Callable[[Exception], str | None]) -> list[Finding]:
    """Return what all checks found, those about servers side by side; nothing is written.

    `explain` says in a line what an error means; what it cannot explain is raised.
    """
    checks: Mapping[str, Callable[[Settings], Awaitable[list[Finding]]]] = {
        "kafka": _kafka,
        "mongodb": _mongodb,
        "qdrant": _qdrant,
    }

    async def found(name: str) -> list[Finding]:
        try:
            return await checks[name](settings)
        except Exception as error:
            if said := explain(error):
                return [Finding(name, "wrong", said, f"look at the server, and at [{name}] in `looma config`")]
            raise

    of_servers = await asyncio.gather(*map(found, checks))
    return [*_here(settings), *(each for found_there in of_servers for each in found_there)]


def _here(settings: Settings) -> Iterator[Finding]:
    yield from disk(settings.data_dir)
    yield from modes(settings)


def disk(folder: Path) -> Iterator[Finding]:
    """Say how full the disk of the data folder is."""
    place = next(path for path in (folder, *folder.parents) if path.exists())
    used = psutil.disk_usage(str(place)).percent / 100
    said = f"{used:.0%} of the disk of {folder} is used"
    if used >= NEARLY_FULL:
        yield Finding(
            "disk", "wrong" if used >= FULL else "warning", said, "free space: servers refuse writes on a full disk"
        )
    else:
        yield Finding("disk", "fine", said)


def modes(settings: Settings) -> Iterator[Finding]:
    """Say which files with secrets others on this machine can read."""
    open_to_others = [path for path in _secret_files(settings) if _mode(path) & _OTHERS]
    if not open_to_others:
        yield Finding("files", "fine", "no file with a secret can be read by others")
    for path in open_to_others:
        said = f"{path} can be read by others ({_mode(path):o})"
        yield Finding("files", "warning", said, f"chmod {'700' if path.is_dir() else '600'} {path}")


def _secret_files(settings: Settings) -> Iterator[Path]:
    named = (
        settings.kafka.key_file or settings.kafka.certificate_file,
        settings.api.key_file,
        settings.alerts.key_file,
        identity_file(),
    )
    file = settings_file()
    of_settings = [file] if file.exists() and holds_secret(values_in_file()) else []
    for path in (settings.data_dir, *of_settings, *filter(None, named)):
        if path.exists():
            yield path


def holds_secret(values: dict[str, Any]) -> bool:
    """Whether values of settings, as they stand in a file, hold a secret: the types of the settings say which are."""
    return any(_is_secret(text.value, text.is_secret) for text in texts(values))


def _is_secret(value: str, is_typed: bool) -> bool:
    """Whether a text is one: that of a secret's type, and any address that says who asks, with her password."""
    if value.startswith(REFERENCES):
        return False
    if is_typed and not value.startswith("mongodb"):
        return bool(value)
    return "://" in value and "@" in value


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def _kafka(settings: Settings) -> list[Finding]:
    async with kafka.admin(settings.kafka) as asked:
        there = set(await asked.list_topics())
        ours = [spec.name for spec in TOPICS if spec.name in there]
        answers = await asked.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in ours])
        described = await asked.describe_topics(ours) if ours else []
        group = settings.kafka.group_id
        groups = [each for told in await asked.describe_consumer_groups([group]) for each in told.groups]
    refused = [r[3] for answer in answers for r in answer.resources if r[0] in _REFUSED]
    refused += [group] if any(each[0] in _REFUSED for each in groups) else []
    configs = {r[3]: {entry[0]: entry[1] for entry in r[4]} for answer in answers for r in answer.resources}
    copies = {t["topic"]: min((len(p["replicas"]) for p in t["partitions"]), default=0) for t in described}
    found = [Finding("kafka", "fine", f"answers, with {len(ours)} of {len(TOPICS)} topics")]
    if refused:
        found.append(
            Finding("rights", "wrong", f"Kafka refuses {', '.join(refused)}", "looma topics acl, and grant them")
        )
    sealing = sealing_of(settings.kafka, await lacking(settings.kafka))
    return [*found, *topics(there, configs, copies, settings.kafka.replication_factor, settings.retention), sealing]


def sealing_of(kafka: KafkaSettings, lacks: Mapping[str, frozenset[str]]) -> Finding:
    """Say whether the keys here open what topics hold, which keys those are, and what is sealed."""
    if lacks:
        do = "put the keys into kafka.encryption_keys before workers start: they stop at such a message"
        return Finding("sealing", "wrong", said(lacks), do)
    names, topics = ring(kafka).names, ", ".join(kafka.sealed_topics)
    if names:
        return Finding("sealing", "fine", f"{names[0]} seals {topics or 'nothing'}; open: {', '.join(names)}")
    if topics and "sealed_topics" in kafka.model_fields_set:
        return Finding("sealing", "warning", f"{topics}: there is no key to seal them", "set kafka.encryption_keys")
    return Finding("sealing", "fine", "no topic is sealed")


def topics(
    there: Collection[str],
    configs: Mapping[str, Mapping[str, str]],
    copies: Mapping[str, int],
    wanted_copies: int,
    retention: RetentionSettings,
) -> Iterator[Finding]:
    """Say which topics are missing or otherwise than declared."""
    if missing := [spec.name for spec in TOPICS if spec.name not in there]:
        yield Finding("topics", "wrong", f"missing: {', '.join(missing)}", "looma topics apply")
    for spec in TOPICS:
        for name, value in spec.config(retention).items() if spec.name in configs else ():
            if (has := configs[spec.name].get(name)) is not None and has != value:
                where = f"--entity-type topics --entity-name {spec.name}"
                change = f"kafka-configs.sh --alter {where} --add-config {name}={value}"
                if name == "retention.ms":
                    change = "looma topics apply --retention, or set `retention` to what the topic has"
                yield Finding("topics", "warning", f"{spec.name} has {name}={has}, declared is {value}", change)
    if few := sorted(name for name, count in copies.items() if count < wanted_copies):
        said = f"fewer than {wanted_copies} copies: {', '.join(few)}"
        yield Finding("topics", "warning", said, "kafka-reassign-partitions.sh, or kafka.replication_factor as it is")


async def _mongodb(settings: Settings) -> list[Finding]:
    client, base = mongodb.connect(settings.mongodb)
    try:
        before = datetime.now(UTC)
        told = (await client.admin.command("hello")).get("localTime")
        after = datetime.now(UTC)
        there = told.replace(tzinfo=UTC) if isinstance(told, datetime) else None  # commands tell it without a zone
        found = [Finding("mongodb", "fine", "answers"), clock(before, there, after)]
        found += await _mongodb_rights(client, base.name)
        names = await client.list_database_names()
        if base.name in names:
            await require_current(base)
            for database in await all_databases(base):
                for each in await check_indexes(database, settings.retention, base=database is base):
                    if each.is_wrong:
                        said = f"{each.database}.{each.collection}.{each.index} is {each.problem}: {each.detail}"
                        found.append(Finding("indexes", "wrong", said, "looma indexes apply; see looma indexes check"))
        else:
            found.append(Finding("mongodb", "warning", f"there is no database {base.name} yet", "looma indexes apply"))
        return found
    finally:
        await client.close()


async def _mongodb_rights(client: AsyncMongoClient[Any], database: str) -> list[Finding]:
    try:
        told = await client.admin.command({"connectionStatus": 1, "showPrivileges": True})
    except OperationFailure:  # a server that only speaks its protocol may not know that
        return []
    return list(rights(told.get("authInfo", {}), database))


def rights(told: Mapping[str, Any], database: str) -> Iterator[Finding]:
    """Say which rights a login lacks in a database, by what MongoDB's `connectionStatus` tells of it."""
    if not told.get("authenticatedUsers") or not told.get("authenticatedUserPrivileges"):
        return  # without logins everybody may do everything; a server that only speaks the protocol tells none
    granted: set[str] = set()
    for each in told["authenticatedUserPrivileges"]:
        on = each.get("resource", {})
        if on.get("anyResource") or (on.get("db") in ("", database) and not on.get("collection")):
            granted.update(each.get("actions", ()))
    if lacking := [action for action in _NEEDED if action not in granted and "anyAction" not in granted]:
        said = f"the login may not {', '.join(lacking)} in {database}"
        yield Finding("rights", "wrong", said, f"grant it readWrite in {database}")


def clock(before: datetime, there: datetime | None, after: datetime) -> Finding:
    """Say by how much a server's clock differs from this machine's, beyond what the answer took."""
    if there is None:
        return Finding("clock", "fine", "the server does not tell its time")
    middle = before + (after - before) / 2
    skew = abs((there - middle).total_seconds()) - (after - before).total_seconds() / 2
    if skew < SKEW_SECONDS:
        return Finding("clock", "fine", "MongoDB's clock and this machine's agree")
    state: State = "wrong" if skew >= MUCH_SKEW_SECONDS else "warning"
    return Finding("clock", state, f"MongoDB's clock and this machine's differ by {skew:.0f} s", "run NTP on both")


async def _qdrant(settings: Settings) -> list[Finding]:
    client = qdrant.connect(settings.qdrant)
    try:
        count = len((await client.get_collections()).collections)
    finally:
        await client.close()
    return [Finding("qdrant", "fine", f"answers, with {count} collections")]
