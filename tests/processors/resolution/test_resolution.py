"""Resolution reads names, numbers and addresses as people write them, and compares pairs symmetrically."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.evaluation.resolution_companies import companies
from ops.evaluation.resolution_talents import talents
from processors.resolution.blocking import MAX_KEYS, blocking_keys, keys
from processors.resolution.compare import Comparison, compare, weights
from processors.resolution.contacts import email, phone
from processors.resolution.facts import CompanyFacts, TalentFacts, facts
from processors.resolution.features import levels
from processors.resolution.names import name_keys, person_name
from processors.resolution.organisations import company_name, domain, school
from processors.resolution.words import _TEXTS, words
from schemas.entities import Company, Talent

PEOPLE = [facts("talent", f) for _, _, f in talents(7, 60)]
FIRMS = [facts("company", f) for _, _, f in companies(7, 60)]


def talent(**fields):
    return facts("talent", fields)


def company(name, *aliases, **fields):
    return facts("company", {"name": name, "aliases": list(aliases), **fields})


def level(left, right, feature="name"):
    return levels(left, right).get(feature)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("张晓明", "张晓明", "same"),
        ("张伟", "张伟", "same_short"),
        ("張偉", "张伟", "same_short"),
        ("张 伟", "张伟先生", "same_short"),
        ("张伟", "Wei Zhang", "romanised_short"),
        ("张晓明", "Zhang Xiao-Ming", "romanised"),
        ("张晓明", "Xiaoming Zhang", "romanised"),
        ("张晓明", "Zhāng Xiǎo Míng", "romanised"),
        ("吕晓明", "Lyu Xiaoming", "misspelt"),
        ("单晓明", "Xiaoming Shan", "romanised"),
        ("曾晓明", "Zeng Xiaoming", "romanised"),
        ("欧阳娜娜", "Nana Ouyang", "romanised"),
        ("张晓明", "David Xiaoming Zhang", "romanised"),
        ("张晓明", "张小明", "homophone"),
        ("张晓明", "张晓亮", "one_character"),
        ("张晓明", "David Zhang", "english"),
        ("张晓明", "张**", "masked"),
        ("张晓明", "王某某", "different"),
        ("张晓明", "Xiaomign Zhang", "misspelt"),
        ("Bob Smith", "Robert Smith", "same"),
        ("Smith, Robert", "Robert A. Smith", "same"),
        ("Robert Smith", "Robert Smiht", "part_misspelt"),
        ("Robert Smith", "Anna Smith", "one_part"),
        ("Anna Rossi", "Anna Smith", "other_surname"),
        ("Isabella Cooper", "Isabella Coepo", "part_misspelt"),
        ("Isabella Cooper", "Cooper Isabelal", "part_misspelt"),
        ("Isabella Cooper", "Coopr Isabelala", "both_misspelt"),
        ("Riley Heuston", "Rilepy Heu Sotn", "both_misspelt"),
        ("Isabella Cooper", "Isabella", "one_token"),
        ("Isabella Cooper", "Coper", "one_token"),
        ("Isabella", "Cooper", "other_token"),
        ("Isabella Cooper", "Anna", "different"),
        ("Robert Smith", "Anna Rossi", "different"),
        ("张晓明", "Anna Rossi", "different"),
        ("张晓明", "李建国", "different"),
    ],
)
def test_names_of_people(left, right, expected):
    assert level(talent(name=left), talent(name=right)) == expected


@pytest.mark.parametrize("text", ["", "  ", "***", "🙂", "12345"])
def test_what_is_no_name_is_unknown(text):
    assert person_name(text) is None


def test_a_name_with_an_english_one_shares_a_key_with_the_pinyin():
    assert set(name_keys(person_name("David Xiaoming Zhang"))) & set(name_keys(person_name("张晓明")))


@pytest.mark.parametrize(
    "text",
    [
        "13812345678",
        "+86 138 1234 5678",
        "138-1234-5678",
        "0086 138 1234 5678",
        "(86)13812345678",
        "１３８１２３４５６７８",
    ],
)
def test_phones_are_e164(text):
    assert phone(text) == "+8613812345678"


@pytest.mark.parametrize("text", ["", "abc", "138****5678", "11111111111", "1", "0" * 250])
def test_what_is_no_phone_is_unknown(text):
    assert phone(text) is None


def test_emails_have_one_spelling():
    assert email(" Wei.Zhang+jobs@Gmail.com") == "weizhang@gmail.com"
    assert email("Wei.Zhang@QQ.com") == "wei.zhang@qq.com"
    assert email("nobody") is None
    assert email("@qq.com") is None


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("上海云启河科技有限公司", "云启河科技", "same"),
        ("云启（上海）科技有限公司", "上海市云启科技股份有限公司", "same_short"),
        ("上海雲啟科技有限公司", "上海云启科技有限公司", "same_short"),
        ("云启科技集团", "云启科技", "same_short"),
        ("上海云启科技有限公司", "Yunqi Technology Co., Ltd.", "romanised_short"),
        ("上海云启科技有限公司", "云启", "brand"),
        ("云启科技有限公司", "云启物流有限公司", "other_trade"),
        ("云启网络科技", "云启科技", "part_of_trade_short"),
        ("云启河网络科技", "云启河科技", "part_of_trade"),
        ("云启科技", "芸祺科技", "sounds_same"),
        ("上海云启科技有限公司", "上海云启科技有限公司北京分公司", "other_branch"),
        ("上海云启科技有限公司（北京分公司）", "上海云启科技有限公司广州分公司", "other_branch"),
        ("上海云启科技有限公司（北京分公司）", "上海云启科技有限公司北京市分公司", "same_short"),
        ("志国力食品", "国志力食品", "misspelt"),
        ("Northwind Analytics, Inc.", "NORTHWIND ANALYTICS", "same"),
        ("Northwind Analytics GmbH", "Northwind Analytics G.m.b.H.", "same"),
        ("Northwind Robotics", "Bluefin Robotics", "different"),
        ("Northwind Harbour Bank", "Harbor Northwind Bank", "reordered"),
        ("Northwind Harbour Bank", "Northwnid Harbour Bank", "misspelt"),
        ("Fjord Motor Company", "Ford Motor Company", "misspelt"),
        ("BWI Industries", "BAE Industries", "different"),
        ("Northwind Fund II L.P.", "Northwind Fund III L.P.", "other_number"),
        ("Northwind Trust 2004-1", "Northwind Trust 2005-1", "other_number"),
        ("NHB", "Northwind Harbour Bank", "short_form"),
        ("中石化", "中国石油化工集团有限公司", "short_form"),
    ],
)
def test_names_of_companies(left, right, expected):
    assert level(company(left), company(right)) == expected


@pytest.mark.parametrize(
    ("slip", "name"),
    [
        ("长沙百软润件有限公司", "长沙百润软件有限公司"),
        ("苏州市恒志生物技术集有团限公司", "恒志生物技术"),
        ("明嶽（長沙）網絡技科股份有限公司", "明岳网络科技"),
        ("苏宏州润电子商务有限公司", "宏润电子商务"),
        ("凌越杭（州）科技股份有限公司", "凌越（杭州）科技"),
        ("云源重庆)电子商务有限公司", "重庆云源电子商务有限公司"),
        ("杭州恒禾投资管理限公司", "恒禾投资管理"),
        ("国宸（厦门）物流有限司", "国宸物流"),
        ("长沙华力信息术有限公司", "华力信息技术"),
        ("Wanke Pharmaceutical Co., Ld.", "Wanke Pharmaceutical Co., Ltd."),
        ("Huali E-commerce Co., tLd.", "Huali E-commerce"),
        ("Everwell Mdeia Ltd.", "Everwell Media"),
        ("Lumenforge ealth", "Lumenforge Health Corporation"),
    ],
)
def test_slips_in_the_usual_words_of_a_name_are_seen_through(slip, name):
    assert level(company(slip), company(name)) in ("same", "same_short")
    assert blocking_keys("company", {"name": slip}) & blocking_keys("company", {"name": name})


@pytest.mark.parametrize(
    ("text", "brand", "trades"),
    [
        ("云启控股有限公司", "云启", set()),
        ("阿里巴巴网络技术有限公司", "阿里巴巴", {"network", "tech"}),
        ("字节跳动科技有限公司", "字节跳动", {"tech"}),
        ("东方航空", "东方航空", set()),
        ("大众", "大众", set()),
        ("华力信息工程设计", "华力设计", {"information", "engineering"}),
        ("Trade Winds Media", "", {"media"}),
    ],
)
def test_names_without_a_slip_are_read_as_they_are(text, brand, trades):
    found = company_name(text)
    assert found is not None
    assert (found.brand, found.trades) == (brand, trades)


def test_what_a_name_says_of_the_trade_is_compared_with_the_industry():
    brand, named = company("恒思", industry="healthcare"), company("恒思生物技术有限公司")
    assert level(brand, named, "industry") == "same"
    assert level(company("恒思", industry="物流"), named, "industry") == "different"
    both = company("恒思生物技术", industry="healthcare"), company("恒思生物技术", industry="retail")
    assert level(*both, "industry") == "different_in_trade"
    assert level(company("恒思", industry="mining"), company("恒思", industry="Mining"), "industry") == "same"
    assert level(company("恒思"), named, "industry") is None


def test_the_places_in_two_names_are_compared_whatever_locations_they_share():
    left = company("北京云启科技有限公司", locations=["北京", "上海"])
    right = company("上海云启科技有限公司")
    assert level(left, right, "location") == "same"
    assert level(left, right, "seat") == "different"
    assert level(left, company("云启（北京）科技"), "seat") == "same"
    assert level(left, company("云启科技"), "seat") is None


def test_an_alias_keeps_the_identity_after_a_rename():
    renamed = company("上海星河科技有限公司", "上海云启河科技有限公司")
    assert level(renamed, company("云启河科技")) == "same"
    assert blocking_keys("company", {"name": "星河科技", "aliases": ["云启河科技"]}) & blocking_keys(
        "company", {"name": "上海云启河科技有限公司"}
    )


def test_a_short_alias_does_not_hide_another_trade():
    assert level(company("云启科技有限公司", "云启"), company("云启物流有限公司", "云启")) == "other_trade"


def test_places_in_names_count_as_locations():
    assert level(company("上海云启科技有限公司"), company("云启科技", locations=["北京"]), "location") == "different"
    assert level(company("上海云启科技有限公司"), company("云启科技", locations=["上海市"]), "location") == "same"
    assert level(company("浙江云启科技有限公司"), company("云启科技", locations=["杭州"]), "location") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://www.hr.yunqi.com.cn/about", "yunqi.com.cn"),
        ("YUNQI.COM", "yunqi.com"),
        ("https://company.zhaopin.com/CZ1", None),
        ("someone.github.io", "someone.github.io"),
        ("http://[", None),
        ("", None),
    ],
)
def test_domains(text, expected):
    assert domain(text) == expected


def test_companies_without_a_name_of_their_own_are_unknown():
    assert company_name("。") is None
    assert company_name("") is None


def test_schools():
    assert school("浙大") == school("Zhejiang University") == school("浙江大學") == "浙江大学"
    assert school("The University of Leeds") == school("University of Leeds")


def test_careers_that_conflict_are_told_from_careers_told_in_part():
    def career(*jobs):
        return talent(employments=[{"company": c, "title": "t", "start": s, "end": e} for c, s, e in jobs])

    long, same_then = career(("云启科技", "2015-03-01", "2020-01-01")), career(("云启科技有限公司", "2015-04-01", None))
    assert level(long, same_then, "employment") == "same_position"
    assert level(long, career(("星河科技", "2016-03-01", "2018-01-01")), "employment") == "elsewhere_then"
    assert level(long, career(("星河科技", "2020-01-01", "2022-01-01")), "employment") == "other_times"
    assert level(long, career(("云启科技", "2021-05-01", None)), "employment") == "same_employer"
    other_time = career(("云启科技", "2021-05-01", None), ("星河科技", "2016-03-01", "2018-01-01"))
    assert level(long, other_time, "employment") == "same_employer_other_time"
    twice = (("云启科技", "2015-03-01", "2017-01-01"), ("星河科技", "2017-01-01", None))
    assert level(career(*twice), career(*twice), "employment") == "same_positions"


def test_a_father_and_a_son_are_a_generation_apart():
    father = talent(education=[{"school": "浙江大学", "degree": "bachelor", "end": "1992-06-30"}])
    son = talent(education=[{"school": "浙江大学", "degree": "bachelor", "start": "2013-09-01"}])
    assert level(father, son, "age") == "generation"
    assert level(father, son, "education") == "other_year"
    worker = talent(employments=[{"company": "云启科技", "title": "t", "start": "1990-01-01"}])
    assert level(worker, son, "age") == "generation"


def contact(**fields):
    return {"name": "张晓明", "phones": ["13812345678"], "emails": ["zhangxm@qq.com"], **fields}


def test_one_person_in_two_systems_is_the_same():
    one = compare(talent(**contact()), talent(**contact(name="Xiaoming Zhang", emails=["ZHANGXM@qq.com"])))
    assert one.decision == "same"
    assert words(one.evidence, "en")[0].endswith(")")
    assert any("phone" in text for text in words(one.evidence, "en"))


def test_strangers_behind_a_recruiters_number_stay_apart():
    recruiter = {"phones": ["13800138123"], "emails": ["hr@headhunt.cn"]}
    pair = talent(name="张晓明", **recruiter), talent(name="李建国", **recruiter)
    assert compare(*pair).decision == "different"
    assert keys(pair[0]) & keys(pair[1]) == {"contacts|+8613800138123|hr@headhunt.cn"}


def test_a_twin_with_the_same_phone_is_not_merged():
    twin = talent(**contact(name="张晓亮", emails=["zhangxl@qq.com"]))
    assert compare(talent(**contact()), twin).decision != "same"


def test_a_branch_is_another_company():
    head = company("上海云启河科技有限公司", website="yunqihe.com", industry="software")
    branch = company("上海云启河科技有限公司北京分公司", website="yunqihe.com", industry="software")
    assert compare(head, branch).decision == "different"


def test_unsure_pairs_neither_link_nor_separate():
    assert Comparison(1.0, ()).decision == "unsure"
    assert Comparison(1.0, ()).link("a", "b").weight == 0
    assert Comparison(-2.0, ()).link("a", "b").weight == -2000
    assert Comparison(5.0, ()).link("a", "b").weight > 0
    assert Comparison(5.0, ()).decision == "same"


def test_kinds_are_not_mixed():
    with pytest.raises(TypeError):
        compare(PEOPLE[0], FIRMS[0])


@pytest.mark.parametrize("records", [PEOPLE, FIRMS], ids=["talent", "company"])
@given(st.data())
def test_the_score_is_symmetric(records, data):
    left, right = data.draw(st.sampled_from(records)), data.draw(st.sampled_from(records))
    assert compare(left, right) == compare(right, left)


texts = st.text(max_size=40) | st.sampled_from(
    ["张伟", "Wei Zhang", "云启科技有限公司", "1" * 300, "a@b.cn", "http://[::1"]
)
anything = st.recursive(st.none() | st.integers() | texts, lambda x: st.lists(x, max_size=4), max_leaves=5)


@pytest.mark.parametrize("entity", ["talent", "company"])
@given(st.data())
@settings(max_examples=60)
def test_any_fields_are_read_bounded_and_deterministic(entity, data):
    row = st.dictionaries(st.sampled_from(["school", "company", "start", "end", "degree"]), texts)
    names = list((Talent if entity == "talent" else Company).model_fields)
    fields = data.draw(st.dictionaries(st.sampled_from(names), anything | st.lists(row, max_size=3)))
    found = blocking_keys(entity, fields)
    assert len(found) <= MAX_KEYS
    assert found == blocking_keys(entity, fields)
    record = facts(entity, fields)
    assert compare(record, record) == compare(record, facts(entity, fields))


def test_keys_are_bounded_for_the_longest_records():
    jobs = [{"company": f"云{n}河科技", "title": "t"} for n in range(100)]
    schools = [{"school": f"第{n}大学"} for n in range(50)]
    many = {"name": "David Xiao Ming Zhang", "phones": [f"138{n:08}" for n in range(12345678, 12345698)]}
    many |= {"emails": [f"zhang.{n}xm@qq.com" for n in range(20)], "employments": jobs, "education": schools}
    assert len(blocking_keys("talent", many)) == MAX_KEYS


def test_every_level_has_words_in_both_languages():
    for entity in ("talent", "company"):
        for feature, by_level in weights(entity).items():
            assert feature == "prior" or all(len(_TEXTS[f"{feature}.{name}"]) == 2 for name in by_level)


def test_facts_are_of_their_kind():
    assert all(isinstance(f, TalentFacts) for f in PEOPLE)
    assert all(isinstance(f, CompanyFacts) for f in FIRMS)
