from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from processors.access import Caller, allows, sees, speaks_for
from schemas.access import CATALOGUE, SCOPES, ApiKey, is_scope, source_of

NOW = datetime(2026, 11, 30, tzinfo=UTC)


def key(**values):
    return ApiKey(id="k0123456789ab", name="crm", created=NOW, **values)


def test_each_scope_stands_once_and_has_both_languages():
    assert len(SCOPES) == len(CATALOGUE)
    assert all(set(spec.texts) == {"zh", "en"} and all(spec.texts.values()) for spec in CATALOGUE)
    assert is_scope("events:write:crm")
    assert source_of("events:write:a:b") == "a:b"
    assert not any(map(is_scope, ("events:write:", "events:writes", "*", "", "talents:read:x")))


@given(st.sets(st.sampled_from(sorted(SCOPES))))
def test_a_caller_may_what_its_key_says_and_nothing_else(scopes):
    caller = Caller.of_key(key(scopes=scopes))
    assert {scope for scope in SCOPES if allows(caller, scope)} == scopes
    assert not allows(caller, "*")


@given(st.sets(st.sampled_from(sorted(SCOPES))))
def test_a_candidate_has_no_right_over_others_whatever_she_was_given(scopes):
    caller = Caller("token", "0", frozenset({*scopes, "*"}), subject="T1")
    assert not any(allows(caller, scope) for scope in SCOPES if not SCOPES[scope].for_candidates)
    assert sees(caller, "T1")
    assert not sees(caller, "T2")


def test_sources_are_bound():
    narrow = Caller.of_key(key(scopes={"events:write:crm"}))
    wide = Caller.of_key(key(scopes={"events:write"}, sources={"ats"}))
    for caller, own in ((narrow, "crm"), (wide, "ats")):
        assert allows(caller, "events:write")
        assert [s for s in ("crm", "ats", "x", "*", "") if speaks_for(caller, s)] == [own]
    assert not speaks_for(Caller.of_key(key(scopes={"talents:read"}, sources={"crm"})), "crm")
    assert not speaks_for(Caller.of_key(key(scopes={"events:write"})), "crm")
    assert speaks_for(Caller.of_key(key(scopes={"events:write"}, sources={"*"})), "crm")
    assert speaks_for(Caller.local(), "crm")


@pytest.mark.parametrize(
    "values",
    [
        {"scopes": {"everything"}},
        {"scopes": {"*"}},
        {"candidate": "T1", "recruiter": "r1"},
        {"candidate": "T1", "scopes": {"pii:read"}},
        {"candidate": "T1", "scopes": {"events:write:crm"}},
        {"requests_per_minute": 0},
    ],
)
def test_a_key_that_makes_no_sense_is_refused(values):
    with pytest.raises(ValidationError):
        key(**values)


def test_a_key_ends():
    assert key().state(NOW) == "active"
    assert key(expires=NOW + timedelta(seconds=1)).state(NOW) == "active"
    assert key(expires=NOW).state(NOW) == "expired"
    assert key(revoked=NOW, expires=NOW).state(NOW) == "revoked"


def test_the_audit_log_names_callers_by_ids():
    assert [Caller.local().audited, Caller.of_key(key()).audited] == ["local", "key:k0123456789ab"]
