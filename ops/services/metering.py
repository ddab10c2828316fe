"""What a caller may use: reserved before a call, settled after it, so that calls at once cannot pass a limit together.

Requests, tokens and cost have limits of their own, each exact over all processes of this machine. A process that dies
gives nothing back: what it had reserved comes back with time.
"""

from typing import NamedTuple

from ops.services.errors import AiError
from processors.gateway.limits import Decision, Limit, headers
from schemas.completions import Spending
from schemas.settings import GatewaySettings
from sinks.limit_cells import LimitCells

DAY_SECONDS = 86_400
MILLION = 1_000_000
"""Parts that cost is counted in."""


class Client(NamedTuple):
    """Whose limits count. `tokens_per_minute` are its own, where it has some; None: those of the settings."""

    account: str
    tokens_per_minute: int | None = None


class Reservation:
    """What one call may use. It is settled once, whatever becomes of the call."""

    def __init__(self, cells: LimitCells, caller: str, taken: list[tuple[Limit, int]], told: dict[str, str]) -> None:
        self._cells, self._caller, self._taken = cells, caller, taken
        self.headers = told
        """What the caller is told of her limits."""

    def settle(self, spending: Spending) -> None:
        """Count what was used in place of what was reserved."""
        used = {"ai-tokens": spending.tokens, "ai-day-tokens": spending.tokens, "ai-day-cost": _parts(spending.cost)}
        taken, self._taken = self._taken, []
        for limit, reserved in taken:
            self._cells.settle(self._caller, limit, reserved, used.get(limit.name, reserved))


class Meter:
    """The limits of each caller."""

    def __init__(self, cells: LimitCells, settings: GatewaySettings) -> None:
        self._cells = cells
        self._requests = _limit("ai-requests", settings.requests_per_minute, 60)
        self._minute = _limit("ai-tokens", settings.tokens_per_minute, 60)
        self._day = _limit("ai-day-tokens", settings.day_tokens, DAY_SECONDS)
        self._cost = _limit("ai-day-cost", _parts(settings.day_cost), DAY_SECONDS)

    def reserve(self, client: Client, tokens: int, cost: float = 0.0) -> Reservation:
        """Take what a call may use, at most, all or nothing. Raises AiError: 429, or 413 if it never can be."""
        caller, own = client.account, client.tokens_per_minute
        wanted = [(limit, 1) for limit in self._requests]
        minute = self._minute if own is None else _limit("ai-tokens", own, 60)
        wanted += [(limit, tokens) for limit in (*minute, *self._day)]
        wanted += [(limit, _parts(cost)) for limit in self._cost]
        taken: list[tuple[Limit, int]] = []
        decisions: list[Decision] = []
        for limit, units in wanted:
            decision = self._cells.take(caller, limit, units)
            decisions.append(decision)
            if not decision.allowed:
                for before, reserved in taken:
                    self._cells.refund(caller, before, reserved)
                raise _refused(limit, decision, decisions)
            taken.append((limit, units))
        return Reservation(self._cells, caller, taken, headers(decisions))


def _limit(name: str, amount: int, seconds: int) -> list[Limit]:
    return [Limit(name, amount, seconds)] if amount else []


def _parts(cost: float) -> int:
    return round(cost * MILLION)


def _refused(limit: Limit, decision: Decision, decisions: list[Decision]) -> AiError:
    if decision.retry_seconds is None:
        return AiError(413, "too_many_tokens", f"the call may use more than {limit.name} ever lets pass at once")
    code = "budget_spent" if limit.seconds == DAY_SECONDS else "rate_limited"
    return AiError(429, code, f"the limit {limit.name} is reached; repeat the call later", headers(decisions))
