"""What people are told of alerts, and how each kind of receiver wants to hear it; pure functions of alerts."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from schemas.envelope import timestamp

Json = dict[str, Any]
MAX_TEXT_BYTES = 3_800
"""WeCom takes 4,096 bytes; others take more."""
_NOTHING_ENDS = "0001-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Told:
    """One alert as people are told of it."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    since: datetime
    is_over: bool = False

    @property
    def severity(self) -> str:
        """How bad it is."""
        return self.labels.get("severity", "warning")

    @property
    def line(self) -> str:
        """The alert in one line."""
        state = "over" if self.is_over else self.severity
        name = self.labels.get("alertname", "alert")
        return f"[{state}] {name}: {self.annotations.get('summary', '')}".rstrip(": ")


def title(alerts: Sequence[Told]) -> str:
    """Return a line for a whole notice."""
    firing = [alert for alert in alerts if not alert.is_over]
    if len(alerts) == 1:
        return "Looma " + alerts[0].line
    return f"Looma: {len(firing)} firing, {len(alerts) - len(firing)} over"


def text(alerts: Sequence[Told]) -> str:
    """Return all that a person should read, the worst first, cut at a whole alert if it is too long."""
    parts: list[str] = []
    order = sorted(alerts, key=lambda a: (a.is_over, a.severity != "critical", a.line))
    for number, alert in enumerate(order):
        lines = [alert.line]
        if not alert.is_over:
            lines += [
                f"{key}: {alert.annotations[key]}" for key in ("description", "runbook") if key in alert.annotations
            ]
        part = "\n".join(lines)
        if sum(len(each.encode()) + 2 for each in parts) + len(part.encode()) > MAX_TEXT_BYTES:
            parts.append(f"and {len(order) - number} more")
            break
        parts.append(part)
    return "\n\n".join(parts)


def webhook(alerts: Sequence[Told]) -> Json:
    """Return the body that Alertmanager's webhooks have (version 4), for whoever takes those."""
    return {
        "version": "4",
        "groupKey": "looma",
        "truncatedAlerts": 0,
        "status": "resolved" if all(alert.is_over for alert in alerts) else "firing",
        "receiver": "looma",
        "groupLabels": {},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "",
        "alerts": [
            {
                "status": "resolved" if alert.is_over else "firing",
                "labels": dict(alert.labels),
                "annotations": dict(alert.annotations),
                "startsAt": timestamp(alert.since),
                "endsAt": timestamp(datetime.now(UTC)) if alert.is_over else _NOTHING_ENDS,
                "generatorURL": "",
                "fingerprint": fingerprint(alert.labels),
            }
            for alert in alerts
        ],
    }


def fingerprint(labels: Mapping[str, str]) -> str:
    """Return what tells an alert from others."""
    return hashlib.sha256(repr(sorted(labels.items())).encode()).hexdigest()[:16]


def slack(alerts: Sequence[Told]) -> Json:
    """Return a message for an incoming webhook; `&`, `<` and `>` are Slack's own.

    https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/
    """
    body = text(alerts).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {"text": body}


def dingtalk(alerts: Sequence[Told]) -> Json:
    """Return a message of a robot in a group: https://open.dingtalk.com/document/robots/custom-robot-access."""
    return {"msgtype": "text", "text": {"content": f"{title(alerts)}\n\n{text(alerts)}"}}


def feishu(alerts: Sequence[Told]) -> Json:
    """Return a message of a robot in a group: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot."""
    return {"msg_type": "text", "content": {"text": f"{title(alerts)}\n\n{text(alerts)}"}}


def wecom(alerts: Sequence[Told]) -> Json:
    """Return a message of a robot in a group: https://developer.work.weixin.qq.com/document/path/91770."""
    return {"msgtype": "text", "text": {"content": text(alerts)}}


BODIES: Mapping[str, Callable[[Sequence[Told]], Json]] = {
    "webhook": webhook,
    "slack": slack,
    "dingtalk": dingtalk,
    "feishu": feishu,
    "wecom": wecom,
}


def dingtalk_url(url: str, secret: str, milliseconds: int) -> str:
    """Return the address with its signature: an HMAC of the time and the secret, keyed with the secret."""
    signed = _hmac(secret, f"{milliseconds}\n{secret}")
    return f"{url}{'&' if '?' in url else '?'}timestamp={milliseconds}&sign={quote(signed, safe='')}"


def feishu_signature(secret: str, seconds: int) -> Json:
    """Return the fields of a signed message: an HMAC of nothing, keyed with the time and the secret."""
    return {"timestamp": str(seconds), "sign": _hmac(f"{seconds}\n{secret}", "")}


def _hmac(key: str, message: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()).decode()


def refusal(kind: str, answer: object) -> str | None:
    """Return why a receiver did not take a message that it answered with 200; None if it did."""
    if kind not in ("dingtalk", "feishu", "wecom"):
        return None
    names = ("errcode",) if kind != "feishu" else ("code", "StatusCode")
    told = answer if isinstance(answer, dict) else {}
    code = next((told[name] for name in names if name in told), None)
    if code == 0:
        return None
    return f"code {code}: {told.get('errmsg') or told.get('msg') or 'no reason'}"[:200]
