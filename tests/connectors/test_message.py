from datetime import UTC, datetime, timedelta, timezone

import pytest

from connectors.message import build_feedback, build_message, build_resume, normalise
from schemas.entities import Job, Talent
from schemas.envelope import MAX_VALUE_BYTES
from schemas.errors import BadMessageError
from schemas.events import decode

TIME = datetime(2026, 1, 5, 8, tzinfo=UTC)


def test_a_message_decodes_to_what_was_said():
    message = build_message(
        "talent", "T1", {"title": "数据工程师", "remote": None}, source="crm", event_id="e1", time=TIME
    )

    event = decode("talent", message.key, message.value, message.headers)

    assert message.topic == "talent-events"
    assert message.key == b"T1"
    assert event.fields == {"title": "数据工程师", "remote": None}
    assert (event.envelope.id, event.envelope.source, event.envelope.time) == ("e1", "crm", TIME)


def test_a_model_contributes_only_the_fields_set_on_it():
    message = build_message("talent", "T1", Talent(name="王伟", summary=None), source="crm")

    event = decode("talent", message.key, message.value, message.headers)

    assert event.fields == {"name": "王伟", "summary": None}


def test_event_ids_are_fresh_unless_given():
    first, second = (build_message("job", "J1", {"title": "x"}, source="crm") for _ in range(2))

    assert first.envelope
    assert second.envelope
    assert first.envelope.id != second.envelope.id


def test_a_delete_carries_no_fields():
    message = build_message("job", "J1", {"title": "x"}, source="crm", action="deleted")

    assert message.value == b"{}"
    assert decode("job", message.key, message.value, message.headers).action == "deleted"


def test_an_old_version_is_sent_as_it_is_and_read_as_the_new_one():
    message = build_message("talent", "T1", {"skills": ["Go"], "salary_min": 10}, source="zervigo", version=1)

    assert b"salary_min" in (message.value or b"")
    fields = decode("talent", message.key, message.value, message.headers).fields
    assert fields["skills"] == [{"name": "Go"}]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"fields": {"shoe_size": 44}}, "invalid_data"),
        ({"fields": {"years_experience": float("nan")}}, "invalid_data"),
        ({"fields": {"title": object()}}, "invalid_json"),
        ({"fields": {"title": "\ud800"}}, "invalid_json"),
        ({"fields": {"summary": "长" * (MAX_VALUE_BYTES // 3 + 1)}}, "oversized"),
        ({"fields": Job(title="x")}, "invalid_data"),
        ({"id": "no spaces"}, "bad_key"),
        ({"id": ""}, "bad_key"),
        ({"id": "张三"}, "bad_key"),
        ({"source": "two words"}, "bad_header"),
        ({"time": datetime(2026, 1, 5)}, "bad_header"),
        ({"version": 9}, "unknown_version"),
        ({"entity": "robot"}, "unknown_type"),
        ({"action": "merged"}, "unknown_type"),
    ],
)
def test_what_a_consumer_would_refuse_is_refused_before_sending(change, code):
    call = {"entity": "talent", "id": "T1", "fields": {"title": "x"}, "source": "crm", **change}

    with pytest.raises(BadMessageError) as caught:
        build_message(call.pop("entity"), call.pop("id"), call.pop("fields"), **call)

    assert caught.value.code == code


def test_refusals_name_no_values():
    with pytest.raises(BadMessageError) as caught:
        build_message("talent", "T1", {"emails": ["secret person"]}, source="crm")

    assert "secret" not in str(caught.value)


def test_normalise_gives_fields_their_types():
    assert normalise("talent", "T1", {"years_experience": "7", "remote": "true"}, "import") == {
        "years_experience": 7.0,
        "remote": True,
    }


TIMES = [
    datetime.min.replace(tzinfo=timezone(timedelta(hours=8))),
    datetime.max.replace(tzinfo=timezone(-timedelta(hours=1))),
]


@pytest.mark.parametrize("time", [*TIMES, datetime(2026, 1, 5)])
def test_times_that_no_calendar_has_are_refused_by_every_maker(time: datetime) -> None:
    for build in (
        lambda: build_message("talent", "t-1", {}, source="crm", time=time),
        lambda: build_resume("t-1", text="a", source="crm", time=time),
        lambda: build_feedback("t-1", "j-1", "hired", source="crm", time=time),
    ):
        with pytest.raises(BadMessageError) as caught:
            build()
        assert caught.value.code == "bad_header"


@pytest.mark.parametrize("bad", ["\ud83d", "a\nb", "", "x" * 400])
def test_names_that_no_message_can_have_are_refused_by_every_maker(bad: str) -> None:
    for build in (
        lambda: build_message("talent", bad, {}, source="crm"),
        lambda: build_message("talent", "t-1", {}, source=bad),
        lambda: build_resume(bad, text="a", source="crm"),
        lambda: build_resume("t-1", text="a", source=bad),
        lambda: build_feedback(bad, "j-1", "hired", source="crm"),
        lambda: build_feedback("t-1", "j-1", "hired", source=bad),
    ):
        with pytest.raises(BadMessageError):
            build()
