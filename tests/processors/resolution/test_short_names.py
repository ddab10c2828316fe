"""Short names of Chinese organisations: which full name they stand for, and that they merge nothing by themselves."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.resolution.compare import compare
from processors.resolution.facts import facts
from processors.resolution.features import levels
from processors.resolution.short_names import abbreviates, abbreviation_cost, words

FULL = [
    "中国石油化工集团有限公司", "中国石油天然气集团有限公司", "中国工商银行股份有限公司", "中国建设银行股份有限公司", "中国农业银行股份有限公司",
    "上海汽车集团股份有限公司", "北京汽车集团有限公司", "北京大学", "北京航空航天大学", "东北大学", "中国第一汽车集团有限公司",
    "国家电网有限公司", "中国南方航空股份有限公司", "中国移动通信集团有限公司", "中国国际金融股份有限公司",
]  # fmt: skip


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("中石化", "中国石油化工集团有限公司"),
        ("中国石化", "中国石油化工集团有限公司"),
        ("工行", "中国工商银行股份有限公司"),
        ("建行", "中国建设银行股份有限公司"),
        ("农行", "中国农业银行股份有限公司"),
        ("上汽", "上海汽车集团股份有限公司"),
        ("北汽", "北京汽车集团有限公司"),
        ("北大", "北京大学"),
        ("北航", "北京航空航天大学"),
        ("一汽", "中国第一汽车集团有限公司"),
        ("国网", "国家电网有限公司"),
        ("南航", "中国南方航空股份有限公司"),
        ("中国移动", "中国移动通信集团有限公司"),
        ("中金", "中国国际金融股份有限公司"),
    ],
)
def test_a_short_name_costs_least_for_its_full_one(short, full):
    costs = {each: cost for each in FULL if (cost := abbreviation_cost(short, each)) is not None}
    assert min(costs, key=lambda each: (costs[each], len(each))) == full


def test_what_lacks_a_character_is_no_short_name():
    assert abbreviation_cost("中石化", "中国石油天然气集团有限公司") is None
    assert abbreviation_cost("化石", "中国石油化工") is None
    assert not abbreviates(words("中石化"), words("中国石化"))


@given(st.text(alphabet="中国石油化工集团有限公司北京大学第一", max_size=50), st.text(max_size=6))
@settings(max_examples=30)
def test_a_name_is_divided_without_loss_and_stands_for_itself(full, short):
    assert "".join(words(full)) == full[:40]
    assert abbreviation_cost(full[:40], full) in (0, *([] if full else [0.0]))
    cost = abbreviation_cost(short, full)
    assert cost is None or cost >= 0


def test_a_short_name_merges_nothing_by_itself():
    full = facts("company", {"name": "中国石油化工集团有限公司"})
    assert levels(facts("company", {"name": "中石化"}), full)["name"] == "short_form"
    assert compare(facts("company", {"name": "中石化"}), full).decision != "same"
    initials = facts("company", {"name": "NTA"}), facts("company", {"name": "Northern Trawler Alliance Ltd"})
    assert levels(*initials)["name"] == "short_form"
    assert compare(*initials).decision != "same"


def test_a_short_name_with_the_same_website_is_the_same():
    site = {"website": "sinopec.example.com", "locations": ["北京"]}
    left, right = ({"name": name, **site} for name in ("中石化", "中国石油化工集团有限公司"))
    assert compare(facts("company", left), facts("company", right)).decision == "same"
