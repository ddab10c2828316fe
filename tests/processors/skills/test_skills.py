import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.skills import Education, Kind, Level, Requirement, extract_skills, read_job_ad, summarise
from tests.support.growth import grows_no_faster_than_its_input


def ids(text: str) -> list[str]:
    return [m.skill_id for m in extract_skills(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Experience in Go, C, R and Kafka", ["go", "c", "r", "kafka"]),
        ("We go above and beyond. Go to market with us; time to go live", []),
        ("Written in Go", ["go"]),
        ("用Go语言开发", ["go"]),
        ("熟练使用C/C++/Go/Python", ["c", "c++", "go", "python"]),
        ("Excel in your career with us", []),
        ("Proficient in Excel and Word", ["excel", "word"]),
        ("a word of advice", []),
        ("R&D engineer, C-level support", []),
        ("负责C端产品和to C业务", []),
        ("精通C语言", ["c"]),
        ("Spring 2024 intake, this spring", []),
        ("熟悉Spring、MyBatis", ["spring", "mybatis"]),
        ("a swift response to the rest of the team", []),
        ("iOS: Swift, Objective-C", ["ios-development", "swift", "objective-c"]),
        ("rust proofing of cars", []),
        ("JavaScript is not Java", ["javascript", "java"]),
        ("javascripting", []),
        ("C# and .NET Core, ASP.NET", ["c#", ".net-core", "asp.net"]),
        ("Vue3, HTML5, Python3.8", ["vue", "html", "python"]),
        ("machine\nlearning, 机器\n学习", ["machine-learning", "machine-learning"]),
        ("小程序开发经验", ["mini-program-development"]),
        ("提供社会保险、员工旅游、年度体检、入职培训", []),
        ("REST APIs and microservices", ["rest-apis", "microservices"]),
        ("Kuberentes and Elasticserach", ["kubernetes", "elasticsearch"]),
        ("熟悉运营、会计", ["operations-management", "accounting"]),
        ("公司运营多年", []),
        ("Send your CV to us, PowerBI", ["power-bi"]),
        ("", []),
    ],
)
def test_context_decides_what_is_a_skill(text, expected):
    assert ids(text) == expected


def test_the_longest_name_wins():
    assert ids("Spring Cloud Alibaba, React Native, SQL Server") == ["spring-cloud", "react-native", "sql-server"]


@pytest.mark.parametrize(
    ("text", "skill", "level"),
    [
        ("精通Java、Python，熟悉Go语言；了解Rust", "python", Level.EXPERT),
        ("精通Java、Python，熟悉Go语言；了解Rust", "go", Level.FAMILIAR),
        ("精通Java、Python，熟悉Go语言；了解Rust", "rust", Level.BASIC),
        ("熟练掌握MySQL", "mysql", Level.PROFICIENT),
        ("Java（精通）、MySQL（了解）", "java", Level.EXPERT),
        ("Java（精通）、MySQL（了解）", "mysql", Level.BASIC),
        ("Expert in Kubernetes", "kubernetes", Level.EXPERT),
        ("Proficient in Kubernetes and Docker", "docker", Level.PROFICIENT),
        ("familiar with Docker", "docker", Level.FAMILIAR),
        ("basic SQL", "sql", Level.BASIC),
        ("English: native", "english", Level.EXPERT),
        ("英语流利", "english", Level.PROFICIENT),
        ("Docker", "docker", None),
        ("精通业务。Docker", "docker", None),
    ],
)
def test_the_wording_tells_the_level(text, skill, level):
    assert next(m.level for m in extract_skills(text) if m.skill_id == skill) == level


@pytest.mark.parametrize(
    ("text", "skill", "years"),
    [
        ("5年Java开发经验，3年Spring Boot经验", "java", 5),
        ("5年Java开发经验，3年Spring Boot经验", "spring-boot", 3),
        ("三年以上Python经验", "python", 3),
        ("Python (4 years), Kafka: 2 yrs", "python", 4),
        ("Python (4 years), Kafka: 2 yrs", "kafka", 2),
        ("3+ years of experience with Python, MySQL and Kafka", "kafka", 3),
        ("at least two years of Docker", "docker", 2),
        ("2019年使用Docker", "docker", None),
        ("2018-2020年 Docker", "docker", None),
    ],
)
def test_years_nearby_belong_to_the_skill(text, skill, years):
    assert next(m.years for m in extract_skills(text) if m.skill_id == skill) == years


AD = """岗位职责：
1、负责推荐系统的研发；
任职要求：
1、统招本科及以上学历，硕士优先，3-5年工作经验；
2、精通C/C++、Linux；
3、熟悉小程序开发，有Kubernetes、Kafka经验者优先；
4、良好的沟通能力。
加分项：
1、熟悉Flink；
福利待遇：
英语培训、五险一金
"""


def test_a_chinese_ad_tells_required_from_preferred_and_its_demands():
    ad = read_job_ad(AD)
    assert ad.required == ("c", "c++", "linux", "mini-program-development", "communication")
    assert ad.preferred == ("kubernetes", "kafka", "flink")
    assert ad.mentioned == ("recommender-systems",)
    assert (ad.years_min, ad.years_max) == (3, 5)
    assert (ad.education, ad.education_preferred) == (Education.BACHELOR, Education.MASTER)


def test_an_english_ad_tells_required_from_preferred_and_its_demands():
    ad = read_job_ad(
        "Responsibilities:\n- Build things with Redis\nRequirements:\n- 5+ years of professional experience\n"
        "- Must know SQL\n- Docker is a plus\n- Bachelor's degree, PhD preferred\nNice to have:\n- Python, Terraform\n"
        "Benefits:\n- French lessons\n"
    )
    assert ad.required == ("sql",)
    assert ad.preferred == ("docker", "python", "terraform")
    assert ad.mentioned == ("redis",)
    assert ad.years_min == 5
    assert (ad.education, ad.education_preferred) == (Education.BACHELOR, Education.DOCTOR)


def test_an_ad_that_demands_nothing_says_so():
    ad = read_job_ad("Come and join us")
    assert (ad.required, ad.years_min, ad.education) == ((), None, None)


def test_years_of_a_skill_count_when_none_are_said_in_general():
    assert read_job_ad("要求：4年以上Java开发经验").years_min == 4


def test_names_follow_the_language_of_the_text_or_the_wish():
    assert extract_skills("熟悉机器学习")[0].name == "机器学习"
    assert extract_skills("machine learning at scale")[0].name == "Machine Learning"
    assert extract_skills("熟悉机器学习", language="en")[0].name == "Machine Learning"


def test_kinds_tell_skills_apart():
    kinds = {m.skill_id: m.kind for m in extract_skills("Docker, teamwork, English, 会计, algorithms")}
    assert kinds == {
        "docker": Kind.TOOL, "teamwork": Kind.SOFT, "english": Kind.LANGUAGE, "accounting": Kind.DOMAIN,
        "algorithms": Kind.HARD,
    }  # fmt: skip


def test_a_misspelt_or_doubtful_mention_is_less_sure():
    sure = {m.skill_id: m.confidence for m in extract_skills("Docker, Kuberentes, Go, 数学等相关专业")}
    assert sure["docker"] == 1
    assert all(sure[s] < 1 for s in ("kubernetes", "go", "mathematics"))


def test_a_summary_joins_mentions_and_adds_what_they_imply():
    found = summarise(extract_skills("熟悉Spring Cloud。精通Spring Cloud，5年经验；3年Spring Cloud"))
    first, *implied = found
    assert (first.skill_id, first.level, first.years, len(first.mentions)) == ("spring-cloud", Level.EXPERT, 5, 3)
    by_id = {s.skill_id: s for s in implied}
    assert by_id["java"].implied_by == ("spring-cloud",)
    assert by_id["java"].confidence < first.confidence
    assert not by_id["java"].mentions


def test_requirement_is_none_where_nothing_is_said():
    assert extract_skills("Docker")[0].requirement is None
    assert extract_skills("Docker, preferred")[0].requirement is Requirement.PREFERRED


PIECES = st.sampled_from(
    ["Java", "Go", "C", "R", "Excel", "Spring Boot", "机器学习", "精通", "优先", "5年", " ", "\n", "、", ",", "(", "）", "。", "要求：",
     "Kuberentes", "de", "C++", "ＪＡＶＡ", "資料庫", ".", "years", "plus", "福利：", "1、", "\u3000", "😀", "İ"]
)  # fmt: skip


@settings(max_examples=80)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_evidence_is_in_the_text_in_order_and_does_not_overlap(text):
    end = 0
    for mention in extract_skills(text):
        assert end <= mention.start < mention.end <= len(text)
        assert mention.text == text[mention.start : mention.end]
        assert 0 < mention.confidence <= 1
        end = mention.end


@given(st.text(max_size=300))
def test_no_text_breaks_it(text):
    read_job_ad(text)


@pytest.mark.parametrize(
    "piece", ["精通", "(((", "1、", " \n", "java,", "a b ", "有经验", "C", "5年", "要求：\n", "5年Java经验", "java\n"]
)
def test_repetition_costs_linear_time(piece):
    assert grows_no_faster_than_its_input(lambda times: read_job_ad(piece * times), 250, most=1000)


@pytest.mark.parametrize("text", ["熟悉HTML/CSS", "Skills:\nHTML\nCSS\nReact"])
def test_what_is_written_together_is_two_skills(text: str) -> None:
    assert {"html", "css"} <= {m.skill_id for m in extract_skills(text)}


@pytest.mark.parametrize(
    ("text", "skill"),
    [
        ("负责信息化工作", "化工"),
        ("设备维护工作", "护工"),
        ("协助产品经理", "助产"),
        ("确保安全生产", "保安"),
        ("气体检测", "体检"),
        ("投资管理", "资管"),
        ("良好的调节能力", "节能"),
        ("落地产品方案", "地产"),
        ("高中文凭", "中文"),
        ("邮政编码：200000", "编码"),
    ],
)
def test_a_chinese_word_across_two_others_is_no_skill(text: str, skill: str) -> None:
    assert skill not in [m.text for m in extract_skills(text)]
    assert skill in [m.text for m in extract_skills(f"{skill}、沟通")]


@pytest.mark.parametrize("blank", [" ", "\u3000", "\t"])
def test_a_heading_behind_any_number_of_blanks_is_one(blank: str) -> None:
    told = extract_skills(f"Nice to have:\nKafka.{blank * 80_000}Requirements:{blank}Python\n")
    assert {skill.skill_id: skill.requirement for skill in told} == {
        "kafka": Requirement.PREFERRED,
        "python": Requirement.REQUIRED,
    }
