"""What each format reads, in the forms in which it is met; the guide's samples are tested beside it."""

import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.formats.base import Record
from connectors.formats.opening import open_file
from connectors.formats.registry import NAMES, by_name, format_of
from connectors.formats.terms import period, salary, work_forms, workplace, years
from connectors.formats.values import day, long, moment, number
from connectors.lines import FileError
from connectors.plain import RefusedError
from connectors.rows import Row, RowError

AT = datetime(2026, 2, 1, tzinfo=UTC)
POSTING: dict[str, Any] = {"@type": "JobPosting", "title": "Welder", "hiringOrganization": "Keel & Sons"}


def read(path: Path, choice: str = "auto") -> list[Row | RowError]:
    return [row for row, _ in open_file(path, choice=choice, entity=None, source="ats").rows()]


def record(name: str, document: Any) -> Record:
    return by_name(name).record(next(by_name(name).items(document)), AT)


def fields(name: str, document: Any) -> dict[str, Any]:
    found: dict[str, Any] = record(name, document)["fields"]
    return found


def test_a_format_has_the_name_that_it_is_listed_by() -> None:
    assert [by_name(name).name for name in NAMES] == list(NAMES)


@pytest.mark.parametrize(
    "document",
    [
        POSTING,
        [POSTING],
        {"@context": "https://schema.org", "@graph": [{"@type": "WebPage"}, POSTING]},
        {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "position": 1, "item": POSTING}]},
        {"@type": "WebPage", "mainEntity": POSTING},
        [{"@type": "WebSite", "name": "x"}, {**POSTING, "@type": None}],
        {**POSTING, "@type": ["Thing", "https://schema.org/JobPosting"]},
        {
            "@type": "schema:JobPosting",
            "schema:title": "Welder",
            "schema:hiringOrganization": {"schema:name": "Keel & Sons"},
        },
        {**POSTING, "title": {"@value": "Welder", "@language": "en"}, "hiringOrganization": [{"name": "Keel & Sons"}]},
    ],
)
def test_a_posting_is_found_wherever_json_ld_has_it(document: Any) -> None:
    found = format_of(document)
    assert found is not None
    assert found.name == "schema-org"
    assert fields("schema-org", document) == {"title": "Welder", "company": "Keel & Sons", "status": "open"}


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ({"currency": "GBP", "value": {"value": 18, "unitText": "HOUR"}}, (18, None, "GBP", "hour")),
        (
            {"currency": "GBP", "value": {"minValue": "18.50", "maxValue": "21", "unitText": "Hourly"}},
            (18.5, 21, "GBP", "hour"),
        ),
        ({"currency": "USD", "value": "120,000", "unitText": "YEAR"}, (120_000, None, "USD", "year")),
        (
            {"currency": "USD", "minValue": 90_000, "maxValue": 120_000, "unitText": "year"},
            (90_000, 120_000, "USD", "year"),
        ),
        ({"currency": "EUR", "value": {"maxValue": 4200, "unitText": "MONTH"}}, (None, 4200, "EUR", "month")),
        ({"currency": "EUR", "value": {"value": 250, "unitCode": "DAY"}}, (250, None, "EUR", "day")),
        ({"currency": "EUR", "value": [{"minValue": 600, "unitText": "per week"}]}, (600, None, "EUR", "week")),
        ({"price": 30, "priceCurrency": "CHF", "unitText": "hour"}, (30, None, "CHF", "hour")),
        ([{"currency": "SEK"}, {"currency": "SEK", "value": 40_000}], (40_000, None, "SEK", "year")),
        (52_000, (52_000, None, "NOK", "year")),
        ("£18 per hour", (18, None, "GBP", "hour")),
        ("20-30K·14薪", (20_000, 30_000, "CNY", "month")),
        ({"currency": "€", "value": {"value": 22, "unitText": "HOUR"}}, (22, None, "EUR", "hour")),
        (
            {"currency": "EUR", "value": {"minValue": 5000, "maxValue": 4000, "unitText": "MONTH"}},
            (4000, 5000, "EUR", "month"),
        ),
        ({"currency": "EUR", "value": {"minValue": 0, "maxValue": 0, "unitText": "MONTH"}}, None),
        ({"currency": "EUR", "value": "competitive"}, None),
        ({"value": {"value": 18, "unitText": "HOUR"}}, (18, None, "NOK", "hour")),
    ],
)
def test_pay_is_read_in_all_forms(base: Any, expected: tuple[Any, ...] | None) -> None:
    said = fields("schema-org", {**POSTING, "baseSalary": base, "salaryCurrency": "NOK"}).get("salary")
    got = said and tuple(said.get(part) for part in ("minimum", "maximum", "currency", "period"))
    assert got == expected


def test_pay_without_a_currency_is_left_out_and_estimates_count_where_nothing_else_does() -> None:
    assert "salary" not in fields("schema-org", {**POSTING, "baseSalary": 52_000})
    estimated = [
        {
            "@type": "MonetaryAmountDistribution",
            "currency": "USD",
            "duration": "P1Y",
            "percentile10": 80_000,
            "percentile90": 120_000,
        }
    ]
    said = fields("schema-org", {**POSTING, "estimatedSalary": estimated})["salary"]
    assert said == {"minimum": 80_000, "maximum": 120_000, "currency": "USD", "period": "year"}


def test_an_unknown_period_is_refused_and_says_what_is_allowed() -> None:
    with pytest.raises(RefusedError, match="baseSalary's unitText is one of hour, day, week, month, year"):
        record(
            "schema-org", {**POSTING, "baseSalary": {"currency": "EUR", "value": {"value": 9, "unitText": "PROJECT"}}}
        )


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("Porto", ["Porto"]),
        ([{"address": {"addressLocality": "Porto"}}, {"address": {"addressLocality": "Lisboa"}}], ["Porto", "Lisboa"]),
        ({"address": "Rua 1, Porto"}, ["Rua 1, Porto"]),
        ({"address": {"addressRegion": "Bavaria", "addressCountry": {"name": "DE"}}}, ["Bavaria"]),
        ({"address": {"addressCountry": {"@type": "Country", "name": "Portugal"}}}, ["Portugal"]),
        ({"name": "Head office"}, ["Head office"]),
        ([{"address": {"addressCountry": "Worldwide"}}, "Porto"], ["Porto"]),
    ],
)
def test_places_are_towns_else_what_there_is(place: Any, expected: list[str]) -> None:
    assert fields("schema-org", {**POSTING, "jobLocation": place})["locations"] == expected


def test_a_remote_posting_without_a_place_has_those_where_applicants_live() -> None:
    said = fields(
        "schema-org",
        {
            **POSTING,
            "jobLocationType": "TELECOMMUTE",
            "applicantLocationRequirements": {"@type": "Country", "name": "FR"},
        },
    )
    assert (said["workplace"], said["locations"]) == ("remote", ["FR"])


def test_texts_of_a_posting_are_sections_of_its_description() -> None:
    posting = {
        **POSTING, "description": "<p>Ships &amp; more</p><script>alert(1)</script>", "responsibilities": ["Weld", "Cut"],
        "skills": "You know how to weld aluminium in any position and you like it", "educationRequirements": "An apprenticeship as a metal worker or more than that",
    }  # fmt: skip
    said = fields("schema-org", posting)
    assert said["description"].startswith("Ships & more\n\nResponsibilities:\nWeld\nCut")
    assert "aluminium" in said["description"]
    assert "apprenticeship" in said["description"]
    assert "alert" not in said["description"]
    assert "skills" not in said


def test_the_least_of_several_degrees_is_asked_for() -> None:
    wanted = [
        {"credentialCategory": "master degree"},
        {"credentialCategory": "bachelor degree"},
        {"credentialCategory": "professional certificate"},
    ]
    assert fields("schema-org", {**POSTING, "educationRequirements": wanted})["education_level"] == "bachelor"


@pytest.mark.parametrize(
    ("until", "status"),
    [
        ("2026-01-31", "closed"),
        ("2026-02-01", "open"),
        ("2026-01-31T23:00:00-05:00", "open"),
        ("soon", "open"),
        (None, "open"),
    ],
)
def test_a_posting_is_closed_when_its_last_day_has_passed(until: Any, status: str) -> None:
    assert fields("schema-org", {**POSTING, "validThrough": until})["status"] == status


def test_ids_of_two_employers_do_not_meet_and_an_address_serves_without_one() -> None:
    one, other = ({**POSTING, "identifier": "7", "hiringOrganization": name} for name in ("A", "B"))
    assert record("schema-org", one)["id"] != record("schema-org", other)["id"]
    assert record("schema-org", {**POSTING, "identifier": {"value": 7}})["id"].startswith("schema-org:7-")
    there = {**POSTING, "url": "https://jobs.example.com/1"}
    assert record("schema-org", there)["id"] == record("schema-org", {**there, "title": "Fitter"})["id"]


def test_a_page_holds_several_scripts_and_a_broken_one_costs_itself(tmp_path: Path) -> None:
    scripts = [
        json.dumps(POSTING),
        '{"@type": "JobPosting", "title": }',
        f"<!-- {json.dumps({**POSTING, 'title': 'Fitter'})}; -->",
        "not JSON",
    ]
    scripts[:0] = ['{"@type": "WebSite", "name": "x"}', '[{"@type": "BreadcrumbList"}]']
    page = "".join(f'<script type="application/LD+JSON; charset=utf-8">\n{script}\n</script>' for script in scripts[:5])
    (path := tmp_path / "page.html").write_text(
        f"<!doctype html><html><head>{page}<script>{scripts[5]}</script></head><body><p>x</p></html>"
    )
    first, last, broken = read(path)
    assert isinstance(first, Row)
    assert isinstance(last, Row)
    assert (first.fields["title"], last.fields["title"]) == ("Welder", "Fitter")
    assert isinstance(broken, RowError)
    assert broken.text.startswith("a page's script is not JSON")
    assert "JobPosting" in str(broken.raw)


def test_lines_may_mix_formats_and_events(tmp_path: Path) -> None:
    lines: list[Any] = [
        POSTING,
        {"entity": "job", "id": "J1", "fields": {"title": "x"}},
        {"shortcode": "AB", "title": "y"},
        [POSTING, {**POSTING, "title": "z"}],
    ]
    lines += [{"foo": 1}, {"id": "J2", "title": "flat", "entity": "job"}]
    (path := tmp_path / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    reader = open_file(path, entity=None, source="ats")
    found = [row for row, _ in reader.rows()]
    assert [row.line for row in found] == [1, 2, 3, 4, 4, 5, 6]
    assert [row.fields["title"] for row in found if isinstance(row, Row)] == ["Welder", "x", "y", "Welder", "z", "flat"]
    assert reader.taken == {"schema-org", "workable"}


def test_a_line_of_several_jobs_is_gone_on_from_as_a_whole(tmp_path: Path) -> None:
    (path := tmp_path / "a.jsonl").write_text(2 * (json.dumps([POSTING, {**POSTING, "title": "z"}]) + "\n"))
    assert [position is None for _, position in open_file(path, entity=None, source="ats").rows()] == [True, False] * 2


def test_parts_of_a_list_are_looked_at_one_by_one(tmp_path: Path) -> None:
    mixed: list[Any] = [
        {"@type": "WebSite"},
        POSTING,
        {"shortcode": "AB", "title": "y"},
        {"entity": "job", "id": "J1", "title": "x"},
        5,
    ]
    (path := tmp_path / "a.json").write_text(json.dumps(mixed))
    *jobs, five = read(path)
    assert [row.id for row in jobs if isinstance(row, Row)][1:] == ["workable:AB", "J1"]
    assert isinstance(five, RowError)
    assert (five.line, five.raw) == (4, "5")
    (path := tmp_path / "b.json").write_text(
        json.dumps([{"shortcode": "AB", "title": "y"}, {"title": "", "state": "draft"}])
    )
    good, bad = read(path)
    assert isinstance(good, Row)
    assert isinstance(bad, RowError)
    assert bad.text == "a job of Workable has a shortcode, and a title or a description"


def test_a_document_of_events_is_read_too(tmp_path: Path) -> None:
    (path := tmp_path / "a.json").write_text(
        json.dumps([{"entity": "job", "id": "J1", "title": "x"}, {"entity": "job", "id": "!", "title": "y"}])
    )
    good, bad = read(path)
    assert isinstance(good, Row)
    assert isinstance(bad, RowError)


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        (
            "a.json",
            '{"foo": 1}',
            "of no format that is known; --format is one of events, schema-org, greenhouse, lever",
        ),
        ("a.json", '{"foo": ', "not JSON: .* at line 1 column"),
        ("a.json", "", "is empty"),
        ("a.html", "<html><p>x</p></html>", "a page without JSON-LD"),
        ("a.xml", "<a/>", "of no format that is known"),
        ("a.zip", "PK\x03\x04", "cannot be read: The file is incomplete or damaged"),
        ("a.docx", "PK\x03\x04", "is a ZIP archive"),
        ("a.csv", "foo,bar\n1,2\n", "the header line lacks the column id"),
        ("a.jsonl", "{\n}", "JSON over several lines"),
    ],
)
def test_what_is_unknown_is_one_clear_line(tmp_path: Path, name: str, content: str, text: str) -> None:
    (path := tmp_path / name).write_text(content)
    with pytest.raises(FileError, match=text):
        read(path)


def test_a_named_format_takes_no_mapping(tmp_path: Path) -> None:
    from connectors.mapping import ColumnMapping

    (path := tmp_path / "a.json").write_text(json.dumps(POSTING))
    with pytest.raises(FileError, match="--map"):
        open_file(path, choice="lever", entity=None, source="ats", mapping=ColumnMapping((("a", "name"),)))
    with pytest.raises(FileError, match="is no file of events"):
        open_file(path, choice="events", entity=None, source="ats")


def test_a_refused_record_keeps_reason_id_and_what_it_was(tmp_path: Path) -> None:
    (path := tmp_path / "a.json").write_text(
        json.dumps({"jobs": [{"shortcode": "A", "title": "x"}, {"shortcode": "B", "state": "x"}]})
    )
    good, bad = read(path)
    assert isinstance(good, Row)
    assert isinstance(bad, RowError)
    assert (bad.line, bad.id, bad.text) == (2, "B", "a job of Workable has a shortcode, and a title or a description")
    assert json.loads(str(bad.raw)) == {"shortcode": "B", "state": "x"}


ARCHIVE = {
    "Basic_Export/Profile.csv": "First Name,Last Name,Headline\nGrace,Mbeki,Payroll\n",
    "Basic_Export/Positions.csv": 'Notes:\n"This file has notes"\n\nCompany Name,Title,Description,Location,Started On,Finished On\n,Clerk,"Two\nlines",Leeds,Mar 2019,\nNorthgate,,,,2015,Feb 2019\n,,,,2001,\n',
    "Basic_Export/messages.csv": "FROM,CONTENT\nx,secret\n",
}


def _zip(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "export.zip", "w") as archive:
        for name, text in ARCHIVE.items():
            archive.writestr(name, text)
    return folder / "export.zip"


def _folder(folder: Path) -> Path:
    for name, text in ARCHIVE.items():
        (folder / "unpacked" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "unpacked" / name).write_text(text)
    return folder / "unpacked"


@pytest.mark.parametrize("make", [_zip, _folder])
def test_an_archive_of_linkedin_loses_no_half_of_a_position(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    [row] = read(make(tmp_path))
    assert isinstance(row, Row)
    assert row.fields["name"] == "Grace Mbeki"
    assert [(e.get("company"), e.get("title"), e.get("start"), e.get("end")) for e in row.fields["employments"]] == [
        (None, "Clerk", "2019-03-01", None),
        ("Northgate", None, "2015-01-01", "2019-02-01"),
    ]
    assert "secret" not in json.dumps(row.fields)


def test_a_table_of_jobs_from_linkedin(tmp_path: Path) -> None:
    table = "Saved Date,Job Url,Job Title,Company Name\n1/5/26,https://www.example.com/jobs/view/4012345678/?x=1,Clerk,Northgate\n"
    (path := tmp_path / "Saved Jobs.csv").write_text(table)
    [row] = read(path)
    assert isinstance(row, Row)
    assert (row.id, row.fields["title"], row.fields["company"]) == ("linkedin:4012345678", "Clerk", "Northgate")


def test_a_table_of_an_archive_alone_is_no_table_of_jobs(tmp_path: Path) -> None:
    (path := tmp_path / "Positions.csv").write_text("Company Name,Title,Started On\nNorthgate,Clerk,2019\n")
    with pytest.raises(FileError, match="lacks the column id"):
        read(path)
    [row] = read(path, "linkedin")
    assert isinstance(row, RowError)
    assert "name the archive" in row.text


def test_tables_of_the_chinese_boards(tmp_path: Path) -> None:
    table = "职位名称,公司名称,薪资,工作地点,工作经验,学历要求,工作性质,职位链接\n" + "".join(
        f"{title},织云,{pay},杭州·余杭区,{asked},{degree},全职,https://www.zhipin.com/job_detail/{number}.html?x=1\n"
        for number, (title, pay, asked, degree) in enumerate(
            [
                ("后端", "15-25K·14薪", "3-5年", "本科"),
                ("分拣", "150-200元/天", "经验不限", "学历不限"),
                ("实习", "面议", "1年以内", "大专"),
                ("缺列", "", "", ""),
            ]
        )
    )
    (path := tmp_path / "boss.csv").write_text(table + "只有一列\n", encoding="gb18030")
    reader = open_file(path, entity=None, source="boss")
    *jobs, last = (row for row, _ in reader.rows())
    assert reader.taken == {"boss"}
    first, second, third, fourth = (row.fields for row in jobs if isinstance(row, Row))
    assert first["salary"] == {"minimum": 15_000, "maximum": 25_000, "currency": "CNY", "period": "month", "months": 14}
    assert (first["years_experience_min"], first["years_experience_max"], first["education_level"]) == (
        3,
        5,
        "bachelor",
    )
    assert (first["locations"], first["employment_types"]) == (["杭州"], ["full_time"])
    assert (second["salary"]["period"], second["salary"]["maximum"]) == ("day", 200)
    assert not {"education_level", "years_experience_min"} & second.keys()
    assert (third.get("salary"), third["years_experience_max"]) == (None, 1)
    assert fourth["title"] == "缺列"
    assert isinstance(last, RowError)
    assert "1 cells under 8 columns" in last.text


def test_cards_of_boss_write_employer_and_title_as_one() -> None:
    card = {"encryptGeekId": "x", "name": "林一帆", "highestDegreeName": "本科", "workYear": "6年经验", "labelMatchList": [{"markWord": "Flink"}],
            "workList": [{"name": "云图科技·数据开发", "dateRange": "2019.03-至今"}, {"name": "流光数据", "dateRange": "2016.07-2019.02"}]}  # fmt: skip
    said = fields("boss", {"zpData": {"geeks": [{"geekCard": card}]}})
    assert said["employments"] == [
        {"company": "云图科技", "title": "数据开发", "start": "2019-03-01"},
        {"company": "流光数据", "start": "2016-07-01", "end": "2019-02-01"},
    ]
    assert (said["years_experience"], said["skills"]) == (6, [{"name": "Flink"}])


HR_XML_2 = """<Candidate xmlns="http://ns.hr-xml.org/2006-02-28"><CandidateProfile>
<PersonalData><PersonName><GivenName>Ines</GivenName><FamilyName>Falk</FamilyName></PersonName>
<ContactMethod><InternetEmailAddress>ines@example.com</InternetEmailAddress><Telephone><FormattedNumber>+49 40 5550123</FormattedNumber></Telephone></ContactMethod></PersonalData>
<EmploymentHistory>
<EmployerOrg><EmployerOrgName>Nordlicht GmbH</EmployerOrgName>
<PositionHistory><Title>Controller</Title><StartDate><YearMonth>2015-03</YearMonth></StartDate><EndDate><StringDate>current</StringDate></EndDate></PositionHistory>
<PositionHistory><Title>Trainee</Title><StartDate><Year>2013</Year></StartDate><EndDate><AnyDate>2015-02-28</AnyDate></EndDate></PositionHistory></EmployerOrg>
<EmployerOrg><PositionHistory><Title>Waiter</Title></PositionHistory></EmployerOrg>
<EmployerOrg><EmployerOrgName>Kiosk</EmployerOrgName></EmployerOrg>
</EmploymentHistory>
<EducationHistory><SchoolOrInstitution><School><SchoolName>Harbour University</SchoolName></School><Degree><DegreeName>Master</DegreeName><DegreeMajor><Name>Economics</Name></DegreeMajor></Degree></SchoolOrInstitution></EducationHistory>
<Qualifications><Competency name="SAP"/><Competency name="Excel"/></Qualifications>
</CandidateProfile></Candidate>"""

HR_XML_3 = """<ProcessCandidate xmlns="http://www.hr-xml.org/3" xmlns:oa="http://www.openapplications.org/oagis/9"><DataArea><Candidate>
<DocumentID>C-1</DocumentID>
<CandidatePerson><PersonName><oa:GivenName>Tomas</oa:GivenName><FamilyName>Vrba</FamilyName></PersonName>
<Communication><ChannelCode>Email</ChannelCode><oa:URI>tomas@example.com</oa:URI></Communication>
<Communication><ChannelCode>Telephone</ChannelCode><oa:DialNumber>555 0101</oa:DialNumber></Communication>
<Communication><Address><oa:CityName>Brno</oa:CityName><CountryCode>CZ</CountryCode></Address></Communication></CandidatePerson>
<CandidateProfile languageCode="cs"><EmploymentHistory><EmployerHistory><OrganizationName>Mlyn</OrganizationName>
<PositionHistory><PositionTitle>Miller</PositionTitle><EmploymentPeriod><StartDate><FormattedDateTime>2019-05</FormattedDateTime></StartDate><EndDate><FormattedDateTime>2021-06-30</FormattedDateTime></EndDate></EmploymentPeriod><oa:Description>Flour</oa:Description></PositionHistory>
</EmployerHistory></EmploymentHistory>
<EducationHistory><EducationOrganizationAttendance><OrganizationName>VUT</OrganizationName><EducationDegree><DegreeName>Bachelor</DegreeName></EducationDegree></EducationOrganizationAttendance></EducationHistory>
</CandidateProfile></Candidate></DataArea></ProcessCandidate>"""


def test_hr_xml_of_both_versions(tmp_path: Path) -> None:
    (old := tmp_path / "2.xml").write_text(HR_XML_2)
    (new := tmp_path / "3.xml").write_text(HR_XML_3)
    [two], [three] = read(old), read(new)
    assert isinstance(two, Row)
    assert isinstance(three, Row)
    assert [(e.get("company"), e.get("title"), e.get("start"), e.get("end")) for e in two.fields["employments"]] == [
        ("Nordlicht GmbH", "Controller", "2015-03-01", None),
        ("Nordlicht GmbH", "Trainee", "2013-01-01", "2015-02-28"),
        (None, "Waiter", None, None),
        ("Kiosk", None, None, None),
    ]
    assert two.fields["education"] == [{"school": "Harbour University", "degree": "master", "field": "Economics"}]
    assert (two.fields["name"], two.fields["emails"], two.fields["phones"]) == (
        "Ines Falk",
        ["ines@example.com"],
        ["+49 40 5550123"],
    )
    assert [skill["name"] for skill in two.fields["skills"]] == ["SAP", "Excel"]
    assert (three.id, three.fields["name"], three.fields["emails"]) == (
        "hr-open:C-1",
        "Tomas Vrba",
        ["tomas@example.com"],
    )
    assert three.fields["locations"] == ["Brno"]
    assert three.fields["employments"] == [
        {"company": "Mlyn", "title": "Miller", "start": "2019-05-01", "end": "2021-06-30", "description": "Flour"}
    ]
    assert three.fields["education_level"] == "bachelor"


def test_an_opening_of_hr_open_in_json() -> None:
    opening = {
        "positionOpening": {
            "documentId": {"value": "P 1"}, "statusCode": "Closed",
            "positionProfiles": [{
                "positionTitle": "Miller", "positionOrganizations": [{"name": "Mlyn"}], "positionLocation": [{"city": "Brno"}],
                "positionFormattedDescriptions": [{"descriptionId": "AdvertisementDetails", "content": "<p>You grind corn all day long.</p>"}],
                "positionOfferingTypeCodes": ["DirectHire"], "positionScheduleTypeCodes": ["PartTime"],
                "offeredRemunerationPackage": {"basisCode": "Salaried", "ranges": [{"intervalCode": "Month", "minimumAmount": {"value": 30000, "currency": "CZK"}, "maximumAmount": {"value": 40000, "currency": "CZK"}}]},
            }],
        }
    }  # fmt: skip
    said = fields("hr-open", opening)
    assert said["salary"] == {"minimum": 30_000, "maximum": 40_000, "currency": "CZK", "period": "month"}
    assert (said["contracts"], said["employment_types"], said["status"]) == (["permanent"], ["part_time"], "closed")
    assert (said["title"], said["company"], said["locations"]) == ("Miller", "Mlyn", ["Brno"])
    assert "grind corn" in said["description"]


def test_a_json_resume_of_the_first_version_and_with_half_positions() -> None:
    resume = {
        "bio": {"firstName": "Ines", "lastName": "Falk", "email": {"work": "ines@example.com"}, "summary": None},
        "work": [
            {"company": "Nordlicht", "position": "", "startDate": "2019", "endDate": "", "highlights": ["Led", ""]},
            {"position": "Trainee", "startDate": "Mar 2017", "endDate": "2018-12-31T00:00:00Z", "extra": {}},
            {"name": "Kiosk", "startDate": 2015, "endDate": "Present"},
            {"summary": "neither"},
            None,
        ],
        "skills": ["Go", {"name": "Bookbinding", "level": None}, {"name": "Web", "keywords": ["HTML", "CSS"]}],
    }
    said = fields("json-resume", resume)
    assert (said["name"], said["emails"]) == ("Ines Falk", ["ines@example.com"])
    assert said["employments"] == [
        {"company": "Nordlicht", "start": "2019-01-01", "description": "• Led"},
        {"title": "Trainee", "start": "2017-03-01", "end": "2018-12-31"},
        {"company": "Kiosk", "start": "2015-01-01"},
    ]
    assert {skill["name"] for skill in said["skills"]} == {"Go", "Bookbinding", "HTML", "CSS"}


def test_people_without_an_id_are_told_apart_by_mail_and_phone_not_by_name() -> None:
    def id_of(**basics: Any) -> str:
        found: str = record("json-resume", {"basics": {"name": "Li Wei", **basics}})["id"]
        return found

    assert id_of(email="a@example.com") == id_of(email="A@example.com", label="x") != id_of(email="b@example.com")
    assert id_of(phone="+49 151 23456789") == id_of(phone="+49 151 23456789", summary="x") != id_of()
    assert id_of(summary="x") != id_of(summary="y")


def test_a_resume_that_no_event_could_hold_is_refused_unread() -> None:
    with pytest.raises(RefusedError, match="a resume has at most"):
        record("json-resume", {"basics": {"name": "Li Wei", "summary": "x" * 600_000}})


def test_records_of_ours_are_not_taken_for_resumes() -> None:
    assert format_of({"skills": [{"name": "x"}], "education": [], "colour": 1}) is None
    assert format_of({"id": "t", "name": "x", "unknown": 1}) is None


def test_opportunities_of_one_contact_are_one_talent() -> None:
    one, other = (
        {"id": name, "contact": {"id": "c", "name": "x"}, "name": "X Y", "emails": [], "stage": "s"} for name in "ab"
    )
    assert record("lever", [one])["id"] == record("lever", [other])["id"] == "lever:c"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2019", "2019-01-01"), ("2019-03", "2019-03-01"), ("2019-3-7", "2019-03-07"), ("2019-02-31", "2019-02-01"), ("2019-13", None),
        ("2019-03-07T10:00:00Z", "2019-03-07"), ("Sep 2019", "2019-09-01"), ("2019年3月", "2019-03-01"), ("Present", None), ("", None), (None, None),
        (2019, "2019-01-01"), (1_552_000_000_000, "2019-03-07"), (1_552_000_000, "2019-03-07"), ({"year": 2019, "month": 3}, "2019-03-01"), ({}, None), (True, None),
    ],
)  # fmt: skip
def test_days(said: Any, expected: str | None) -> None:
    assert day(said) == expected


def test_numbers_moments_and_words() -> None:
    said: tuple[Any, ...] = (
        18,
        "18",
        "18.5",
        "120,000",
        "1.200.000",
        "45 000.50",
        -1,
        True,
        "x",
        10**400,
        float("nan"),
    )
    assert [number(one) for one in said] == [18, 18, 18.5, 120_000, 1_200_000, 45_000.5, None, None, None, None, None]
    assert moment(1_767_600_000_000) == "2026-01-05T08:00:00+00:00"
    assert moment("2026-01-05T09:00:00") is None
    assert [period(word, "unit") for word in ("HOUR", "per-hour-wage", "/day", "Wöchentlich"[:0], "p1y", "月薪")] == [
        "hour",
        "hour",
        "day",
        None,
        "year",
        "month",
    ]
    assert salary(10, 20, "", "hour", "x") is None
    assert work_forms("Full-time, Contract", ["INTERN", "OTHER"]) == {
        "employment_types": ["full_time", "internship"],
        "contracts": ["fixed_term"],
    }
    assert [workplace(word) for word in ("On-site", "REMOTE", "hybrid", "unspecified")] == [
        "on_site",
        "remote",
        "hybrid",
        None,
    ]
    assert [years(word) for word in ("5+ years", "3-5年", "10年以上", "1年以下", "经验不限")] == [
        (5, None),
        (3, 5),
        (10, None),
        (None, 1),
        (None, None),
    ]
    assert long("&lt;p&gt;a &amp;amp; b&lt;/p&gt;") == "a & b"
    assert long("a < b and c > d") == "a < b and c > d"


def test_what_a_posting_only_refers_to_stands_elsewhere_in_the_graph() -> None:
    posting = {**POSTING, "hiringOrganization": {"@id": "#firm"}, "jobLocation": {"@id": "#yard"}}
    graph = [
        {"@type": "Organization", "@id": "#firm", "name": "Keel & Sons"},
        posting,
        {"@type": "Place", "@id": "#yard", "address": {"addressLocality": "Hull"}},
    ]
    found = fields("schema-org", {"@graph": graph})
    assert (found["company"], found["locations"]) == ("Keel & Sons", ["Hull"])
    assert "company" not in fields("schema-org", {"@graph": [posting]})


@pytest.mark.parametrize(
    ("amounts", "unit", "pay"),
    [
        ({"value": "£25,000"}, "ANNUAL", (25_000, None, "year")),
        ({"value": "800-1200"}, "MONTH", (800, 1200, "month")),
        ({"minValue": "£12.50", "maxValue": "£14"}, "HOUR", (12.5, 14, "hour")),
        ({"minValue": 2000, "maxValue": 2500}, "bi-weekly", (52_000, 65_000, "year")),
        ({"value": 2000}, "semi-monthly", (4000, None, "month")),
    ],
)
def test_pay_may_be_written_with_signs_as_a_range_or_by_an_unusual_period(
    amounts: dict[str, Any], unit: str, pay: tuple[float, float | None, str]
) -> None:
    value = {"currency": "GBP", "value": {"@type": "QuantitativeValue", **amounts, "unitText": unit}}
    found = fields("schema-org", {**POSTING, "baseSalary": value})["salary"]
    assert (found.get("minimum"), found.get("maximum"), found["period"]) == pay


def test_a_lever_posting_s_bonus_is_no_pay_and_its_commitment_may_say_more_than_one_thing() -> None:
    posting = {
        "id": "p-1",
        "text": "Rigger",
        "categories": {"location": "Remote - Wales", "commitment": "Regular Full Time (Salary)"},
        "salaryRange": {"currency": "GBP", "interval": "one-time", "min": 500},
    }
    found = fields("lever", [posting])
    assert "salary" not in found
    assert (found["locations"], found["workplace"]) == (["Wales"], "remote")
    assert (found["employment_types"], found["contracts"]) == (["full_time"], ["permanent"])


def test_a_greenhouse_location_may_be_a_workplace_and_fields_of_its_own_say_the_form() -> None:
    job = {
        "id": 7,
        "title": "Rigger",
        "absolute_url": "https://boards.greenhouse.io/x/jobs/7",
        "content": "",
        "location": {"name": "In-Office"},
        "offices": [{"name": "Cardiff"}],
        "metadata": [{"name": "Employment Type", "value": "Part-time"}, {"name": "Team", "value": "Intern"}],
    }
    found = fields("greenhouse", job)
    assert (found["locations"], found["workplace"]) == (["Cardiff"], "on_site")
    assert found["employment_types"] == ["part_time"]
    assert fields("greenhouse", {**job, "location": {"name": "Remote (Wales)"}})["locations"] == ["Wales"]


def test_workable_s_public_list_is_read() -> None:
    job = {"shortcode": "AB1", "title": "Rigger", "type": "part", "workplace": "hybrid", "location": {"city": "Hull"}}
    found = fields("workable", {"total": 1, "results": [job]})
    assert (found["employment_types"], found["workplace"], found["locations"]) == (["part_time"], "hybrid", ["Hull"])
    assert format_of({"results": [job]}) is by_name("workable")


@pytest.mark.parametrize(
    "document",
    [
        {"positionList": [{"number": "C1", "name": "钳工", "workCity": "青岛", "salary60": "6千-8千", "jobDesc": "装配"}]},
        {"jobDetail": {"detailedPosition": {"number": "C1", "name": "钳工", "workCity": "青岛", "workingExp": "不限",
                                            "salary": "6000-8000元", "jobDescPC": "<div>装配</div>"}}},
        {"data": {"results": [{"number": "C1", "jobName": "钳工", "city": {"display": "青岛"}, "salary": "6K-8K",
                               "workingExp": {"name": "不限"}, "jobDesc": "装配"}]}},
        {"data": {"list": [{"number": "C1", "name": "钳工", "workCity": "青岛", "salaryReal": "6000-8000",
                            "jobDetailData": {"position": {"desc": {"description": "装配"}}}}]}},
    ],
)  # fmt: skip
def test_zhaopin_s_pages_of_all_years_are_read(document: Any) -> None:
    assert format_of(document) is by_name("zhaopin")
    found = fields("zhaopin", document)
    assert (found["title"], found["locations"], found["description"]) == ("钳工", ["青岛"], "装配")
    assert (found["salary"]["minimum"], found["salary"]["maximum"]) == (6000, 8000)


def test_boss_details_name_description_skills_and_months() -> None:
    detail = {"encryptId": "b1", "jobName": "钳工", "jobDescription": "装配", "skills": ["钳工证"]}
    found = fields("boss", {"zpData": {"jobInfo": detail, "salaryDesc": "6-8K", "salaryMonthText": "13薪"}})
    assert (found["description"], found["skills"]) == ("装配", [{"name": "钳工证"}])
    assert found["salary"]["months"] == 13


def test_hr_xml_experience_has_a_unit_and_applications_a_last_day() -> None:
    profile = {
        "positionTitle": "Rigger",
        "positionQualifications": {"experienceSummary": {"measure": {"unitCode": "month", "value": "18"}}},
        "applicationCloseDate": "2020-01-31",
    }
    found = fields("hr-open", {"positionOpening": {"positionProfile": profile}})
    assert (found["years_experience_min"], found["status"]) == (1.5, "closed")


def test_highlights_of_json_resume_may_be_objects() -> None:
    work = {"name": "Keel & Sons", "position": "Rigger", "highlights": [{"text": "Rigged a barque", "url": "#"}, 3]}
    found = fields("json-resume", {"basics": {"name": "Ada Quay"}, "work": [work]})
    assert "Rigged a barque" in str(found["employments"])


def test_linkedin_s_languages_are_skills_and_a_degree_s_name_may_hold_its_field() -> None:
    tables = {
        "Profile.csv": [{"First Name": "Ada", "Last Name": "Quay"}],
        "Languages.csv": [{"Name": "Welsh", "Proficiency": "Native or bilingual proficiency"}, {"Name": "Manx"}],
        "Education.csv": [
            {"School Name": "Bangor", "Degree Name": "Bachelor of Science - BS"},
            {"School Name": "Bangor", "Degree Name": "Master's degree, Geology"},
            {"School Name": "Bangor", "Degree Name": "M.Sc. Oceanography"},
        ],
    }
    found = fields("linkedin", tables)
    assert found["skills"] == [{"name": "Welsh", "level": "expert"}, {"name": "Manx"}]
    assert [one.get("field") for one in found["education"]] == [None, "Geology", "Oceanography"]


def test_hr_xml_may_be_written_as_json() -> None:
    resume = {
        "StructuredXMLResume": {
            "ContactInfo": {"PersonName": {"FormattedName": "Ada Quay"}},
            "EducationHistory": {
                "SchoolOrInstitution": [
                    {
                        "School": [{"SchoolName": "Bangor"}],
                        "Degree": [{"@degreeType": "bachelors", "DegreeMajor": [{"Name": ["Geology"]}]}],
                    }
                ]
            },
            "Qualifications": {"Competency": [{"@name": "Rigging"}]},
        }
    }
    document = {"Resume": resume}
    assert format_of(document) is by_name("hr-open")
    found = fields("hr-open", document)
    assert (found["name"], found["skills"]) == ("Ada Quay", [{"name": "Rigging"}])
    assert found["education"] == [{"school": "Bangor", "degree": "bachelor", "field": "Geology"}]


def test_a_department_is_no_employer_and_pay_may_have_a_range_for_each_bound() -> None:
    amounts = {"Minimum": 40_000, "Maximum": 50_000}
    profile = {
        "positionTitle": "Rigger",
        "positionOrganizations": [{"name": "Yard", "responsibilityCode": "Department"}],
        "offeredRemunerationPackage": {
            "ranges": [
                {
                    "typeCode": f"{kind} BasePay",
                    "intervalCode": "Year",
                    "referenceAmount": {"value": value, "currency": "USD"},
                }
                for kind, value in amounts.items()
            ]
        },
    }
    found = fields("hr-open", {"documentId": {"value": "7"}, "positionProfiles": [profile]})
    assert "company" not in found
    assert found["salary"] == {"minimum": 40_000, "maximum": 50_000, "currency": "USD", "period": "year"}
