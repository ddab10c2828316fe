"""The catalogue of scopes: what a key or a token may allow, each said once, for people and for programs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.base import EntityId, Language, Model, ShortText

PER_SOURCE = "events:write"
"""May be narrowed to one source, as `events:write:crm`."""


@dataclass(frozen=True, slots=True)
class ScopeSpec:
    """A scope and what it allows. `for_candidates`: also to a caller who is a candidate, who sees only herself."""

    name: str
    texts: Mapping[Language, str]
    for_candidates: bool = False


def _scope(name: str, zh: str, en: str, *, for_candidates: bool = False) -> ScopeSpec:
    return ScopeSpec(name, {"zh": zh, "en": en}, for_candidates)


CATALOGUE: tuple[ScopeSpec, ...] = (
    _scope("talents:read", "读取人才记录及其黄金记录", "read talents and their golden records", for_candidates=True),
    _scope("jobs:read", "读取职位", "read jobs", for_candidates=True),
    _scope("companies:read", "读取公司及其黄金记录", "read companies and their golden records", for_candidates=True),
    _scope("matches:read", "读取匹配结果、理由与历史", "read matches, reasons and history", for_candidates=True),
    _scope("search", "搜索人才与职位", "search talents and jobs", for_candidates=True),
    _scope("pii:read", "查看姓名、联系方式和简历原文，否则遮盖", "see names, contacts and resumes, else masked"),
    _scope("events:write", "以所绑定的来源写入事件", "write events of the sources that the caller is bound to"),
    _scope("feedback:write", "写入匹配反馈", "write what became of matches"),
    _scope("conflicts:read", "查看待裁决的冲突", "list conflicts that wait for a decision"),
    _scope("conflicts:decide", "裁决冲突", "decide conflicts"),
    _scope("identity:decide", "合并或拆分黄金记录", "merge and split golden records"),
    _scope("dlq:read", "查看死信", "list and show dead letters"),
    _scope("dlq:redrive", "重新投递或丢弃死信", "redrive and discard dead letters"),
    _scope("forget", "永久删除某人的全部数据", "erase a person for good"),
    _scope("traces:read", "查看链路追踪", "read traces"),
    _scope("audit:read", "查看审计日志", "read the audit log"),
    _scope("status:read", "查看主题、积压、同步与模型状态", "read topics, lag, syncs and models"),
    _scope("operate", "回放、切换代、上线或撤回模型", "replay, switch generations, promote and roll back models"),
    _scope("subscriptions", "订阅变更（SSE 与 webhook）", "subscribe to changes, by SSE and webhooks"),
    _scope("ai:chat", "对话与 AI 回答", "chat and have AI answer", for_candidates=True),
    _scope("ai:use", "其余 AI 服务：简历、技能、向量、建议", "use the other AI services", for_candidates=True),
    _scope("usage:read", "查看用量与费用", "read usage and costs"),
)
SCOPES: Mapping[str, ScopeSpec] = {spec.name: spec for spec in CATALOGUE}


def is_scope(text: str) -> bool:
    """Whether a text names a scope of the catalogue, one of a single source included."""
    return text in SCOPES or source_of(text) is not None


def source_of(scope: str) -> str | None:
    """Return the source that a scope is narrowed to; None if to none."""
    name, _, source = scope.partition(f"{PER_SOURCE}:")
    return source if not name and source else None


def unknown(scopes: Iterable[str]) -> list[str]:
    """Return those that are no scopes."""
    return [scope for scope in scopes if not is_scope(scope)]


def is_for_candidates(scope: str) -> bool:
    """Whether a caller who is a candidate may have a scope."""
    return scope in SCOPES and SCOPES[scope].for_candidates


class ApiKey(Model):
    """What a key allows, and to whom; the key itself is known to nobody but its holder.

    A candidate's key sees only the talent that it names. `requests_per_minute` and `tokens_per_minute` are exact over
    all processes of a machine; None sets no limit.
    """

    id: str = Field(pattern=r"^k[0-9a-f]{12}$")
    name: ShortText
    scopes: frozenset[str] = frozenset()
    sources: frozenset[str] = Field(default=frozenset(), description="of the events that it may write; `*` is any")
    candidate: EntityId | None = None
    recruiter: EntityId | None = None
    requests_per_minute: int | None = Field(default=600, ge=1, le=1_000_000)
    tokens_per_minute: int | None = Field(default=None, ge=1, le=1_000_000_000)
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if wrong := unknown(self.scopes):
            raise ValueError(f"no scope is called {wrong[0]}; docs/reference/scopes.md has all")
        if self.candidate and self.recruiter:
            raise ValueError("a key is bound to a candidate or to a recruiter, not to both")
        if self.candidate and (wrong := [s for s in sorted(self.scopes) if not is_for_candidates(s)]):
            raise ValueError(f"{wrong[0]} is not for candidates")
        return self

    def state(self, now: datetime) -> Literal["active", "expired", "revoked"]:
        """Return whether it opens anything."""
        if self.revoked:
            return "revoked"
        return "expired" if self.expires and self.expires <= now else "active"
