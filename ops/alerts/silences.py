"""Maintenance windows: what is not told for a time. Alertmanager keeps them if there is one, else the data folder."""

import json
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from ops.alerts.bodies import body_of
from ops.alerts.policy import Matcher, matcher, takes
from ops.alerts.tls import connector
from schemas.envelope import timestamp
from schemas.errors import LoomaError

FILE = "silences.json"
MOST = 1000
KEPT = timedelta(days=5)
"""How long one that is over can be looked at."""
_MAX_BYTES = 1024 * 1024
_SECONDS = aiohttp.ClientTimeout(total=10)


class SilenceError(LoomaError):
    """A maintenance window cannot be noted or ended; the text says why."""

    code = "silence"


class Silence(BaseModel):
    """What is not told from one moment to another."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(max_length=100)
    matchers: list[str] = Field(min_length=1, max_length=20)
    starts: datetime
    ends: datetime
    comment: str = Field(default="", max_length=500)

    def is_on(self, now: datetime) -> bool:
        """Whether it holds at a moment."""
        return self.starts <= now < self.ends


_LIST = TypeAdapter(list[Silence])


def silenced(labels: Mapping[str, str], silences: Sequence[Silence], now: datetime) -> bool:
    """Whether an alert is not to be told now."""
    return any(each.is_on(now) and takes(map(matcher, each.matchers), labels) for each in silences)


@dataclass(frozen=True)
class InFolder:
    """Silences of `looma watch`; each change replaces the file."""

    folder: Path

    @property
    def path(self) -> Path:
        """The file, if there ever was one."""
        return self.folder / FILE

    async def all(self) -> list[Silence]:
        """Return them. Raises SilenceError for a file that somebody else has written to."""
        return self.read()

    def read(self) -> list[Silence]:
        """Return them. Raises SilenceError."""
        try:
            with self.path.open("rb") as file:
                return _LIST.validate_json(file.read(_MAX_BYTES) or b"[]")
        except FileNotFoundError:
            return []
        except ValidationError:
            raise SilenceError(f"{self.path} holds no silences: delete it") from None

    async def add(self, silence: Silence) -> str:
        """Note one; return its id. Raises SilenceError."""
        now = datetime.now(UTC)
        kept = [each for each in self.read() if each.ends + KEPT > now]
        if len(kept) >= MOST:
            raise SilenceError(f"there are {MOST} already")
        made = silence.model_copy(update={"id": secrets.token_hex(4)})
        self._write([*kept, made])
        return made.id

    async def end(self, name: str) -> None:
        """Let one end now. Raises SilenceError if there is no such."""
        found, now = self.read(), datetime.now(UTC)
        if not any(each.id == name and each.ends > now for each in found):
            raise SilenceError(f"there is no silence {name} that has not ended")
        self._write([each.model_copy(update={"ends": now}) if each.id == name else each for each in found])

    def _write(self, silences: list[Silence]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        new = self.path.with_suffix(".new")
        new.write_bytes(_LIST.dump_json(silences))
        new.replace(self.path)


@dataclass(frozen=True)
class InAlertmanager:
    """Silences of Alertmanager, by its API: https://prometheus.io/docs/alerting/latest/alerts_api/."""

    url: str
    ca_file: Path | None = None

    async def all(self) -> list[Silence]:
        """Return them. Raises SilenceError."""
        found = await self._asked("GET", "silences")
        with suppress(KeyError, TypeError, ValueError):
            return [
                Silence(
                    id=each["id"],
                    matchers=[str(_told(m)) for m in each["matchers"]],
                    starts=each["startsAt"],
                    ends=each["endsAt"],
                    comment=str(each.get("comment", ""))[:500],
                )
                for each in found[:MOST]
            ]
        raise SilenceError("Alertmanager answers something else than silences")

    async def add(self, silence: Silence) -> str:
        """Note one; return its id. Raises SilenceError."""
        matchers = [
            {"name": m.name, "value": m.value, "isRegex": "~" in m.sign, "isEqual": not m.sign.startswith("!")}
            for m in map(matcher, silence.matchers)
        ]
        body = {
            "matchers": matchers,
            "startsAt": timestamp(silence.starts),
            "endsAt": timestamp(silence.ends),
            "createdBy": "looma",
            "comment": silence.comment or "maintenance",
        }
        found = await self._asked("POST", "silences", body)
        return str(found["silenceID"])

    async def end(self, name: str) -> None:
        """Let one end now. Raises SilenceError if there is no such."""
        if not name.replace("-", "").isalnum():
            raise SilenceError(f"there is no silence {name!r}")
        await self._asked("DELETE", f"silence/{name}")

    async def _asked(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        try:
            async with (
                aiohttp.ClientSession(timeout=_SECONDS, connector=connector(self.ca_file)) as session,
                session.request(method, f"{self.url.rstrip('/')}/api/v2/{path}", json=body) as answer,
            ):
                content = await body_of(answer, _MAX_BYTES)
                if answer.status != 200:
                    raise SilenceError(f"Alertmanager answers {answer.status}")
                return json.loads(content or b"null")
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise SilenceError(f"Alertmanager: {type(error).__name__}") from None


def _told(written: Mapping[str, Any]) -> Matcher:
    sign = ("=" if written.get("isEqual", True) else "!") + ("~" if written["isRegex"] else "")
    return Matcher(written["name"], "!=" if sign == "!" else sign, written["value"])  # type: ignore[arg-type]
