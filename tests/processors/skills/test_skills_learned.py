import pytest

from processors.skills import read_job_ad
from processors.skills.extract import extract_skills
from processors.skills.learned import agreed, learned_spans

AD = """Senior Backend Engineer
We are an innovative and passionate company in the finance sector.
You have experience with Java (Spring), Kubernetes and Eureka Ribbon.
- Strong communication skills
熟悉 Docker 和 Python
"""


def test_spans_have_their_place_in_the_text_and_an_id_where_the_taxonomy_knows_them():
    found = {span.text: span for span in learned_spans(AD)}
    assert all(AD[s.start : s.end] == s.text for s in found.values())
    assert {"Java": "java", "Spring": "spring", "Kubernetes": "kubernetes", "Ribbon": None}.items() <= {
        text: span.skill_id for text, span in found.items()
    }.items()
    assert all(0.3 <= span.confidence <= 1 for span in found.values())
    assert any(span.label == "skill" and "communication" in text for text, span in found.items())
    assert not any(span.start >= AD.index("熟悉") for span in found.values())


def test_a_checked_ad_keeps_what_the_tagger_agrees_with_and_what_it_does_not_read():
    plain, checked = read_job_ad(AD), read_job_ad(AD, checked=True)
    kept = {m.skill_id for m in checked.skills}
    assert {"java", "kubernetes", "docker", "python"} <= kept
    assert {m.skill_id for m in plain.skills} - kept
    assert checked.years_min == plain.years_min


@pytest.mark.slow
def test_a_long_text_is_read_to_its_bound_and_kept_behind_it(monkeypatch):
    bound = 2_000
    monkeypatch.setattr("processors.skills.learned.LONGEST_TEXT", bound)
    text = "We are passionate about finance. " * (bound // 33) + "\nExperience with Java and SQL.\n" * 20
    mentions = extract_skills(text)
    beyond = [m for m in mentions if m.start >= bound]
    assert beyond
    assert agreed(text, mentions)[-len(beyond) :] == beyond
    assert all(span.end <= bound for span in learned_spans(text))


@pytest.mark.parametrize("text", ["", "。", "(((", "精通Java", "\n\n", " . . ,"])
def test_a_text_without_words_has_no_spans(text):
    assert learned_spans(text) == []
