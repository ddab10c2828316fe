"""Phone numbers in E.164 and email addresses in one spelling."""

import re
from functools import lru_cache

import phonenumbers

from processors.resolution.text import fold

HOME_REGION = "CN"
"""Numbers without a country code are Chinese."""

_DOTS_IGNORED = frozenset(("gmail.com", "googlemail.com"))


@lru_cache(maxsize=50_000)
def phone(text: str) -> str | None:
    """Return the number in E.164, or None if it can be none. Masked numbers (138****1234) are none."""
    if "*" in text or "＊" in text:
        return None
    try:
        number = phonenumbers.parse(text, HOME_REGION)
    except phonenumbers.NumberParseException:
        return None
    digits = str(number.national_number)
    if len(set(digits)) < 3 or not phonenumbers.is_possible_number(number):  # 11111111111 is a placeholder
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def email(text: str) -> str | None:
    """Return the address in lower case, without plus tag and the dots that Gmail ignores; None if it is none."""
    local, at, domain = re.sub(r"\s", "", fold(text)).rpartition("@")
    local = local.split("+")[0]
    if not at or not local or "." not in domain:
        return None
    if domain in _DOTS_IGNORED:
        local = local.replace(".", "")
    return f"{local}@{domain}"
