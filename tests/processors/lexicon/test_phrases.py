"""What texts are by their letters, for words that no list has."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.lexicon.phrases import BUCKETS, KINDS, LONGEST, features, shares
from processors.lexicon.titles import title_score


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Zegarmistrz precyzyjny", "title"),
        ("Laboratoriohoitaja", "title"),
        ("Инженер-сметчик", "title"),
        ("Epidemiologista", "title"),
        ("Kirurški tehničar", "title"),
        ("Universitatea de Vest din Timișoara", "school"),
        ("Wojciechowska Spedycja Sp. z o.o.", "employer"),
        ("Kraftwerk Oberhasli AG", "employer"),
        ("Magdalena Wiśniewska", "person"),
    ],
)
def test_kinds_are_told_in_languages_whose_words_no_list_has(text: str, kind: str) -> None:
    found = shares(text)
    assert max(KINDS, key=lambda k: getattr(found, k)) == kind


def test_these_titles_are_in_no_list() -> None:
    assert not any(title_score(text) for text in ("Laboratoriohoitaja", "Kirurški tehničar", "Zegarmistrz precyzyjny"))


@given(st.text(max_size=300))
@settings(max_examples=30)
def test_shares_of_any_text_are_shares(text: str) -> None:
    found = shares(text)
    assert abs(sum(found) - 1) < 1e-9
    assert all(0 <= share <= 1 for share in found)
    assert all(0 <= bucket < BUCKETS for bucket in features(text))


def test_only_so_much_of_a_text_is_looked_at() -> None:
    assert features("a" * LONGEST) == features("a" * LONGEST + " b" * 100_000)
    assert len(features("字" * 10_000)) < 4 * LONGEST
