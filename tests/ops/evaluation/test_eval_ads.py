"""Hand-written ads and searches: how they are counted, and a floor of what is read."""

from ops.cli.eval.ads import ads_table
from ops.evaluation.ads import ad_items, ads, evaluate, phrase_items, phrases


def test_what_is_read_of_ads_and_searches_stays_above_a_floor():
    figures = evaluate()
    assert (figures["ads"], figures["searches"]) == (60, 40)
    for field, floor in {
        "city": 0.74,
        "pay": 0.75,
        "years": 0.85,
        "education": 0.82,
        "must": 0.89,
        "nice": 0.72,
    }.items():
        assert figures["fields"][field]["accuracy"] >= floor, field
    assert figures["of searches"]["skill"]["accuracy"] >= 0.98
    assert ads_table(figures).row_count > 8


def test_an_ad_is_judged_by_what_it_says_and_by_what_was_claimed():
    ad = {
        "city": ["Leeds"],
        "pay": [32000, 38000, "GBP", "year", ""],
        "must": ["Excel"],
        "nice": ["Sage"],
        "absent": ["PHP"],
    }
    read = {
        "salary": {"minimum": 32000, "maximum": 38000, "currency": "GBP", "period": "year"},
        "locations": ["Leeds"],
        "years_experience_min": 2,
        "years_experience_max": None,
        "education_level": None,
        "workplace": None,
        "skills": [{"name": "Excel", "required": True}, {"name": "Sage", "required": True}],
    }
    right = {item.field: item.correct for item in ad_items(ad, read)}
    assert right == {"city": True, "pay": True, "years": False, "must": True, "nice": False, "absent": True}


def test_a_search_means_no_more_than_it_says():
    items = list(phrase_items({"query": "Java Shanghai", "skills": ["Java"], "places": []}))
    assert [(i.field, i.true, i.found, i.correct) for i in items] == [
        ("skill", "Java", None, True),
        ("place", False, True, False),
    ]


def test_the_labels_are_of_one_kind():
    for ad in ads():
        assert (
            {"title", "text"}
            <= ad.keys()
            <= {"title", "text", "city", "pay", "years", "education", "workplace", "must", "nice", "absent"}
        )
        assert len(ad.get("pay", [""] * 5)) == 5
    assert all(phrase["query"] for phrase in phrases())
