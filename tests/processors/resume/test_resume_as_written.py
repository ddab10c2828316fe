"""Forms that people's resumes have, one row each: of names, numbers, times, degrees, heads, certificates, letters."""

from datetime import date
from typing import Any

import pytest

from processors.resume import parse_resume
from schemas.resume import Found, ResumeProfile, Work

TODAY = date(2026, 11, 29)
WHO = "Priya Raman\npriya@example.com | Portland, OR\n"


def of(text: str) -> ResumeProfile:
    return parse_resume(text, today=TODAY)


def value(found: Found[Any] | None) -> Any:
    return found.value if found else None


def short(work: Work) -> tuple[str | None, str | None, str | None, str | None]:
    end = "now" if work.current else value(work.end)
    return value(work.employer), value(work.title), value(work.start), end


@pytest.mark.parametrize(
    ("top", "name"),
    [
        ("Raman, Priya", "Priya Raman"),
        ("Priya Raman she/her/hers", "Priya Raman"),
        ("P R I Y A\tR A M A N", "Priya Raman"),
        ("Priya Raman's Resume", "Priya Raman"),
        ("Priya Raman CV 2025", "Priya Raman"),
        ("Surname: Raman\nGiven names: Priya", "Priya Raman"),
        ("Nom : Raman\nPrénom : Priya", "Priya Raman"),
        ("Father's Name: Mr. R. Deshmukh\nPRIYA RAMAN", "Priya Raman"),
        ("Abd al-Karim Haddad", "Abd al-Karim Haddad"),
        ("Priya Raman, Backend Developer", "Priya Raman"),
        ("Priya Raman M.Sc.", "Priya Raman"),
        ("Dipl.-Ing. (FH) Priya Raman", "Priya Raman"),
        ("priya raman", "Priya Raman"),
        ("Priya (Pri) Raman", "Priya Raman"),
        ("Hi! I am Priya Raman.", "Priya Raman"),
        ("ANGABEN ZUR PERSON Priya Raman", "Priya Raman"),
        ("陆思源（男，1992年）", "陆思源"),
        ("运维工程师 陆思源", "陆思源"),
        ("陆思源-运维工程师-5年", "陆思源"),
        ("應徵者：陳怡君", "陳怡君"),
        ("陳怡君 (Chen, Yi-Chun)", "陳怡君"),
    ],
)
def test_names(top: str, name: str) -> None:
    found = of(f"{top}\nsomeone@example.com | +1 415 555 0173\nSummary\nCalm under load.\n").name
    assert found is not None
    assert found.value.full == name


@pytest.mark.parametrize(
    ("where", "number"),
    [
        ("Auckland, New Zealand\n021 123 4567", "+64211234567"),
        ("Amsterdam\n06-12345678", "+31612345678"),
        ("Kuala Lumpur, Malaysia\n012-345 6789", "+60123456789"),
        ("Hanoi, Vietnam\n0912 345 678", "+84912345678"),
        ("Denver, CO\n(303) 555-0120\nTechnical University of Munich", "+13035550120"),
    ],
)
def test_numbers_of_the_country_that_the_document_names(where: str, number: str) -> None:
    assert [phone.value for phone in of(f"Alex Morgan\n{where}\n").phones] == [number]


@pytest.mark.parametrize(
    ("said", "start", "end"),
    [
        ("Summer 2019", "2019-06", "2019-08"),
        ("2019", "2019", "2019"),
        ("03-2019 / 06-2022", "2019-03", "2022-06"),
        ("Mar 2019 – to present", "2019-03", "now"),
        ("2019 Mar – 2022 Jun", "2019-03", "2022-06"),
        ("Early 2019 – Mid 2022", "2019", "2022"),
        ("Dec 2019 – Mar 2022", "2019-12", "2022-03"),
        ("2018/2019", "2018", "2019"),
        ("styczeń 2019 – obecnie", "2019-01", "now"),
        ("март 2019 – настоящее время", "2019-03", "now"),
        ("2019/3/1~2022/6/30", "2019-03", "2022-06"),
        ("19.03-22.06", "2019-03", "2022-06"),
        ("民國一百零八年三月至今", "2019-03", "now"),
        ("民國一〇八年三月至今", "2019-03", "now"),
    ],
)
def test_times(said: str, start: str, end: str) -> None:
    (work,) = of(f"{WHO}Experience\nBackend Developer, Quarry Lane Software Ltd\t{said}\n• Built\n").work
    assert short(work)[2:] == (start, end)


def test_a_british_address_has_the_day_first() -> None:
    text = "Alex Morgan\nLeeds, UK\nExperience\nBackend Developer, Quarry Lane Ltd\t08/09/2019 - 10/10/2020\n"
    assert short(of(text).work[0])[2:] == ("2019-09", "2020-10")


@pytest.mark.parametrize(
    ("said", "school", "level", "field"),
    [
        ("Licence en Droit, Université de Nantes, 2015", "Université de Nantes", "bachelor", "Droit"),
        ("Master 2 Finance, Université de Nantes, 2016", "Université de Nantes", "master", "Finance"),
        ("Bachelor of Arts (B.A.) in History | Reed College | 2015", "Reed College", "bachelor", "History"),
        ("JD, Georgetown Law, 2015", "Georgetown Law", "doctorate", None),
        ("Dr. med., Charité Berlin, 2012", "Charité Berlin", "doctorate", None),
        ("MBA in Economics; CGPA: 8.4\nReed College, 2015", "Reed College", "master", "Economics"),
        ("Bachelor of Science in Building\nServices\nKU Leuven\n2012 – 2016", "KU Leuven", "bachelor", "Building Services"),
        ("Reed College, BSc in Supply Chain\t2012 – 2016\nManagement", "Reed College", "bachelor", "Supply Chain Management"),
        ("Reed College (2016-2020) BA (Hons) Electrical Engineering and Signals", "Reed College", "bachelor", "Electrical Engineering and Signals"),
        ("清华大学 工学博士 计算机科学与技术 2014.09-2019.06", "清华大学", "doctorate", "计算机科学与技术"),
        ("毕业院校：武汉大学 专业：金融学 学历：本科", "武汉大学", "bachelor", "金融学"),
        ("自考 武汉大学 汉语言文学 本科 2012", "武汉大学", "bachelor", "汉语言文学"),
    ],
)  # fmt: skip
def test_studies(said: str, school: str, level: str, field: str | None) -> None:
    (study,) = of(f"{WHO}Education\n{said}\nSkills\nExcel\n").education
    assert (value(study.school), study.level, value(study.field)) == (school, level, field)


LEAD = ("Quarry Lane Software", "Lead Developer", "2021-08", "now")
DEVELOPER = ("Quarry Lane Software", "Backend Developer", "2019-07", "2021-08")


@pytest.mark.parametrize(
    "told",
    [
        "Quarry Lane Software\tJul 2019 - Present\nLead Developer (Aug 2021 - Present)\n• Led\nBackend Developer (Jul 2019 - Aug 2021)\n",
        "Role\tCompany\tDates\nLead Developer\tQuarry Lane Software\tAug 2021 - Present\nBackend Developer\tQuarry Lane Software\tJul 2019 - Aug 2021\n",
        "### Lead Developer\n**Quarry Lane Software** | Aug 2021 - Present\n- Led\n### Backend Developer\n**Quarry Lane Software** | Jul 2019 - Aug 2021\n",
        "Lead Developer (L6), Quarry Lane Software\tAug 2021 - Present\n• Led\nBackend Developer (Band 5), Quarry Lane Software\tJul 2019 - Aug 2021\n",
        "Quarry Lane Software (promoted twice)\nLead Developer\tAug 2021 - Present\n• Led\nBackend Developer\tJul 2019 - Aug 2021\n",
        "Lead Developer // Quarry Lane Software // Aug 2021 - Present\nBackend Developer // Quarry Lane Software // Jul 2019 - Aug 2021\n",
        "Quarry Lane Software, Reno, NV\tAug 2021 - Present\nLead Developer\n• Led\nQuarry Lane Software, Denver CO\tJul 2019 - Aug 2021\nBackend Developer\n",
        "Company: Quarry Lane Software  Position: Lead Developer  Period: Aug 2021 - Present\nCompany: Quarry Lane Software  Position: Backend Developer  Period: Jul 2019 - Aug 2021\n",
    ],
)  # fmt: skip
def test_positions(told: str) -> None:
    found = of(f"{WHO}Experience\n{told}Education\nReed College, 2014\n").work
    assert [short(work) for work in found] == [LEAD, DEVELOPER]


@pytest.mark.parametrize(
    ("text", "work"),
    [
        (
            "Dear Ms Holt,\nFrom 2016 to 2019 I was Shift Manager at Fennel Street Bakery. In 2019 I joined Quarry Lane Software as a Backend Developer, where I still work today.\n",
            [("Fennel Street Bakery", "Shift Manager", "2016", "2019"), ("Quarry Lane Software", "Backend Developer", "2019", "now")],
        ),
        (
            "von März 2016 bis Februar 2019 arbeitete ich als Schichtleiter bei der Fennel Backwaren GmbH. Seit April 2019 bin ich als Softwareentwickler bei Quarz Software AG tätig.\n",
            [("Fennel Backwaren GmbH", "Schichtleiter", "2016-03", "2019-02"), ("Quarz Software AG", "Softwareentwickler", "2019-04", "now")],
        ),
        (
            "2019年3月加入南京朗晴网络科技有限公司，任运维工程师，至今。\n2016年7月至2019年2月，在合肥泽润食品有限公司任行政专员，负责日常行政。\n2012年9月至2016年6月，就读于武汉大学金融学专业，获本科学历。\n",
            [("南京朗晴网络科技有限公司", "运维工程师", "2019-03", "now"), ("合肥泽润食品有限公司", "行政专员", "2016-07", "2019-02")],
        ),
    ],
)  # fmt: skip
def test_letters(text: str, work: list[tuple[str, ...]]) -> None:
    assert [short(w) for w in of(text).work] == work


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("CISSP | (ISC)² | 2021", ["CISSP"]),
        ("First Aid at Work, St John Ambulance, expires 2026", ["First Aid at Work"]),
        ("Azure Fundamentals AZ-900 – Microsoft – Jan 2022", ["Azure Fundamentals AZ-900"]),
        ("Deep Learning Specialization by deeplearning.ai on Coursera", ["Deep Learning Specialization"]),
        ("Registered Nurse, Oregon State Board of Nursing, License #12345", ["Registered Nurse"]),
        ("系统集成项目管理工程师（人社部颁发）", ["系统集成项目管理工程师"]),
        ("2019.06 软件设计师 工业和信息化部", ["软件设计师"]),
    ],
)
def test_certificates_without_who_gave_them(said: str, names: list[str]) -> None:
    found = of(f"{WHO}Certifications\n{said}\nSkills\nExcel\n").certificates
    assert [certificate.name.value for certificate in found] == names


@pytest.mark.parametrize("heading", ["Mandatory Training", "Professional memberships", "Certification Details"])
def test_headings_of_certificates(heading: str) -> None:
    text = f"{WHO}Experience\nNurse, Tidewater Clinic\t2019 - 2022\n{heading}\n• Immediate Life Support\n"
    assert [certificate.name.value for certificate in of(text).certificates] == ["Immediate Life Support"]


def test_listed_skills_below_or_beside_their_heading() -> None:
    text = f"{WHO}Skills Profile\n• Wobblers\nDigital Skills Foobarize, Excel\n"
    assert {"Wobblers", "Foobarize"} <= {skill.name for skill in of(text).skills}


def test_the_address_of_a_job_site_is_nobodys_page() -> None:
    assert [link.value.url for link in of("智联招聘 zhaopin.com\n温桂芬\nhttps://wengf.example.com\n").links] == [
        "https://wengf.example.com"
    ]


FORM = "APPLICATION FORM\nSurname\tRaman\tForename(s)\tPriya\n"
STUDIES = "School / college\tQualification\tFrom\tTo\nReed College\tBSc Physics\t2010\t2014\n"


@pytest.mark.parametrize(
    "table",
    [
        "Name of organisation\tJob role\tStart date\tEnd date\tDuties\nQuarry Lane Software\tLead Developer\tAug 2021\tpresent\nQuarry Lane Software\tBackend Developer\tJul 2019\tAug 2021\tBuilt\n",
        "Date from\tDate to\tEmployer\tPosition\tReason for leaving\n08/2021\tPresent\tQuarry Lane Software\tLead Developer\n07/2019\t08/2021\tQuarry Lane Software\tBackend Developer\tPromotion\n",
        "Position title\tDepartment/Agency\tFrom (mm/yyyy)\tTo (mm/yyyy)\nLead Developer\tQuarry Lane Software\t08/2021\tnow\nBackend Developer\tQuarry Lane Software\t07/2019\t08/2021\n",
    ],
)  # fmt: skip
def test_tables_of_forms(table: str) -> None:
    profile = of(FORM + table + STUDIES)
    assert [short(work) for work in profile.work] == [LEAD, DEVELOPER]
    assert [(value(study.school), study.level) for study in profile.education] == [("Reed College", "bachelor")]
    assert value(profile.name).full == "Priya Raman"


@pytest.mark.parametrize(
    "labels",
    [
        ("Empresa", "Puesto", "Fechas"),
        ("Datore di lavoro", "Mansione", "Periodo"),
        ("Werkgever", "Functie", "Periode"),
        ("Công ty", "Vị trí", "Thời gian"),
        ("Компания", "Должность", "Период"),
    ],
)
def test_labels_of_other_languages(labels: tuple[str, str, str]) -> None:
    employer, title, when = labels
    told = [
        f"{employer}: Quarry Lane Software\n{title}: {name}\n{when}: {time}\n"
        for name, time in (("Lead Developer", "08/2021 - 11/2026"), ("Backend Developer", "07/2019 - 08/2021"))
    ]
    assert [short(work)[:2] for work in of(WHO + "Work\n" + "".join(told)).work] == [LEAD[:2], DEVELOPER[:2]]


def test_vietnamese() -> None:
    profile = of(
        "NGUYỄN THỊ LAN\nHà Nội | 0912 345 678\nKINH NGHIỆM LÀM VIỆC\nCông ty TNHH Sao Mai\nKế toán viên\n03/2019 - nay\n"
        "HỌC VẤN\nĐại học Kinh tế Quốc dân\nCử nhân Kế toán\n09/2011 - 06/2015\n"
    )
    assert [short(work) for work in profile.work] == [("Công ty TNHH Sao Mai", "Kế toán viên", "2019-03", "now")]
    assert [(value(s.school), s.level) for s in profile.education] == [("Đại học Kinh tế Quốc dân", "bachelor")]
    assert [phone.value for phone in profile.phones] == ["+84912345678"]


@pytest.mark.parametrize("head", ["个人简历\t", "简历\n", "本人简历（从高中填起）\n"])
def test_registry_forms_tell_studies_and_positions_in_order(head: str) -> None:
    profile = of(
        f"干部履历表\n姓名\t陆思源\t性别\t男\n{head}2010.09—2014.06  武汉大学金融学专业学习\n"
        "2016.07—2019.02  合肥泽润食品有限公司行政专员\n2019.03—至今  在南京朗晴网络科技有限公司任运维工程师\n"
    )
    assert [short(work) for work in profile.work] == [
        ("合肥泽润食品有限公司", "行政专员", "2016-07", "2019-02"),
        ("南京朗晴网络科技有限公司", "运维工程师", "2019-03", "now"),
    ]
    assert [(value(s.school), value(s.field)) for s in profile.education] == [("武汉大学", "金融学")]


@pytest.mark.parametrize(
    "said",
    ["2019年7月入职，2021年8月离职", "自2019年7月起至2021年8月止", "2019/07入職 2021/08離職", "Start: Jul 2019 End: Aug 2021", "Joined: Jul 2019 | Left: Aug 2021"],
)  # fmt: skip
def test_words_may_say_which_end_a_date_is(said: str) -> None:
    (work,) = of(f"{WHO}Experience\nBackend Developer, Quarry Lane Software\t{said}\n• Built\n").work
    assert short(work) == DEVELOPER


@pytest.mark.parametrize(
    "head",
    ["Quarry Lane Software (Portland, OR)", "Quarry Lane Software in Portland", "Quarry Lane Software [Portland, Oregon]", "Quarry Lane Software (Remote)"],
)  # fmt: skip
def test_a_place_behind_an_employer(head: str) -> None:
    (work,) = of(f"{WHO}Experience\n{head}\nBackend Developer, Jul 2019 - Aug 2021\n• Built\n").work
    assert short(work) == DEVELOPER


def test_what_an_overview_tells_too_is_one_position() -> None:
    rows = "Backend Developer\tQuarry Lane Software\tJul 2019 - Aug 2021\n"
    (work,) = of(f"{WHO}Career Overview\n{rows}Professional Experience\n{rows}• Built services\n").work
    assert [achievement.value for achievement in work.achievements] == ["Built services"]
