"""Half of a surrogate pair in a resume costs that character, wherever it stands and however it is written."""

import json
from datetime import date

import bson
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.message import build_message
from processors.embedding.resume_parts import titled_parts
from processors.resume.import_json_resume import profile_of_json_resume
from processors.resume.parse import parse_resume
from processors.resume.talent import talent
from processors.unicode import loads, whole
from schemas.events import decode
from schemas.resume import ResumeProfile

TODAY = date(2026, 1, 5)
HALVES = st.characters(categories=("Cs",))
TEXTS = st.text(st.characters() | HALVES | st.sampled_from("王a7-.@\n\t "), max_size=60)

PLAIN = """{0}王芳{0}
Email: wang{0}@example.com  电话：138{0}00138000
https://example.com/{0}
工作经历
2019.03 - 至今  {0}北京某某科技有限公司{0}  高级工程师{0}
负责{0} Kubernetes{0}
教育背景
2011.09 - 2015.06  北京大学{0}  计算机{0}  本科
技能：{0}Java、Python{0}
"""


def json_resume(text: str) -> dict[str, object]:
    return {
        text: text,
        "basics": {"name": f"王芳{text}", "label": text, "summary": text, "location": {"city": text}, "url": text},
        "work": [
            {"name": f"公司{text}", "position": f"工程师{text}", "summary": text, "highlights": [text], text: text},
        ],
        "education": [{"institution": f"大学{text}", "area": text, "studyType": "本科"}],
        "skills": [{"name": f"Java{text}", "keywords": [text, "Python"]}],
        "languages": [{"language": text, "fluency": text}],
        "projects": [{"name": f"项目{text}", "description": text}],
        "certificates": [{"name": f"证书{text}"}],
    }


def through(profile: ResumeProfile, text: str) -> None:
    """From a profile to what is stored and embedded of it."""
    said = profile.model_dump_json().encode()
    ResumeProfile.model_validate_json(said)
    fields = talent(profile, text).model_dump(mode="json", exclude_unset=True)
    message = build_message("talent", "t-1", fields, source="resume")
    event = decode("talent", message.key, message.value, message.headers)
    assert event.fields
    bson.encode({"fields": event.fields})
    json.dumps(titled_parts(event.fields), ensure_ascii=False).encode()


@given(TEXTS)
@example("\ud83d")
@example("\udc00\ud800")
def test_in_a_text(text: str) -> None:
    resume = PLAIN.format(text)
    profile = parse_resume(resume, today=TODAY)
    through(profile, resume)
    if profile.name:
        assert all(end <= len(resume) for _, end in profile.name.spans)


@given(TEXTS, st.booleans())
@example("\ud83d", True)
@example("\ud83d", False)
def test_in_json_escaped_or_not(text: str, escaped: bool) -> None:
    resume = json.dumps(json_resume(text), ensure_ascii=escaped)
    profile = profile_of_json_resume(resume, TODAY)
    assert profile is not None
    assert profile.name is not None
    assert profile.name.value.full.startswith("王芳")
    through(profile, resume)


@given(st.text(st.characters() | HALVES))
def test_whole_text_has_an_encoding_and_keeps_its_places(text: str) -> None:
    found = whole(text)
    assert len(found) == len(text)
    assert all(a == b or (b == "\ufffd" and "\ud800" <= a <= "\udfff") for a, b in zip(text, found, strict=True))
    found.encode()


@given(
    st.recursive(st.text(st.characters() | HALVES), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
def test_json_is_as_it_was_but_for_halves(value: object) -> None:
    def mended(each: object) -> object:
        if isinstance(each, dict):
            return {whole(k): mended(v) for k, v in each.items()}
        return whole(each) if isinstance(each, str) else [mended(v) for v in each]  # type: ignore[attr-defined]

    # A half and its other half beside it, written as escapes, are a pair: what they were meant to be.
    read = json.loads(json.dumps(value))
    assert loads(json.dumps(value)) == mended(read)


def test_a_pair_written_as_escapes_is_its_character() -> None:
    assert loads(r'["\ud83d\ude00", "\\ud83d", "\ud83d"]') == ["😀", r"\ud83d", "\ufffd"]
