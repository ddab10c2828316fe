"""Resumes in English of nurses, teachers, trades, the services, the sea: Word, forms, plain text, letters."""

from html import escape

from ops.evaluation.layout_suite.held_out.when import long, say, span
from ops.evaluation.layout_suite.paper import Paper
from ops.evaluation.layout_suite.people import Job
from ops.evaluation.layout_suite.seen import Seen
from ops.evaluation.layout_suite.templates.registry import sheet
from ops.evaluation.layout_suite.word import Word


@sheet("federal-builder", "us", "docx", "federal", jobs=3)
def federal(s: Seen) -> bytes:
    w = Word()
    w.text(s.name, bold=True, size=14)
    w.text(s.place)
    w.text(f"Mobile: {s.phone}")
    w.text(f"Email: {s.email}")
    w.text("Citizenship: United States     Veterans' Preference: None")
    w.text("WORK EXPERIENCE:", bold=True)
    for n, job in enumerate(s.jobs("m")):
        w.text(job.employer, bold=True)
        w.text(f"{job.city}, United States")
        w.text(f"{say(job.start, '{mm}/{Y}')} - {say(job.end, '{mm}/{Y}') if job.end else 'Present'}")
        w.text(f"Salary: {64 - 7 * n},{310 + n} USD Per Year")
        w.text("Hours per week: 40")
        w.text(f"Title: {job.title}")
        w.text(f"Series: 0343 Pay Plan: GS Grade: {11 - n}")
        w.text("Duties, Accomplishments and Related Skills:")
        for duty in job.duties:
            w.text(duty + ".")
        w.text("Supervisor: on request. Okay to contact: Contact me first")
    w.text("EDUCATION:", bold=True)
    for study in s.studies("m", starts=False):
        w.text(f"{study.school}, {study.city}, United States")
        w.text(f"{study.degree} {say(study.end, '{mm}/{Y}')}")
        w.text(f"Major: {study.field}   Credits Earned: 124 Semester hours")
    w.text("ADDITIONAL INFORMATION:", bold=True)
    w.text("Skills: " + "; ".join(s.skills))
    return w.finish()


@sheet("military", "us", "pdf", "army", jobs=4)
def military(s: Seen) -> bytes:
    p = Paper("sans", 10)
    p.text(s.name.upper(), 18, bold=True, align="centre")
    p.text(f"{s.place} | {s.phone} | {s.email}", align="centre")
    p.text("Active Secret Clearance", align="centre")
    p.gap(6)
    p.text("PROFESSIONAL EXPERIENCE", 11, bold=True)
    p.rule()
    civilian, *served = s.jobs("m")
    p.row(f"{civilian.employer}, {civilian.city}", span(civilian, "{mm}/{Y}", between=" – "), bold=True)
    p.text(civilian.title)
    p.bullets(civilian.duties)
    for job, truth in zip(served, s.truth.work[1:], strict=True):
        truth["employer"] = "United States Army"
        p.row(f"United States Army, {job.city}", span(job, "{mm}/{Y}", between=" – "), bold=True)
        p.text(job.title)
        p.bullets(job.duties)
    p.gap(6)
    p.text("EDUCATION & TRAINING", 11, bold=True)
    p.rule()
    for study in s.studies("y", starts=False):
        p.text(f"{study.degree}, {study.field}, {study.school}, {study.end[0]}")
    p.text("Basic Leader Course, 2016")
    p.gap(6)
    p.text("CERTIFICATIONS", 11, bold=True)
    p.rule()
    for name in s.certificates:
        p.text(name)
    p.text("CORE COMPETENCIES", 11, bold=True)
    p.rule()
    half = (len(s.skills) + 1) // 2
    p.table([("\n".join(s.skills[:half]), "\n".join(s.skills[half:]))], (0.5, 0.5), ruled=False)
    return p.finish()


@sheet("nurse-licences", "us", "docx", "nurse")
def nurse_us(s: Seen) -> bytes:
    w = Word()
    w.text(f"{s.name}, RN", bold=True, size=18)
    w.text(f"{s.place} ~ {s.phone} ~ {s.email}")
    w.text("LICENSURE & CERTIFICATION", bold=True)
    w.table([("Credential", "Expires"), *((c, "06/2027") for c in s.certificates)], widths=(10, 5))
    w.text("CLINICAL EXPERIENCE", bold=True)
    for job in s.jobs("m"):
        w.text(f"{job.title}\t{span(job, '{Mon} {Y}', between=' – ')}", bold=True, stops=(16,))
        w.text(f"{job.employer} – {job.city}")
        w.text("Beds: 24   Charting: Epic   Ratio: 1:4")
        w.bullets(job.duties)
    w.text("EDUCATION", bold=True)
    for study in s.studies("m", starts=False):
        w.text(f"{study.degree} in {study.field}\tGraduated {say(study.end, '{Mon} {Y}')}", stops=(16,))
        w.text(study.school)
    w.text("CLINICAL SKILLS", bold=True)
    half = len(s.skills) // 2
    w.table([("\n".join(s.skills[:half]), "\n".join(s.skills[half:]))], style=None)
    w.footer(f"{s.person.name}, RN")
    return w.finish()


@sheet("teacher-form", "gb", "docx", "teacher", jobs=3)
def teacher_form(s: Seen) -> bytes:
    w = Word()
    w.text("APPLICATION FOR TEACHING APPOINTMENT", bold=True, size=14)
    w.text("1. Personal details", bold=True)
    w.table([("Surname", s.person.family, "Forename(s)", s.person.given), ("Telephone", s.phone, "Email", s.email)])
    s.truth.facts["name"] = s.person.name
    w.text("2. Present and previous employment (most recent first)", bold=True)
    rows = [
        (j.employer, j.title, say(j.start, "{mm}/{Y}"), say(j.end, "{mm}/{Y}") if j.end else "To date", "Full time")
        for j in s.jobs("m")
    ]
    w.table([("Name of school", "Post held", "From", "To", "Contract"), *rows])
    w.text("3. Higher education", bold=True)
    taken = [(t.school, t.field, t.degree, str(t.start[0]), str(t.end[0])) for t in s.studies("y")]
    w.table([("University or college", "Subject", "Award", "From", "To"), *taken])
    w.text("4. Other training", bold=True)
    w.table([("Course", "Date"), ("Outdoor first aid", "2022")])
    return w.finish()


@sheet("health-form", "gb", "html", "nurse", jobs=3)
def health_form(s: Seen) -> bytes:
    def line(label: str, value: str) -> str:
        return f"<tr><th>{label}</th><td>{escape(value)}</td></tr>"

    jobs = "".join(
        f"<h4>{'Current' if not j.end else 'Previous'} employer</h4><table>"
        + line("Employer name", j.employer) + line("Town", j.city) + line("Job title", j.title)
        + line("Start date", say(j.start, "{dd}/{mm}/{Y}")) + (line("End date", say(j.end, "{dd}/{mm}/{Y}", last=True)) if j.end else "")
        + line("Reporting to", "Matron") + line("Period of notice", "Four weeks") + line("Description of duties", ". ".join(j.duties)) + "</table>"
        for j in s.jobs("m")
    )  # fmt: skip
    studies = "".join(
        "<table>"
        + line("Subject / qualification", f"{t.degree} {t.field}")
        + line("Place of study", t.school)
        + line("Grade", "2:1")
        + line("Year obtained", str(t.end[0]))
        + "</table>"
        for t in s.studies("y", starts=False)
    )
    return f"""<html><head><meta charset="utf-8"><title>Application form</title></head><body><h1>Application form</h1><p>Reference: C9281-26-0417</p>
<h3>Personal information</h3><table>{line("First name", s.person.given)}{line("Last name", s.person.family)}{line("Preferred telephone number", s.phone)}{line("Email address", s.email)}</table>
<h3>Education and professional qualifications</h3>{studies}
<h3>Employment history</h3>{jobs}
<h3>Supporting information</h3><p>I would bring patience and a dry sense of humour to the ward. Name of applicant: {s.name}</p></body></html>""".encode()


@sheet("trades-plain", "gb", "txt", "trades")
def trades_plain(s: Seen) -> bytes:
    out = [
        s.name,
        s.place,
        f"Tel {s.phone}   {s.email}",
        "",
        "Full clean driving licence, own van and tools.",
        "",
        "WORK HISTORY",
        "",
    ]
    for job in s.jobs("m"):
        out += [f"{span(job, '{Mon} {Y}')}    {job.title}, {job.employer}, {job.city}"]
        out += [" " * 8 + d + "." for d in job.duties] + [""]
    out += ["TICKETS", "", *s.certificates, "", "SCHOOLING", ""]
    out += [f"{t.start[0]}-{t.end[0]}    {t.school}: {t.degree} {t.field}" for t in s.studies("y")]
    return "\n".join(out).encode()


@sheet("hospitality-au", "au", "docx", "hospitality")
def hospitality_au(s: Seen) -> bytes:
    w = Word()
    w.text(s.name, bold=True, size=20)
    w.text(f"M: {s.phone}\t{s.email}", stops=(16,))
    w.text(s.place)
    w.text("Career Summary", bold=True, size=13)
    w.table(
        [("Dates", "Role", "Venue"), *((span(j, "{Y}", "Current", "-"), j.title, j.employer) for j in s.person.jobs)]
    )
    w.text("Employment History", bold=True, size=13)
    for job in s.jobs("m"):
        w.text(job.title, bold=True)
        w.text(f"{job.employer}, {job.city}")
        w.text(span(job, "{Month} {Y}", "Current", " – "))
        w.text("Duties:", bold=True)
        w.bullets(job.duties[:-1])
        w.text("Achievements:", bold=True)
        w.bullets(job.duties[-1:])
    w.text("Education and Training", bold=True, size=13)
    for study in s.studies("y", starts=False):
        w.text(f"{study.end[0]}\t{study.degree} ({study.field}), {study.school}", stops=(3, 16))
    w.text("Licences", bold=True, size=13)
    w.bullets(s.certificates)
    w.text("Referees", bold=True, size=13)
    w.text("Available upon request")
    return w.finish()


@sheet("naukri-labels", "in", "docx", "developer")
def naukri_labels(s: Seen) -> bytes:
    w = Word()
    w.text("RESUME", bold=True, size=16)
    w.text(f"Name: {s.name}")
    w.text(f"Mobile No.: {s.phone}")
    w.text(f"E-mail Id: {s.email}")
    w.text("Professional Summary:", bold=True)
    w.bullets(["Hands-on exposure to the whole life cycle of products", "Quick learner with good communication"])
    w.text("Work Experience:", bold=True)
    for job in s.jobs("m"):
        w.text(f"Organization\t: {job.employer}", stops=(4, 16))
        w.text(f"Designation\t: {job.title}", stops=(4, 16))
        w.text(f"Duration\t: {span(job, '{Mon} {Y}', 'till date', ' to ')}", stops=(4, 16))
        w.text("Roles & Responsibilities:")
        w.bullets(job.duties)
    w.text("Educational Qualification:", bold=True)
    w.table(
        [("Course", "Specialization", "University", "Year of Passing", "Percentage")]
        + [(t.degree, t.field, t.school, str(t.end[0]), "7.9 CGPA") for t in s.studies("y", starts=False)]
    )
    w.text("Technical Skills:", bold=True)
    w.text("Languages and Tools : " + ", ".join(s.skills))
    w.text("Personal Profile:", bold=True)
    y, m, d = s.person.birth
    s.truth.facts["birth"] = f"{y}-{m:02}-{d:02}"
    w.text(f"Date of Birth : {d:02}-{m:02}-{y}")
    w.text("Marital Status : Single")
    w.text("Declaration: I hereby declare that the above information is true to the best of my knowledge.")
    w.text(f"Place: {s.person.city}\t({s.person.name})", stops=(16,))
    return w.finish()


@sheet("consultant-clients", "in", "pdf", "developer", jobs=4)
def consultant_clients(s: Seen) -> bytes:
    p = Paper("sans", 10)
    p.text(s.name, 16, bold=True, align="centre")
    p.text(f"Email: {s.email}    Contact: {s.phone}", align="centre")
    p.gap(6)
    p.text("Technical Skills:", 11, bold=True)
    p.table([("Languages", ", ".join(s.skills[:2])), ("Frameworks and Tools", ", ".join(s.skills[2:]))], (0.3, 0.7))
    p.gap(6)
    p.text("Professional Experience:", 11, bold=True)
    for job in s.jobs("m"):
        p.row(f"Client: {job.employer}, {job.city}", span(job, "{Mon} {Y}", "Till Date", " – "), bold=True)
        p.text(f"Role: {job.title}", bold=True)
        p.text("Description: The programme moved policies of four lines of business to one platform.")
        p.text("Responsibilities:")
        p.bullets(job.duties)
        p.text("Environment: Windows, Linux, Agile")
        p.gap(5)
    p.text("Education:", 11, bold=True)
    for study in s.studies("y", starts=False):
        p.text(f"{study.degree} in {study.field} from {study.school}, {study.end[0]}")
    return p.finish(footer="Page {page}")


@sheet("gulf-engineer", "ae", "docx", "civil", jobs=3)
def gulf_engineer(s: Seen) -> bytes:
    w = Word()
    w.header("CURRICULUM VITAE")
    w.text(s.name, bold=True, size=16)
    w.text(s.person.headline)
    w.text(f"Mob: {s.phone} | {s.email} | {s.place}")
    w.text("EMPLOYMENT RECORD", bold=True)
    for job in s.jobs("m"):
        w.table(
            [
                ("Company", job.employer),
                ("Position", job.title),
                ("Period", span(job, "{Month} {Y}", "Till Now", " to ")),
                ("Location", job.city),
                ("Project", "Marina district, tower and podium"),
                ("Responsibilities", "\n".join("➢ " + d for d in job.duties)),
            ],
            widths=(4, 12),
        )
        w.text("")
    w.text("ACADEMIC QUALIFICATION", bold=True)
    for study in s.studies("y", starts=False):
        w.text(f"{study.degree} in {study.field} – {study.school} ({study.end[0]})")
    w.text("SOFTWARE SKILLS", bold=True)
    w.text(" | ".join(s.skills))
    w.text("CERTIFICATIONS", bold=True)
    w.bullets(s.certificates)
    w.text("PERSONAL DETAILS", bold=True)
    y, m, d = s.person.birth
    s.truth.facts["birth"] = f"{y}-{m:02}-{d:02}"
    w.table(
        [
            ("Date of Birth", say((y, m), f"{d} {{Month}} {{Y}}")),
            ("Visa Status", "Residence, transferable"),
            ("Driving License", "UAE, light vehicle"),
        ]
    )
    return w.finish()


@sheet("sea-service", "ae", "docx", "sea", jobs=4)
def sea_service(s: Seen) -> bytes:
    w = Word()
    w.text("SEAFARER'S APPLICATION FORM", bold=True, size=14)
    w.table([("FULL NAME", s.name, "RANK APPLIED", s.person.headline), ("MOBILE", s.phone, "E-MAIL", s.email)])
    w.text("SEA SERVICE (LAST FIVE YEARS)", bold=True)
    vessels = ("MT Sable", "MV Harrier", "MV Kittiwake", "MT Osprey Star", "MV Larkspur")
    rows = [
        (
            v,
            "Bulk / 58,000",
            j.employer,
            j.title,
            say(j.start, "{dd}.{mm}.{Y}"),
            say(j.end, "{dd}.{mm}.{Y}", last=True) if j.end else "on board",
        )
        for v, j in zip(vessels, s.jobs("m"), strict=False)
    ]
    w.table([("VESSEL", "TYPE / DWT", "COMPANY", "RANK", "SIGN ON", "SIGN OFF"), *rows])
    w.text("EDUCATION", bold=True)
    w.table(
        [
            ("INSTITUTION", "DEGREE", "FIELD", "FROM", "TO"),
            *((t.school, t.degree, t.field, str(t.start[0]), str(t.end[0])) for t in s.studies("y")),
        ]
    )
    w.text("CERTIFICATES", bold=True)
    w.table(
        [
            ("CERTIFICATE", "NUMBER", "VALID UNTIL"),
            *((c, f"A-{1204 + 7 * n}", "2028") for n, c in enumerate(s.certificates)),
        ]
    )
    return w.finish()


@sheet("skills-first", "gb", "docx", "office", jobs=4)
def skills_first(s: Seen) -> bytes:
    w = Word()
    w.text(s.name, bold=True, size=18)
    w.text(f"{s.place}, {s.phone}, {s.email}")
    w.text("Personal statement", bold=True, size=13)
    w.text("Reliable organiser returning to work after raising a family.")
    w.text("Key skills and achievements", bold=True, size=13)
    w.text("Organisation", bold=True)
    w.bullets(s.person.jobs[0].duties[:2])
    w.text("Communication", bold=True)
    w.bullets(["Calm with difficult callers", "Wrote the tenants' newsletter"])
    w.text("Employment summary", bold=True, size=13)
    for job in s.jobs("y"):
        w.text(f"{job.title}, {job.employer}, {job.city}, {span(job, '{Y}', 'present', '–')}")
    w.text("Career break", bold=True, size=13)
    w.text("Family responsibilities between two of these posts.")
    w.text("Education", bold=True, size=13)
    for study in s.studies("y", starts=False):
        w.text(f"{study.degree} {study.field}, {study.school}, {study.end[0]}")
    w.text("Office and IT skills", bold=True, size=13)
    w.text(", ".join(s.skills))
    return w.finish()


@sheet("letter", "gb", "docx", "hospitality", jobs=2)
def letter(s: Seen) -> bytes:
    w = Word()
    w.text(s.name)
    w.text(s.place)
    w.text(s.phone)
    w.text(s.email)
    w.text("Dear Hiring Manager,")
    now, before = s.jobs("m")
    end = f"until {say(now.end, '{Month} {Y}')}" if now.end else "to this day"
    w.text("I saw your card in the window and should like to apply.")
    w.text(
        f"From {say(now.start, '{Month} {Y}')} {end} I have worked as {_a(now.title)} at {now.employer} in {now.city}, where I {_first(now)}."
    )
    w.text(
        f"Before that, from {say(before.start, '{Month} {Y}')} to {say(before.end or before.start, '{Month} {Y}')}, I was {_a(before.title)} at {before.employer} in {before.city}."
    )
    (study, *_) = s.studies("y", starts=False)
    del s.truth.education[1:]
    w.text(f"I hold a {study.degree} in {study.field} from {study.school}, which I finished in {study.end[0]}.")
    w.text("Yours faithfully,")
    w.text(s.person.name)
    return w.finish()


def _a(title: str) -> str:
    return f"{'an' if title[0] in 'AEIOU' else 'a'} {title}"


def _first(job: Job) -> str:
    return job.duties[0][0].lower() + job.duties[0][1:]


@sheet("two-pages", "us", "pdf", "sales", jobs=5)
def two_pages(s: Seen) -> bytes:
    p = Paper("serif", 11.5, margin=60)
    p.text(s.name, 18, bold=True, align="centre")
    p.text(f"{s.place} ♦ {s.phone} ♦ {s.email}", align="centre")
    p.gap(8)
    p.text("Executive Profile", 13, bold=True)
    p.text("Sales leader who has built three territories from nothing and kept the people who built them. " * 2)
    p.gap(8)
    p.text("Professional Background", 13, bold=True)
    for job in s.jobs("m"):
        p.gap(6)
        p.row(job.employer, span(job, "{mm}/{Y}", "Present", " – "), bold=True)
        p.text(f"{job.title} ({long(job, (' year', ' years'), (' month', ' months'), ', ')})")
        p.text("Reported to the vice president; team of nine; budget of two million dollars.")
        p.bullets(job.duties, "▪")
        p.text("Selected Accomplishments", bold=True)
        p.bullets(["Named to the President's Club twice", "Cut the quote cycle from nine days to three"], "▪")
    p.gap(8)
    p.text("Academic Background", 13, bold=True)
    for study in s.studies("y", starts=False):
        p.text(f"{study.school} – {study.degree} ({study.field}), {study.end[0]}")
    p.gap(8)
    p.text("Areas of Expertise", 13, bold=True)
    p.text(" | ".join(s.skills))
    return p.finish(header=f"{s.person.name}", footer="Page {page} of {pages}  Confidential")
