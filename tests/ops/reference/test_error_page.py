"""The page of errors has every code that a dead letter can have."""

import ast
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.documents.errors import CODES, DocumentError
from ops.reference import errors
from schemas.errors import BadMessageError
from schemas.events import decode
from schemas.refusals import REFUSALS
from tests.test_every_error import ours

ROOT = Path(__file__).parents[3]
OF_PUBLISHERS = {"bad_row"}
"""Raised by a publisher before anything is sent, so in no dead letter."""
PASSED_ON = {
    "connectors/resumes/understanding.py",  # a document's code, or the one that the parser's process answers
}


@cache
def makers() -> list[tuple[str, ast.expr]]:
    """Where a code is made: the first argument of each BadMessageError."""
    return [
        (str(file.relative_to(ROOT)), node.args[0])
        for package in errors.PACKAGES
        for file in ROOT.glob(f"{package}/**/*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "BadMessageError"
    ]


def test_the_page_has_every_code_that_is_made() -> None:
    made = {code.value for _, code in makers() if isinstance(code, ast.Constant)} - OF_PUBLISHERS
    assert len(made) > 10
    of_documents = {code for code in CODES if not DocumentError(code).transient}
    assert made - of_documents == REFUSALS.keys() - {"processing_failed"}
    page = errors.page()
    for code in (*made, *of_documents, "processing_failed"):
        assert f"| `{code}` | " in page


def test_the_page_has_every_kind_of_error() -> None:
    kinds = ours()
    assert errors.all_kinds() == kinds
    page = errors.page()
    for kind in kinds:
        assert f"| `{kind.code}` | `{kind.exit_status}` | " in page


def test_other_codes_are_made_where_documents_are_read() -> None:
    assert {file for file, code in makers() if not isinstance(code, ast.Constant)} == PASSED_ON


headers = st.lists(
    st.tuples(
        st.sampled_from(
            ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_dataschema", "content-type"]
        ),
        st.one_of(
            st.sampled_from(
                [
                    b"1.0",
                    b"crm",
                    b"looma.talent.upserted",
                    b"2026-01-05T08:00:00Z",
                    b"urn:looma:talent:2",
                    b"application/json",
                ]
            ),
            st.binary(max_size=20),
        ),
    ),
    max_size=8,
)


@given(
    st.one_of(st.none(), st.just(b"t-1"), st.binary(max_size=10)), st.one_of(st.none(), st.binary(max_size=40)), headers
)
def test_whatever_comes_is_refused_by_a_code_of_the_page(
    key: bytes | None, value: bytes | None, given_headers: list[tuple[str, bytes]]
) -> None:
    try:
        decode("talent", key, value, given_headers)
    except BadMessageError as error:
        assert error.code in REFUSALS


@pytest.mark.parametrize("code", REFUSALS)
def test_every_code_says_what_to_do(code: str) -> None:
    refusal: Any = REFUSALS[code]
    assert refusal.meaning.endswith(".")
    assert refusal.remedy.endswith(".")
