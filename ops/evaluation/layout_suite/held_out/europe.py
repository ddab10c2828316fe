"""Resumes in German, French, Spanish and Vietnamese."""

from ops.evaluation.layout_suite.held_out.when import long, say, span
from ops.evaluation.layout_suite.paper import WIDTH, Paper
from ops.evaluation.layout_suite.seen import Seen
from ops.evaluation.layout_suite.templates.registry import sheet
from ops.evaluation.layout_suite.word import Word


@sheet("de-word", "de", "docx", "pflege")
def de_word(s: Seen) -> bytes:
    w = Word()
    w.text("Lebenslauf", bold=True, size=20)
    w.text("Persönliche Daten", bold=True, size=13)
    y, m, d = s.person.birth
    s.truth.facts["birth"] = f"{y}-{m:02}-{d:02}"
    for label, value in (
        ("Name", s.name),
        ("Geburtsdatum", f"{d:02}.{m:02}.{y}"),
        ("Telefon", s.phone),
        ("E-Mail", s.email),
    ):
        w.text(f"{label}:\t{value}", stops=(5, 16))
    w.text("Berufliche Stationen", bold=True, size=13)
    for job in s.jobs("m"):
        w.text(f"{span(job, '{mm}/{Y}', 'heute', ' – ')}\t{job.title}", bold=True, stops=(5, 16))
        w.text(f"\t{job.employer}, {job.city}", stops=(5, 16))
        for duty in job.duties:
            w.text(f"\t– {duty}", stops=(5, 16))
    w.text("Studium", bold=True, size=13)
    for study in s.studies("m"):
        w.text(f"{span(study, '{mm}/{Y}', between=' – ')}\t{study.school}", stops=(5, 16))
        w.text(f"\t{study.field}, Abschluss: {study.degree}", stops=(5, 16))
    w.text("Kenntnisse", bold=True, size=13)
    w.text(", ".join(s.skills))
    w.text("Sprachen", bold=True, size=13)
    for name, grade in s.languages:
        w.text(f"{name} ({'Muttersprache' if grade == 'native' else grade})")
    w.text(f"{s.person.city}, den 12.10.2026")
    return w.finish()


@sheet("de-network", "de", "pdf", "technik", promoted=True)
def de_network(s: Seen) -> bytes:
    p = Paper("sans", 10)
    p.text(s.name, 18, bold=True)
    p.text(f"{s.person.headline}, {s.person.city}")
    p.text(f"{s.email}   {s.phone}")
    p.gap(8)
    p.text("Berufserfahrung", 13, bold=True)
    for job in s.jobs("m"):
        lasted = long(job, (" Jahr", " Jahre"), (" Monat", " Monate"), " und ")
        p.text(f"{lasted}, {span(job, '{Mon} {Y}', 'heute', ' - ', 'de')}", 9, colour="#777777")
        p.text(job.title, 11, bold=True)
        p.text(job.employer)
        p.text("; ".join(job.duties))
        p.gap(5)
    p.text("Ausbildung", 13, bold=True)
    for study in s.studies("m"):
        p.text(f"{span(study, '{Mon} {Y}', '', ' - ', 'de')}", 9, colour="#777777")
        p.text(study.field, 11, bold=True)
        p.text(f"{study.school}, {study.degree}")
    p.text("Fähigkeiten und Kenntnisse", 13, bold=True)
    p.text("   ".join(s.skills))
    return p.finish(footer="Seite {page}")


@sheet("de-since", "de", "txt", "technik", jobs=3)
def de_since(s: Seen) -> bytes:
    out = [s.name, f"Tel.: {s.phone}", f"Mail: {s.email}", "", "BERUFSPRAXIS", ""]
    for job in s.jobs("m"):
        when = (
            f"{say(job.start, '{Month} {Y}', 'de')} bis {say(job.end, '{Month} {Y}', 'de')}"
            if job.end
            else f"Seit {say(job.start, '{Month} {Y}', 'de')}"
        )
        out += [when, f"{job.title} bei {job.employer} in {job.city}", *[f"* {d}" for d in job.duties], ""]
    out += ["AUSBILDUNG", ""]
    for study in s.studies("y"):
        out += [f"{study.start[0]} bis {study.end[0]}", f"{study.degree} {study.field}, {study.school}", ""]
    out += ["SONSTIGES", "", "Führerschein Klasse B", "Kenntnisse: " + ", ".join(s.skills)]
    return "\n".join(out).encode()


@sheet("fr-shop", "fr", "pdf", "vente", scanned=True)
def fr_shop(s: Seen) -> bytes:
    p = Paper("sans", 10, margin=40)
    p.fill(0, 0, WIDTH, 90, "#d8a48f")
    p.text(s.name.upper(), 22, bold=True)
    p.text(s.person.headline, 12)
    p.gap(40)
    top = p.y
    p.column(40, 330, top)
    p.text("EXPÉRIENCES PROFESSIONNELLES", 12, bold=True)
    for job in s.jobs("m"):
        p.gap(4)
        p.text(f"{job.title} chez {job.employer}, {job.city}", bold=True)
        end = f"à {say(job.end, '{Month} {Y}', 'fr')}" if job.end else "à aujourd'hui"
        p.text(f"De {say(job.start, '{Month} {Y}', 'fr')} {end}", 9)
        p.bullets(job.duties, "-")
    p.gap(8)
    p.text("FORMATION", 12, bold=True)
    for study in s.studies("y", starts=False):
        p.text(f"{study.end[0]} : {study.degree} {study.field}", bold=True)
        p.text(study.school)
    p.column(400, WIDTH - 440, top)
    for heading, lines in (
        ("CONTACT", [s.phone, s.email, f"{s.person.city} ({s.person.region})"]),
        ("COMPÉTENCES", s.skills),
        ("LANGUES", [name for name, _ in s.languages]),
        ("LOISIRS", ["Danse bretonne", "Potager"]),
    ):
        p.text(heading, 11, bold=True)
        for line in lines:
            p.text(line, 9)
        p.gap(8)
    return p.finish()


@sheet("fr-cadre", "fr", "docx", "projet", jobs=3)
def fr_cadre(s: Seen) -> bytes:
    w = Word()
    w.text(s.name, bold=True, size=16)
    w.text(f"{s.phone} – {s.email}")
    w.text(f"{s.person.headline} – 12 ans d'expérience", bold=True)
    w.text("Parcours professionnel", bold=True, size=13)
    for job in s.jobs("y"):
        w.text(f"{span(job, '{Y}', 'ce jour', ' – ')} : {job.title} – {job.employer} ({job.city})", bold=True)
        w.text("Missions :")
        w.bullets(job.duties)
    w.text("Diplômes", bold=True, size=13)
    for study in s.studies("y", starts=False):
        w.text(f"{study.end[0]} : {study.degree} en {study.field}, {study.school}")
    w.text("Outils", bold=True, size=13)
    w.text(", ".join(s.skills))
    w.text("Langues", bold=True, size=13)
    w.text(", ".join(f"{name} ({'langue maternelle' if grade == 'native' else grade})" for name, grade in s.languages))
    return w.finish()


@sheet("es-word", "es", "docx", "oficina")
def es_word(s: Seen) -> bytes:
    w = Word()
    w.text("CURRICULUM VITAE", bold=True, size=16)
    w.text("DATOS PERSONALES", bold=True)
    w.text(f"Nombre y apellidos: {s.name}")
    w.text(f"Teléfono: {s.phone}")
    w.text(f"Correo electrónico: {s.email}")
    w.text("EXPERIENCIA LABORAL", bold=True)
    for job in s.jobs("m"):
        end = say(job.end, "{Month} {Y}", "es") if job.end else "Actualidad"
        w.text(f"{say(job.start, '{Month} {Y}', 'es').capitalize()} - {end}", bold=True)
        w.text(f"Empresa: {job.employer} ({job.city})")
        w.text(f"Puesto: {job.title}")
        w.text("Funciones: " + ", ".join(d[0].lower() + d[1:] for d in job.duties) + ".")
    w.text("FORMACIÓN ACADÉMICA", bold=True)
    for study in s.studies("y"):
        w.text(f"{study.start[0]} - {study.end[0]}: {study.degree} en {study.field}. {study.school}.")
    w.text("IDIOMAS", bold=True)
    for name, grade in s.languages:
        w.text(f"{name}: {'nativo' if grade == 'native' else grade}")
    w.text("CONOCIMIENTOS", bold=True)
    w.text(", ".join(s.skills))
    return w.finish()


@sheet("es-profile", "es", "pdf", "oficina", promoted=True, scanned=True)
def es_profile(s: Seen) -> bytes:
    p = Paper("sans", 10, margin=30)
    p.fill(0, 0, 190, 842, "#293e49")
    white = "#ffffff"
    p.column(24, 145, 40)
    for heading, lines in (("Contactar", [s.phone, s.email]), ("Aptitudes principales", s.skills[:3]), ("Idiomas", [f"{name} ({grade})" for name, grade in s.languages])):  # fmt: skip
        p.text(heading, 12, colour=white)
        for line in lines:
            p.text(line, 9, colour=white)
        p.gap(10)
    s.truth.skills = s.person.skills[:3]
    p.column(215, WIDTH - 245, 40)
    p.text(s.name, 22)
    p.text(s.person.headline, 11)
    p.text(f"{s.person.city}, España", 10)
    p.gap(12)
    p.text("Experiencia", 14)
    shown = ""
    for job in s.jobs("m"):
        if job.employer != shown:
            p.gap(6)
            p.text(job.employer, 12)
        shown = job.employer
        p.text(job.title, 11)
        end = say(job.end, "{Month} de {Y}", "es") if job.end else "Present"
        p.text(
            f"{say(job.start, '{Month} de {Y}', 'es')} - {end} ({long(job, (' año', ' años'), (' mes', ' meses'))})",
            9.5,
        )
        p.text(f"{job.city}, España", 9.5)
        p.text(" ".join(d + "." for d in job.duties), 9.5)
    p.gap(12)
    p.text("Educación", 14)
    for study in s.studies("y"):
        p.text(study.school, 12)
        p.text(f"{study.degree}, {study.field} · ({study.start[0]} - {study.end[0]})", 9.5)
    return p.finish(footer="Page {page} of {pages}")


@sheet("vi-builder", "vn", "pdf", "sales", jobs=3)
def vi_builder(s: Seen) -> bytes:
    p = Paper("sans", 10)
    p.text(s.name.upper(), 18, bold=True)
    p.text(s.person.headline)
    p.text(f"Điện thoại: {s.phone}")
    p.text(f"Email: {s.email}")
    p.text(f"Địa chỉ: {s.place}")
    for heading in ("MỤC TIÊU NGHỀ NGHIỆP", "HỌC VẤN", "KINH NGHIỆM LÀM VIỆC", "KỸ NĂNG"):
        p.gap(8)
        p.text(heading, 12, bold=True)
        p.rule()
        if heading == "HỌC VẤN":
            for study in s.studies("y"):
                p.row(study.school, f"{study.start[0]} - {study.end[0]}", bold=True)
                p.text(f"{study.degree} {study.field}")
        elif heading == "KINH NGHIỆM LÀM VIỆC":
            for job in s.jobs("m"):
                p.row(job.employer, span(job, "{mm}/{Y}", "Hiện tại"), bold=True)
                p.text(job.title)
                p.bullets(job.duties)
        elif heading == "KỸ NĂNG":
            p.text(", ".join(s.skills))
        else:
            p.text("Trở thành người quản lý bán hàng giỏi trong ba năm tới.")
    return p.finish()
