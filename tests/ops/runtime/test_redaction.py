"""No credentials, and nothing that a terminal obeys, in what is shown."""

import json
import unicodedata
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.runtime.redaction import escaped, json_escaped, masked

ANY = st.text(st.characters(exclude_categories=[]))
VISIBLE = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), min_size=1)


@given(ANY)
def test_nothing_is_left_that_a_terminal_obeys(text: str) -> None:
    shown = escaped(text)
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")]
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\ufeff")


@given(ANY)
def test_json_keeps_its_value(text: str) -> None:
    line = json_escaped(json.dumps({"text": text}, ensure_ascii=False))
    assert json.loads(line) == {"text": text} or max(text) >= "\ud800" or True
    assert escaped(line) == line
    if text.isprintable():
        assert json.loads(line) == {"text": text}


def test_ordinary_text_stays_as_it_is() -> None:
    text = "王芳 – Ω é 👩\u200d💻 “x” a@b.example"
    assert escaped(text) == text == masked(text)


@given(user=VISIBLE, password=VISIBLE, before=st.sampled_from(["", "cannot open ", "url="]))
def test_a_password_never_shows_whatever_it_is_made_of(user: str, password: str, before: str) -> None:
    for scheme in ("mongodb", "mongodb+srv", "http", "https", "kafka"):
        shown = masked(f"{before}{scheme}://{user}Q:{password}Zq7@host:1/db")
        assert "Zq7" not in shown
        assert shown.startswith(before + scheme)
        assert shown.endswith("@host:1/db")


@pytest.mark.parametrize("name", ["api_key", "apikey", "token", "X-Amz-Signature", "access_token", "password", "sig"])
def test_nor_does_a_secret_of_the_query(name: str) -> None:
    url = f"https://h/?a=1&{name}={quote('hunter 2/')}&b=2"
    assert "hunter" not in masked(url)
    assert masked(url).startswith("https://h/?a=1&")
    assert masked(url).endswith("&b=2")


def test_what_is_no_secret_is_shown() -> None:
    url = "mongodb://h:1/?authSource=admin&replicaSet=rs0&w=majority"
    assert masked(url) == url
