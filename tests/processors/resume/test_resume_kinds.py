"""Kinds of writing that real resumes have, each with a sheet of its own."""

from datetime import date

import pytest

from processors.resume.parse import parse_resume
from schemas.resume import ResumeProfile

TODAY = date(2026, 11, 29)


def read(*lines: str) -> ResumeProfile:
    return parse_resume("\n".join(lines), today=TODAY)


def heads(profile: ResumeProfile) -> list[tuple[str | None, str | None]]:
    return [(w.employer and w.employer.value, w.title and w.title.value) for w in profile.work]


def test_a_line_of_marks_says_nothing() -> None:
    found = read(
        "Work Experience", "Senior Accountant", "Falkner Brothers Ltd", "-", "Leeds", "03/2019 - Present",
        "Prepared monthly accounts.", "Junior Accountant", "Oakhill Group", "-", "York", "06/2015 - 02/2019",
    )  # fmt: skip
    assert heads(found) == [("Falkner Brothers Ltd", "Senior Accountant"), ("Oakhill Group", "Junior Accountant")]


def test_columns_that_are_about_nothing_of_a_position_are_left_out() -> None:
    found = read(
        "Employment Record",
        "Name and Address of Employer\tJob Title\tLine Manager\tFrom\tTo\tSalary\tReason for Leaving",
        "Green Valley Foods, Norwich\tProduction Planner\tMary Whit\t05/2019\t08/2023\t£32,000\tRedundancy",
        "Orchard Packers, Ely\tStock Controller\tPaul Dent\t02/2015\t04/2019\t£24,000\tCareer move",
    )
    assert [title for _, title in heads(found)] == ["Production Planner", "Stock Controller"]
    assert [w.description for w in found.work] == [None, None]


@pytest.mark.parametrize(
    ("line", "employer", "title"),
    [
        ("Sekretärin, Kanzlei Holm, 2015 - 2020", "Kanzlei Holm", "Sekretärin"),
        ("Cajera, Supermercado Luz, 2016 - 2020", "Supermercado Luz", "Cajera"),
        ("Cuisinière, Le Petit Four, 2016 - 2020", "Le Petit Four", "Cuisinière"),
        ("Nhân viên kho, Minh Phát, 2016 - 2020", "Minh Phát", "Nhân viên kho"),
    ],
)
def test_titles_of_other_languages_are_titles(line: str, employer: str, title: str) -> None:
    assert heads(read("Experience", line)) == [(employer, title)]


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        (["Ines Marek", "ines@example.com ◆ +44 7700 900321 ◆ Bristol, UK"], "Bristol, UK"),
        (["Omar Haddad", "Lives in Manchester", "omar@example.com"], "Manchester"),
    ],
)
def test_where_somebody_lives(lines: list[str], place: str) -> None:
    assert [a.value for a in read(*lines, "Experience", "Analyst, Northbank Ltd, 2018 - 2021").addresses] == [place]


@pytest.mark.parametrize(
    ("lines", "least"),
    [
        (["王芳", "求职意向", "会计主管", "杭州", "12K-18K"], 12_000),
        (["Peter Lamb", "Preferences", "Data Analyst", "London", "£45,000 - £55,000"], 45_000),
    ],
)
def test_pay_that_is_wished_for_without_a_label(lines: list[str], least: int) -> None:
    wished = read(*lines).salary_expected
    assert wished
    assert wished.value.minimum == least


def test_an_employers_site_is_not_the_persons() -> None:
    found = read(
        "Lena Fischer", "https://lenafischer.example.org", "Experience",
        "Engineer, Acme Cloud Ltd, 2019 - 2023", "https://acme.example.com",
    )  # fmt: skip
    assert [link.value.url for link in found.links] == ["https://lenafischer.example.org"]


def test_certificates_between_slashes() -> None:
    found = read("Certificates", "NEBOSH General / IOSH Managing Safely / First Aid at Work", "C1驾驶证/叉车证")
    names = [c.name.value for c in found.certificates]
    assert names == ["NEBOSH General", "IOSH Managing Safely", "First Aid at Work", "C1驾驶证", "叉车证"]


def test_years_of_the_republic_have_two_digits_beside_those_of_three() -> None:
    found = read("學歷", "國立中興大學 企業管理學系 98年9月 – 102年6月")
    (study,) = found.education
    assert study.start
    assert study.end
    assert (study.start.value, study.end.value) == ("2009-09", "2013-06")
    (other,) = read("学历", "湖南大学 会计学 98年9月 – 02年6月").education
    assert other.start
    assert other.start.value == "1998-09"


def test_what_a_profile_has_no_field_for_does_not_divide_a_head() -> None:
    found = read(
        "WORK EXPERIENCE", "Bureau of Land Management", "2850 Youngfield St, Lakewood, CO 80215", "Series/Grade: GS-0343-11",
        "03/2019 - Present", "Hours per week: 40", "Management Analyst", "Supervisor: Alan Reyes, may contact",
        "- Analyzed programs.", "U.S. Army, Fort Carson, CO", "06/2013 - 02/2019", "Hours per week: 40",
        "Human Resources Specialist", "- Processed actions.",
    )  # fmt: skip
    assert heads(found) == [
        ("Bureau of Land Management", "Management Analyst"),
        ("U.S. Army", "Human Resources Specialist"),
    ]


def test_the_person_of_an_export_is_found_by_the_address_without_its_accents() -> None:
    found = read(
        "Contacto", "www.linkedin.com/in/luciaortegaruiz (LinkedIn)", "Languages", "Inglés (Professional Working)",
        "Lucía Ortega Ruiz", "Contable senior en Grupo Levante", "Madrid, España", "Experiencia", "Grupo Levante",
        "Contable senior", "enero de 2019 - Present (7 años 11 meses)",
    )  # fmt: skip
    assert found.name
    assert found.name.value.full == "Lucía Ortega Ruiz"
    assert heads(found) == [("Grupo Levante", "Contable senior")]


def test_an_employer_and_a_title_with_nothing_between_them() -> None:
    found = read(
        "工作简历",
        "2009.08--2013.05  湖南省长沙县人民法院书记员",
        "2013.05--2018.11  湖南省长沙县人民法院助理审判员",
        "2018.11--        湖南省长沙市中级人民法院审判员",
    )
    assert heads(found) == [
        ("湖南省长沙县人民法院", "书记员"),
        ("湖南省长沙县人民法院", "助理审判员"),
        ("湖南省长沙市中级人民法院", "审判员"),
    ]
    assert [w.current for w in found.work] == [False, False, True]


def test_a_row_of_facts_is_no_head_of_a_table() -> None:
    found = read(
        "姓名\t李华\t性别\t男", "出生年月\t1985.07\t现任职务\t科长", "工作单位\t武汉市民政局\t学历\t本科",
        "工作经历", "2007.07-2019.08\t武汉长江机械厂\t技术员",
    )  # fmt: skip
    assert found.birth_date
    assert found.birth_date.value == "1985-07"
    assert found.gender
    assert found.gender.value == "male"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Certificates: First Aid at Work (2021), Manual Handling (2022)"],
         [("First Aid at Work", "2021"), ("Manual Handling", "2022")]),
        (["Certificates", "Course\tProvider\tDate", "Asbestos Awareness\tUKATA\t05/2021", "Working at Height\tIPAF\t06/2022"],
         [("Asbestos Awareness", "2021-05"), ("Working at Height", "2022-06")]),
        (["Zertifikate", "Staplerschein (2019) · Ersthelfer (2021) · Führerschein Klasse C/CE"],
         [("Staplerschein", "2019"), ("Ersthelfer", "2021"), ("Führerschein Klasse C/CE", None)]),
        (["证书与技能", "职业资格：注册会计师（CPA）2019", "语言：英语 CET-6"], [("注册会计师（CPA）", "2019")]),
    ],
    ids=["one line", "table", "dots", "another label"],
)  # fmt: skip
def test_certificates_as_they_are_listed(lines: list[str], expected: list[tuple[str, str | None]]) -> None:
    assert [(c.name.value, c.date) for c in read("Tom Reed", *lines).certificates] == expected


def test_an_honours_mark_in_brackets_is_no_field() -> None:
    (study,) = read("Education", "University of Leeds — BA History (2:1) — Sept 2010 to July 2013").education
    assert study.field
    assert study.field.value == "History"


def test_a_dash_before_a_place_that_is_not_told() -> None:
    found = read(
        "WORK EXPERIENCE", "", "Typing work", "", "Microsoft -", "", "January 2018 to Present", "",
        "Software developer", "", "Allscripts -", "", "August 2016 to December 2017", "", "Software developer",
    )  # fmt: skip
    assert heads(found) == [("Microsoft", "Typing work"), ("Allscripts", "Software developer")]


def test_a_title_that_holds_a_word_of_employers_is_no_employer() -> None:
    found = read(
        "WORK EXPERIENCE", "Developer", "Orbis -  Pune, Maharashtra", "August 2016 to Present", "Role: Developer"
    )
    assert heads(found) == [("Orbis", "Developer")]


def test_a_position_without_a_time_above_the_others() -> None:
    found = read(
        "WORK EXPERIENCE", "Associate Software Engineer", "oracle", "• Automation of reports", "• Support of users",
        "Engineer", "Infosys -  Pune, Maharashtra", "June 2012 to June 2014",
    )  # fmt: skip
    assert heads(found) == [("oracle", "Associate Software Engineer"), ("Infosys", "Engineer")]


def test_studies_without_a_time_stand_between_those_with_one() -> None:
    found = read(
        "EDUCATION", "MBA in Marketing", "Osmania University -  Hyderabad, Telangana", "B-tech in Electronics",
        "Kakatiya University -  Warangal, Telangana", "2008", "SSC", "Delhi Public School", "2003", "B.Com", "Shivaji Univercity",
    )  # fmt: skip
    told = [(s.school and s.school.value, s.degree and s.degree.value, s.end and s.end.value) for s in found.education]
    assert told == [
        ("Osmania University", "MBA", None),
        ("Kakatiya University", "B-tech", "2008"),
        ("Delhi Public School", "SSC", "2003"),
        ("Shivaji Univercity", "B.Com", None),
    ]


def test_labels_of_tools_are_no_employers() -> None:
    found = read(
        "WORK EXPERIENCE", "Test Engineer", "Harbour Analytics Ltd", "June 2016 to Present", "Operating System: Windows 7",
        "Roles and Responsibilities:", "• Tests of releases",
    )  # fmt: skip
    assert heads(found) == [("Harbour Analytics Ltd", "Test Engineer")]


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (["■ 其他", "证书：C1驾照/营销师三级"], ["C1驾照", "营销师三级"]),
        (["TICKETS", "CSCS Card", "Gas Safe"], ["CSCS Card", "Gas Safe"]),
        (["CERTIFICATIONS", "NEBOSH National General Certificate", "NEBOSH", "2019"], ["NEBOSH National General Certificate"]),
        (["工作经历", "2020年1月-2023年12月 某某五金有限公司 焊工", "证件：叉车证，低压电工操作证"], ["叉车证", "低压电工操作证"]),
        (["教育经历", "2016年9月-2020年6月 大连海事大学 英语 本科", "证书 小学教师资格证 普通话二级甲等"], ["小学教师资格证", "普通话二级甲等"]),
    ],
)  # fmt: skip
def test_certificates_in_lists_behind_a_label(lines: list[str], names: list[str]) -> None:
    assert [c.name.value for c in read("Tom Reed", *lines).certificates] == names


@pytest.mark.parametrize(
    ("lines", "school", "level", "field"),
    [
        (["Degrees", "2020\tBEng (Hons) in Ecology, University of Exeter"], "University of Exeter", "bachelor", "Ecology"),
        (["School", "• Purdue University, B.A. in Physics (2013–2017)"], "Purdue University", "bachelor", "Physics"),
        (["学历：大专，2015年毕业于郑州铁路职业技术学院焊接专业", "要求：包吃住"], "郑州铁路职业技术学院", "associate", "焊接"),
        (["求学 2016年9月起，2020年6月止", "大连海事大学 英语 本科"], "大连海事大学", "bachelor", "英语"),
        (["Estudios", "2011 - 2015: Grado en Historia. Universidad de Vigo."], "Universidad de Vigo", "bachelor", "Historia"),
        (["Education", "2022\tMaster of Business (Cookery), James Cook University"], "James Cook University", "master", "Cookery"),
        (["Education", "2012-2014 Certificate III in Cookery, TAFE Queensland"], "TAFE Queensland", None, "Cookery"),
        (["Utdanning", "2015 - 2018  Bachelor i økonomi, Universitetet i Oslo"], "Universitetet i Oslo", "bachelor", "økonomi"),
        (["Wykształcenie", "2012 – 2014 Uniwersytet Warszawski, studia magisterskie, Finanse"], "Uniwersytet Warszawski", "master", "Finanse"),
        (["학력사항", "2010.03 - 2014.02  서울대학교 경영학과 졸업(학사)"], "서울대학교", "bachelor", "경영학과"),
        (["Formation", "2015 Brevet professionnel Boulanger, CFA de Lille"], "CFA de Lille", None, "Boulanger"),
        (["教育经历", "学校：北京电影学院", "专业：动画本科", "时间：2010.09 - 2014.06"], "北京电影学院", "bachelor", "动画"),
    ],
)  # fmt: skip
def test_studies_as_they_are_told(lines: list[str], school: str, level: str | None, field: str) -> None:
    (study,) = read("Jo Fox", *lines).education
    assert study.school
    assert study.field
    assert (study.school.value, study.level, study.field.value) == (school, level, field)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["EXPERIENCIA LABORAL", "Julio 2025 - Actualidad", "Empresa: Bodegas Sur S.L.", "Puesto: Contable", "Funciones: pedidos",
          "Mayo 2021 - junio 2025", "Empresa: Gestoría Real S.L.", "Puesto: Cajera", "Funciones: caja"],
         [("Bodegas Sur S.L.", "Contable", "2025-07", None), ("Gestoría Real S.L.", "Cajera", "2021-05", "2025-06")]),
        (["Employment history", "Employer name\tLakeview Hospital", "Job title\tNurse Manager", "Start date\t01/09/2025",
          "Employer name\tMaple Home", "Job title\tNurse", "Start date\t01/06/2023", "End date\t31/08/2025"],
         [("Lakeview Hospital", "Nurse Manager", "2025-09", None), ("Maple Home", "Nurse", "2023-06", "2025-08")]),
        (["Employment", "Name of school\tPost held\tFrom\tTo", "St Cuthbert's High School\tTeacher\t03/2023\tTo date"],
         [("St Cuthbert's High School", "Teacher", "2023-03", None)]),
        (["Career Summary", "Dates\tRole\tVenue", "2025-Current\tBarista\tSaltwind Resort", "Employment History", "Barista",
          "Saltwind Resort, Cairns", "September 2025 – Current", "• Served"],
         [("Saltwind Resort", "Barista", "2025-09", None)]),
        (["Experience", "Since Jan'19 with Larkfield Motors, Pune as Sales Manager"],
         [("Larkfield Motors", "Sales Manager", "2019-01", None)]),
        (["Esperienza", "2015 - 2018 Cassiera, Como (CO), Supermercati Lario"],
         [("Supermercati Lario", "Cassiera", "2015", "2018")]),
        (["## Experiencia", "- **Contable** en *Grupo Levante* (enero 2019 - mayo 2020)"],
         [("Grupo Levante", "Contable", "2019-01", "2020-05")]),
        (["경력사항", "2014.03 - 2018.02 주식회사 한빛 마케팅팀 대리"], [("주식회사 한빛", "대리", "2014-03", "2018-02")]),
    ],
)  # fmt: skip
def test_positions_as_they_are_told(lines: list[str], expected: list[tuple[str | None, ...]]) -> None:
    found = read("Jo Fox", *lines)
    told = [(w.employer, w.title, w.start, w.end) for w in found.work]
    assert [tuple(value and value.value for value in row) for row in told] == expected


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("12 Elm Street, Boise, ID 83702", "Boise, ID"),
        ("4 Mill Lane, Taunton, TA1 2AB", "Taunton"),
        ("Hauptstr. 5, 4600 Wels", "Wels"),
        ("Rua das Flores 12, Niterói - RJ", "Niterói"),
    ],
)
def test_the_town_of_a_letterhead(line: str, place: str) -> None:
    assert [a.value for a in read("Jo Fox", line).addresses] == [place]


def test_names_in_hangul_and_arabic() -> None:
    korean, arabic = read("김민수", "경력사항").name, read("محمد أحمد علي", "muhammad@example.com").name
    assert korean
    assert arabic
    assert (korean.value.family, korean.value.given) == ("김", "민수")
    assert arabic.value.full == "محمد أحمد علي"


def test_languages_by_their_names_in_other_languages() -> None:
    found = read("Jo Fox", "Languages", "engelsk", "tysk", "Putonghua", "Euskera", "tiếng Anh", "русский")
    assert [spoken.code for spoken in found.languages] == ["en", "de", "zh", "eu", "ru"]
