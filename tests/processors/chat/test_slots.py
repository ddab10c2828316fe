"""What messages say of slots, in both languages: set, added, dropped, excluded, corrected, answered with a bare value."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.chat.slots import read_edits


def said(text: str, bare: str | None = None) -> list[tuple[str, str, object]]:
    return [
        (e.slot, e.operation, e.value if e.slot != "salary" else (e.value.get("minimum"), e.value.get("maximum")))  # type: ignore[union-attr]
        for e in read_edits(text, "zh", bare=bare)
    ]


@pytest.mark.parametrize(
    ("text", "edits"),
    [
        (
            "想找上海的Java后端工作，月薪2万以上，3年经验",
            [
                ("places", "set", "shanghai"),
                ("skills", "add", "java"),
                ("role", "set", "backend"),
                ("salary", "set", (20000, None)),
                ("years", "set", 3),
            ],
        ),
        (
            "remote Python jobs in Berlin, 5+ years",
            [("remote", "set", True), ("skills", "add", "python"), ("places", "set", "berlin"), ("years", "set", 5)],
        ),
        ("不要Java，要Golang", [("skills", "negate", "java"), ("skills", "add", "go")]),
        ("不是上海，是杭州", [("places", "remove", "shanghai"), ("places", "set", "hangzhou")]),
        ("not Shanghai but Hangzhou", [("places", "remove", "shanghai"), ("places", "set", "hangzhou")]),
        ("北京也可以", [("places", "add", "beijing")]),
        ("不要北京和上海", [("places", "negate", "beijing"), ("places", "negate", "shanghai")]),
        ("去掉Java", [("skills", "remove", "java")]),
        ("臺北的工作", [("places", "set", "taipei")]),
        (
            "本科，全职，不接受外包",
            [
                ("education", "set", "bachelor"),
                ("employment_type", "set", "full_time"),
                ("employment_type", "remove", "contract"),
            ],
        ),
        ("三万以内", [("salary", "set", (None, 30000))]),
        ("地点都可以", [("places", "remove", None)]),
        ("月薪六七千", [("salary", "set", (6000, 7000))]),
        ("8000到1万", [("salary", "set", (8000, 10000))]),
        ("一小时20以上", [("salary", "set", (20, None))]),
        ("budget is 25 lakhs", [("salary", "set", (2_500_000, None))]),
        ("干了十二年", [("years", "set", 12)]),
        ("把上海改成杭州", [("places", "remove", "shanghai"), ("places", "set", "hangzhou")]),
        ("Lyon instead of Paris", [("places", "set", "lyon"), ("places", "remove", "paris")]),
        ("change the years to 2", [("years", "set", 2)]),
        ("年限放宽到5", [("years", "set", 5)]),
        ("Germany or the UK", [("places", "set", "germany"), ("places", "add", "united kingdom")]),
        ("长三角都可以", [("places", "add", "长三角")]),
        ("change London to Leeds", [("places", "remove", "london"), ("places", "set", "leeds")]),
        ("Not London, Leeds", [("places", "remove", "london"), ("places", "set", "leeds")]),
        ("北京还是去掉吧", [("places", "remove", "beijing")]),
        ("不想干销售了，想做人事", [("role", "set", "human_resources")]),
        ("会数据分析的产品经理", [("skills", "add", "data-analysis"), ("role", "set", "product")]),
        ("招叉车工", [("role", "set", "forklift")]),
        ("不要华为的", [("company", "negate", "华为")]),
        ("能在家干的活", [("remote", "set", True)]),
        ("not contractors", [("employment_type", "negate", "contract")]),
        ("Vue 我不太熟，去掉吧", [("skills", "remove", "vue")]),
        ("北京的房租太贵，看看天津的", [("places", "remove", "beijing"), ("places", "set", "tianjin")]),
        ("把深圳去了", [("places", "remove", "shenzhen")]),
        ("北京和上海不要", [("places", "negate", "beijing"), ("places", "negate", "shanghai")]),
        ("除了Java我还会Kafka", [("skills", "add", "java"), ("skills", "add", "kafka")]),
        ("实习改全职", [("employment_type", "remove", "internship"), ("employment_type", "set", "full_time")]),
        ("Kafka不重要", [("skills", "remove", "kafka")]),
        ("Kafka is optional", [("skills", "remove", "kafka")]),
        ("不限地区", [("places", "remove", None)]),
        ("drop the degree requirement", [("education", "remove", None)]),
        ("4500以上", [("salary", "set", (4500, None))]),
        ("招个电商客服", [("role", "set", "customer_service")]),
        ("SEO and Kafka", [("skills", "add", "search-engine-optimisation"), ("skills", "add", "kafka")]),
        ("HK 也行", [("places", "add", "hong kong")]),
        ("10人的团队，月薪2万", [("salary", "set", (20000, None))]),
        ("第二个怎么样", []),
        ("5 years ago I moved", []),
    ],
)
def test_messages(text: str, edits: list[tuple[str, str, object]]) -> None:
    assert sorted(said(text), key=str) == sorted(edits, key=str)


def test_a_bare_value_answers_the_question_only() -> None:
    assert said("25000", "salary") == [("salary", "set", (25000, None))]
    assert said("25000") == said("25000", "salary"), "nothing else has so many digits"
    assert said("25") == []
    assert said("5", "years") == [("years", "set", 5.0)]


def test_days_are_read_from_a_day_on() -> None:
    (edit,) = read_edits("下周三面试", "zh", today=date(2026, 3, 2))
    assert (edit.slot, edit.value) == ("date", "2026-03-11")
    assert read_edits("下周三面试", "zh") == ()


@given(st.text(alphabet="一二两三四五六七八九十百千万零〇年个月岁块k不要改成上海", max_size=40))
def test_any_numeral_is_read(text: str) -> None:
    assert all(edit.slot for edit in read_edits(text, "zh", bare="years"))


@given(st.text(max_size=300), st.sampled_from([None, "salary", "years"]))
def test_any_text_is_read(text: str, bare: str | None) -> None:
    for edit in read_edits(text, "en", bare=bare):
        assert edit.value is not None or edit.operation == "remove"
