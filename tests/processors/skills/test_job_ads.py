"""What an ad requires, prefers and does not need, by its lines, headings and words."""

import pytest

from processors.skills import Education, JobDemands, read_job_ad


def asked(found: JobDemands) -> tuple[set[str], set[str]]:
    return set(found.required), set(found.preferred)


@pytest.mark.parametrize(
    ("text", "required", "preferred"),
    [
        ("Requirements: PHP, Laravel, Redis\nPreferred: Docker, Vue", {"php", "laravel", "redis"}, {"docker", "vue"}),
        ("Strong SQL and Tableau skills are required\nFamiliarity with Looker is desirable", {"sql", "tableau"}, {"looker"}),
        ("Essential: Python, Django. Desirable: Ansible, Docker", {"python", "django"}, {"ansible", "docker"}),
        ("Must have\n- Go\n- gRPC\n\nBonus points for\n- Scala", {"go", "grpc"}, {"scala"}),
        ("Bonus: Kafka\nRequired: Java, Spring Boot", {"java", "spring-boot"}, {"kafka"}),
        ("加分项：熟悉Kafka\n必备：Java、MySQL", {"java", "mysql"}, {"kafka"}),
        ("任职要求（3年以上）\n1、熟悉SQL、Python\n2、有Tableau经验者优先", {"sql", "python"}, {"tableau"}),
        ("**Requirements (2+ years)**\n* Kotlin\n\n## Even better if you have:\n* Jenkins", {"kotlin"}, {"jenkins"}),
        ("Requirements\nKotlin\nNice to have: Figma\nXcode", {"kotlin", "xcode"}, {"figma"}),
        ("<p><b>What you bring</b></p><ul><li>TypeScript</li></ul><p><b>Pluses</b></p><ul><li>AWS</li></ul>",
         {"typescript"}, {"amazon-web-services"}),
        ("No Java required. You must know Python.", {"python"}, set()),
        ("PHP is not needed, but Ruby is a must.", {"ruby"}, set()),
        ("Docker is helpful but not required. Must know Go.", {"go"}, {"docker"}),
        ("Terraform is not essential. SQL is essential.", {"sql"}, {"terraform"}),
        ("无需Java经验，要求熟悉Python。", {"python"}, set()),
        ("不要求英语，必须熟悉Excel。", {"excel"}, set()),
        ("必须熟悉包括但不限于Java的语言", {"java"}, set()),
        ("Must hold CSCS card, SMSTS and a full UK driving licence.", {"cscs card", "smsts", "driving"}, set()),
        ("Requirements\n- Go\n- Rust\n- C\n\nWhat would be nice\n- Zig", {"go", "rust", "c"}, {"zig"}),
        ("任职要求：\n1. Rust\n2. Go", {"rust", "go"}, set()),
        ("熟练掌握Vue、TypeScript，最好会React", {"vue", "typescript"}, {"react"}),
        ("负责前端开发，精通Vue，了解Webpack者优先", {"vue"}, {"webpack"}),
        ("必须精通C++。有Rust经验者优先。", {"c++"}, {"rust"}),
        ("You must know Linux. We do not use PHP. This is not a Java role.", {"linux"}, set()),
        ("The ideal candidate must know Salesforce. Docker, preferred", {"salesforce"}, {"docker"}),
        ("要求：电工证、叉车证、塔吊司机证", {"electrician licence", "forklift licence", "crane licence"}, set()),
        ("你需要\n◆ Swift\n◆ Git\n最好有\n◆ Flutter", {"swift", "git"}, {"flutter"}),
        ("【加分】有大厂经验、熟悉Rust 【必须】3年以上Go开发经验，熟悉MySQL", {"go", "mysql"}, {"rust"}),
        ("必须熟悉CAD、SketchUp 会Photoshop者优先", {"autocad", "sketchup"}, {"photoshop"}),
        ("You must know React and Node.js (TypeScript preferred).", {"react", "node.js"}, {"typescript"}),
        ("Requirements: Excel (advanced). Desirable: VBA", {"excel"}, {"vba"}),
        ("Must know Ruby. It'd be great if you had some Elixir.", {"ruby"}, {"elixir"}),
        ("Must be forklift certified, with a PSV licence", {"forklift licence", "pcv licence"}, set()),
        ("要求：持低压电工证、焊工证，有健康证优先", {"electrician licence", "welding certificate"}, {"health certificate"}),
    ],
)  # fmt: skip
def test_what_is_required_and_what_is_a_wish(text: str, required: set[str], preferred: set[str]) -> None:
    assert asked(read_job_ad(text)) == (required, preferred)


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("测试工程师 15-25K·14薪 杭州·余杭 1-3年 本科\n岗位要求：熟悉Python", 1, 3),
        ("Data Engineer | Leeds | £50k | 5+ years | Bachelor", 5, None),
        ("Requirements (4+ years):\n- Java", 4, None),
        ("• 6+ years\n• Java", 6, None),
        ("We have been in business for 30 years. You have 2 years of experience.", 2, None),
        ("接受应届生，无需经验", 0, None),
        ("No prior experience is required.", 0, None),
        ("No prior coding experience needed.", 0, None),
        ("欢迎应届毕业生投递", 0, None),
        ("零基础可带薪培训", 0, None),
        ("3-5 yrs exp", 3, 5),
        ("10 or more years in finance", 10, None),
        ("Up to 3 years of experience", 0, 3),
        ("between 2 and 4 years of experience", 2, 4),
        ("You have 3+ years of experience with React (TypeScript preferred).", 3, None),
        ("Recent graduates encouraged to apply", 0, None),
        ("3年以下经验", 0, 3),
        ("No more than 3 people. Aged 18 years old or over.", None, None),
    ],
)
def test_years_are_demanded_by_sentences_headings_and_rows_of_facts(
    text: str, least: float | None, most: float | None
) -> None:
    found = read_job_ad(text)
    assert (found.years_min, found.years_max) == (least, most)


def test_a_degree_that_is_not_needed_is_none() -> None:
    assert read_job_ad("Bachelor's degree not required.").education is None
    assert read_job_ad("学历不限，本科优先").education is None
    assert read_job_ad("大专及以上学历").education is Education.ASSOCIATE
    assert read_job_ad("BS/MS in Computer Science").education is Education.BACHELOR
    assert read_job_ad("Educated to degree level").education is Education.BACHELOR
    assert read_job_ad("A-levels or equivalent").education is Education.SECONDARY
    assert read_job_ad("高中英语编辑，本科学历").education is Education.BACHELOR
    assert read_job_ad("高中及以上学历").education is Education.SECONDARY


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("Java or Kotlin", [("java", "kotlin")]),
        ("Java, Kotlin or Scala", [("java", "kotlin", "scala")]),
        ("Java and Kotlin", []),
        ("熟悉 MySQL、PostgreSQL、SQLite 之一", [("mysql", "postgresql", "sqlite")]),
        ("MySQL/PostgreSQL", [("mysql", "postgresql")]),
        ("One of React, Vue, Angular", [("react", "vue", "angular")]),
        ("Python, Java", []),
    ],
)
def test_alternatives_are_told_apart_from_lists(text: str, groups: list[tuple[str, ...]]) -> None:
    assert list(read_job_ad(text).alternatives) == groups


def test_a_text_that_was_wrapped_keeps_its_sentences() -> None:
    text = (
        "We are looking for somebody who has run Kafka in production for a\n"
        "year or longer and who knows Terraform, Ansible and the usual tools of\n"
        "the trade. Docker and Kubernetes on several clouds would be a plus for\n"
        "us, as would be some Rust.\n"
    )
    assert set(read_job_ad(text).preferred) >= {"docker", "kubernetes"}
    assert "kafka" not in read_job_ad(text).preferred


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("Senior Data Scientist (5-8 years)\nMust: Python", (5, 8)),
        ("数据工程师（3-5年经验）\n要求：Python", (3, 5)),
        ("3-5 years of C++", (3, 5)),
        ("Warehouse Operative (2 years fixed term)\nMust: forklift licence", (None, None)),
    ],
)
def test_years_behind_a_title_and_of_a_skill(text: str, years: tuple[float | None, float | None]) -> None:
    found = read_job_ad(text)
    assert (found.years_min, found.years_max) == years
