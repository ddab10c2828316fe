"""What may be shown of a text: no credentials of URLs, no characters that a terminal obeys."""

import re
from pathlib import Path
from typing import Any, Final

MASK: Final = "**********"

# C0 and C1 controls, line and paragraph separators, marks and overrides of direction, invisible operators, surrogates,
# and the tags that write ASCII unseen.
_OBEYED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_CALLED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}

# Up to the last @ of the word: a password may hold characters that should have been escaped.
_USERINFO = re.compile(r"(\b[a-zA-Z][a-zA-Z0-9+.-]*://)\S*@")
_NAMES = "key|token|secret|passw(?:or)?d|pwd|pass|credentials?|signature|sig|session|auth|jwt|code|properties"
_PARAMETER = re.compile(rf"([?&;#][\w.%-]*(?:{_NAMES})=)[^&;#\s]+", re.IGNORECASE)


def escaped(text: str, keep: str = "") -> str:
    """Return the text with what a terminal obeys written as escapes, but for the characters in `keep`."""
    return _OBEYED.sub(lambda found: found[0] if found[0] in keep else _escape(found[0]), text)


def json_escaped(line: str) -> str:
    """Return JSON text with what a terminal obeys as JSON's own escapes; its value stays the same."""
    return _OBEYED.sub(lambda found: "".join(f"\\u{unit:04x}" for unit in _utf16(found[0])), line)


def masked(text: str) -> str:
    """Return the text with the credentials of every URL in it masked: before the host, and in its query."""
    if "://" not in text:
        return text
    return _PARAMETER.sub(rf"\g<1>{MASK}", _USERINFO.sub(rf"\g<1>{MASK}@", text))


def shown_setting(name: str, value: Any) -> Any:
    """Return a setting's value as it may be shown: of a URL the host, without who asks and what she asks with."""
    from pydantic import BaseModel, SecretStr

    if isinstance(value, SecretStr):
        return _host(masked(value.get_secret_value())) if name.endswith("url") else str(value)
    if isinstance(value, list):
        return [shown_setting(name, each) for each in value]
    if isinstance(value, BaseModel):
        return {inner: shown_setting(inner, each) for inner, each in value}
    return masked(str(value)) if isinstance(value, str | Path) else value


def _host(url: str) -> str:
    """Return a secret URL as it may be shown: who knows the path of a robot or webhook may write to it."""
    return re.sub(r"(?s)^(https?://[^/?#]+)[/?#].*", rf"\1/{MASK}", url)


def _escape(character: str) -> str:
    code = ord(character)
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return _CALLED.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def _utf16(character: str) -> list[int]:
    data = character.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2)]
