"""Salaries as monthly ranges in CNY, so that they can be compared."""

from collections.abc import Mapping
from typing import Any

RATES_TO_CNY: dict[str, float] = {
    "CNY": 1.0, "RMB": 1.0, "USD": 7.1, "EUR": 8.2, "GBP": 9.4, "HKD": 0.91, "SGD": 5.5, "JPY": 0.047, "TWD": 0.23,
    "MOP": 0.88, "KRW": 0.005, "AUD": 4.7, "CAD": 5.1, "CHF": 8.9, "INR": 0.081, "MYR": 1.7, "THB": 0.22, "AED": 1.93,
}  # fmt: skip
"""Fixed reference rates, CNY for one unit: a score must not change with the day's rate. Change them with a release."""

PER_MONTH: dict[str, float] = {"hour": 40 * 52 / 12, "day": 21.75, "week": 52 / 12, "month": 1.0, "year": 1 / 12}
"""How often a period's pay is paid in a month of full-time work."""


def monthly_cny(salary: Mapping[str, Any] | None) -> tuple[int | None, int | None]:
    """Return (minimum, maximum) a month in CNY; (None, None) for an unknown currency.

    What is paid by the hour, day or week is taken as full-time work; of a month that is paid 14 times a year, a twelfth
    of the 14.
    """
    if not salary:
        return None, None
    rate = RATES_TO_CNY.get(salary.get("currency") or "CNY")
    if rate is None:
        return None, None
    period = salary.get("period") or "month"
    factor = rate * PER_MONTH.get(period, 1.0)
    if period == "month":
        factor *= (salary.get("months") or 12) / 12
    low, high = (None if v is None else round(v * factor) for v in (salary.get("minimum"), salary.get("maximum")))
    if low is not None and high is not None and low > high:
        low, high = high, low
    return low, high
