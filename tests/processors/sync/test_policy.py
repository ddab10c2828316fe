"""A policy is read with clear errors, has a version, and each of its rules does what docs/guides/sync.md says."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from test_merge import event

from processors.sync import contact_points
from processors.sync.contact_points import Email, Phone, Unreadable
from processors.sync.merge import State, apply, survivors
from processors.sync.normal_form import contains, form
from processors.sync.policy import DEFAULT, FIELDS, Policy, PolicyError, load_policy, parse_policy
from processors.sync.preview import Change, diff

TEXT = (Path(contact_points.__file__).with_name("policy.toml")).read_text(encoding="utf-8")
DAY = 24 * 60


def with_field(name: str, rule: str) -> Policy:
    lines = [f"{name} = {rule}" if line.split("=")[0].strip() == name else line for line in TEXT.splitlines()]
    return parse_policy("\n".join(lines))


def surviving(name: str, policy: Policy, *said: tuple[str, float, Any]) -> Any:
    events = [event(n, days * DAY, {name: value}, source) for n, (source, days, value) in enumerate(said)]
    return survivors(apply(State(), events), policy).fields.get(name)


class TestFile:
    def test_the_default_says_something_of_every_field(self) -> None:
        assert DEFAULT.fields.keys() == FIELDS

    def test_the_version_follows_content_and_label_alone(self) -> None:
        assert parse_policy("# a comment\n" + TEXT).version == DEFAULT.version
        other = with_field("title", '{ rules = ["newest"] }')
        assert other.version != DEFAULT.version
        assert other.version.split("+")[0] == DEFAULT.version.split("+")[0] == "2026-11"
        renamed = parse_policy(TEXT.replace('label = "2026-11"', 'label = "trial"'))
        assert renamed.version == f"trial+{DEFAULT.version.split('+')[1]}"

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda t: t.replace("[fields]", "[fields"), "not TOML"),
            (lambda t: t + "\nshoe_size = { rules = ['newest'] }", "no entity has shoe_size"),
            (lambda t: t.replace("website ", "# website "), "nothing is said of website"),
            (lambda t: t.replace('{ union = "name" }', "{ onion = 1 }"), "fields.skills: write one of rules, union"),
            (lambda t: t.replace('{ union = "value" }', '{ union = "value", x = 1 }'), "fields.aliases"),
            (lambda t: t.replace('["newest"]', '["newest", "longest"]'), 'end with "newest"'),
            (lambda t: t.replace('{ rules = ["newest"] }', '{ rules = ["best"] }'), "fields.website"),
            (lambda t: t.replace('"90d"', '"90 days"'), 'e.g. "36h"'),
            (
                lambda t: t.replace('{ rules = ["newest"] }', '{ rules = ["newest"], stale_after = "9d" }'),
                "stale_after",
            ),
            (lambda t: t.replace(', "*"]', "]"), 'one row must hold "*"'),
            (lambda t: t.replace('["resume"]', '["resume", "crm"]'), "named twice"),
            (lambda t: t.replace('"CN"', '"XX"'), "phone_region"),
            (lambda t: t.replace('label = "2026-11"', 'label = "a b"'), "label"),
        ],
    )
    def test_errors_say_where_and_what(self, change: Callable[[str], str], message: str) -> None:
        text = change(TEXT)
        assert text != TEXT
        with pytest.raises(PolicyError) as caught:
            parse_policy(text)
        assert message in str(caught.value)

    def test_a_file_that_is_not_there_or_not_text(self, tmp_path: Path) -> None:
        with pytest.raises(PolicyError, match=r"nothing\.toml: No such file"):
            load_policy(tmp_path / "nothing.toml")
        (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
        with pytest.raises(PolicyError, match=r"binary\.toml: not UTF-8"):
            load_policy(tmp_path / "binary.toml")


class TestRules:
    def test_newest(self) -> None:
        policy = with_field("title", '{ rules = ["newest"] }')
        assert surviving("title", policy, ("crm", 2, "新"), ("zervigo", 1, "旧"), ("resume", 0, "旧")) == "新"

    def test_source_priority_until_it_is_stale(self) -> None:
        policy = with_field("title", '{ rules = ["source_priority", "newest"], stale_after = "90d" }')
        assert surviving("title", policy, ("crm", 0, "工程师"), ("resume", 90, "经理")) == "工程师"
        assert surviving("title", policy, ("crm", 0, "工程师"), ("resume", 91, "经理")) == "经理"
        assert surviving("title", policy, ("crm", 0, "工程师"), ("other", 1, "经理")) == "经理", "* equals crm"

    def test_most_complete_keeps_what_says_all_the_others_say(self) -> None:
        policy = with_field("salary_expected", '{ rules = ["most_complete", "newest"] }')
        whole, part = {"minimum": 10.0, "maximum": 20.0}, {"minimum": 10.0, "maximum": None}
        assert surviving("salary_expected", policy, ("crm", 0, whole), ("zervigo", 5, part)) == whole
        assert surviving("salary_expected", policy, ("crm", 0, whole), ("zervigo", 5, {"minimum": 12.0})) == {
            "minimum": 12.0
        }, "what contradicts is not less complete"

    def test_longest(self) -> None:
        policy = with_field("summary", '{ rules = ["longest", "newest"] }')
        assert surviving("summary", policy, ("crm", 0, "long text"), ("zervigo", 5, "short")) == "long text"

    def test_copies_only_fill_gaps(self) -> None:
        assert surviving("status", DEFAULT, ("crm", 0, "active"), ("import", 900, "hired")) == "active"
        assert surviving("status", DEFAULT, ("crm", 0, "active"), ("import", 900, None)) == "active"
        assert surviving("status", DEFAULT, ("crm", 0, None), ("import", 900, "hired")) is None
        assert surviving("status", DEFAULT, ("import", 0, "hired")) == "hired"

    def test_equal_times_are_decided_by_the_event_id(self) -> None:
        assert surviving("status", DEFAULT, ("crm", 0, "active"), ("zervigo", 0, "hired")) == "hired"
        assert surviving("status", DEFAULT, ("zervigo", 0, "hired"), ("crm", 0, "active")) == "active"

    def test_the_best_spelling_of_what_survives(self) -> None:
        assert (
            surviving("title", DEFAULT, ("crm", 0, "Data Engineer"), ("zervigo", 5, "ＤＡＴＡ engineer"))
            == "Data Engineer"
        )
        assert (
            surviving("title", DEFAULT, ("crm", 0, "Data Engineer"), ("zervigo", 5, "DATA ENGINEER")) == "Data Engineer"
        )
        assert (
            surviving("name", DEFAULT, ("crm", 0, "Wang, Xiaoming"), ("zervigo", 5, "Xiaoming Wang")) == "Xiaoming Wang"
        )

    def test_union_keeps_the_newest_version_of_each_element(self) -> None:
        newer, older = [{"name": "Go", "years": 3.0}], [{"name": "ＧＯ", "years": 1.0}, {"name": "SQL"}]
        assert surviving("skills", DEFAULT, ("crm", 0, older), ("zervigo", 1, newer)) == [*newer, {"name": "SQL"}]
        assert surviving("aliases", DEFAULT, ("crm", 0, ["青禾"]), ("zervigo", 1, ["Qinghe"])) == ["Qinghe", "青禾"]

    def test_contact_points_are_in_normal_form_also_from_one_source(self) -> None:
        assert surviving("phones", DEFAULT, ("crm", 0, ["138-0013-8000", "００８６13800138000"])) == ["+8613800138000"]
        assert surviving("emails", DEFAULT, ("crm", 0, ["A@X.cn"])) == ["a@x.cn"]


class TestContactPoints:
    @pytest.mark.parametrize(
        ("text", "point"),
        [
            ("13800138000", Phone("+8613800138000")),
            ("（021）5888 1234", Phone("+862158881234")),
            ("021-58881234转802", Phone("+862158881234", "802")),
            ("+1 415 555 2671 ext. 12", Phone("+14155552671", "12")),
            (" +86 100 0000 0002 ", Unreadable("8610000000002", "+86 100 0000 0002")),
            ("Ask Mary", Unreadable("ask mary", "Ask Mary")),
            ("9" * 300, Unreadable("9" * 300, "9" * 300)),
        ],
    )
    def test_phones(self, text: str, point: contact_points.ContactPoint) -> None:
        assert contact_points.parse("phone", text, "CN") == point

    def test_text(self) -> None:
        assert Phone("+862158881234", "802").text == "+862158881234;ext=802"
        assert contact_points.parse("email", "Ａ@x.cn ", "CN") == Email("a@x.cn")

    def test_a_local_number_is_of_the_policys_region(self) -> None:
        german = parse_policy(TEXT.replace('"CN"', '"DE"'))
        assert surviving("phones", german, ("crm", 0, ["030 901820"])) == ["+4930901820"]


class TestNormalForms:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("王小明", "王 小明"),
            ("Wang Xiaoming", "WANG, Xiaoming"),
            ("Ｅｍｍａ Carter", "carter emma"),
            ("O'Brien", "o'brien"),
        ],
    )
    def test_the_same_name(self, one: str, other: str) -> None:
        assert form(one, name=True) == form(other, name=True)

    @pytest.mark.parametrize(
        ("whole", "part"),
        [
            ("John Smith", "J. Smith"),
            ("John Adam Smith", "Smith"),
            ("王小明", "Xiaoming Wang"),
            ("王小明", "王明 小".replace("明 小", "小")),
            ("吕布", "Lyu Bu".replace("Lyu", "Lv")),
        ],
    )
    def test_a_name_within_another(self, whole: str, part: str) -> None:
        assert contains(form(whole, name=True), form(part, name=True))
        assert not contains(form(part, name=True), form(whole, name=True))

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("John Smith", "Jane Smith"),
            ("王小明", "Li Lei"),
            ("王小明", "王小红"),
            ("John", "!"),
            ("A B C D E", "王小明"),
        ],
    )
    def test_names_that_contradict(self, one: str, other: str) -> None:
        assert not contains(form(one, name=True), form(other, name=True))
        assert not contains(form(other, name=True), form(one, name=True))

    def test_lists_and_objects(self) -> None:
        short, full = {"school": "清华", "start": None}, {"school": "清华", "degree": "master"}
        assert form([short, full]) == form([full, short])
        assert contains(form([full, {"school": "北大"}]), form([short]))
        assert not contains(form([short]), form([full]))
        assert not contains(form(2.0), form(1.0))


def test_diff_names_what_would_change() -> None:
    state = apply(
        State(),
        [
            event(1, 0, {"title": "工程师", "status": "active", "remote": True}),
            event(2, 9, {"title": "经理", "status": None}, "resume"),
        ],
    )
    trusting = with_field("title", '{ rules = ["newest"] }')
    assert diff(state, DEFAULT, trusting) == [Change("title", "工程师", "经理")]
    assert diff(state, DEFAULT, DEFAULT) == []
