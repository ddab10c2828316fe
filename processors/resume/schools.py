"""What a school is: its normalised name, and its marks in China's programmes."""

import re
import tomllib
from functools import cache
from importlib.resources import files

from processors.resolution.organisations import school as normalised
from processors.resolution.text import fold, unaccented
from schemas.resume import Mark

NAME = re.compile(
    r"(?:جامعة|كلية|معهد|مدرسة|ثانوية|أكاديمية)(?=\s)|אוניברסיטת|אוניברסיטה|מכללת|מכללה|מכללה|תיכון|הטכניון|มหาวิทยาลัย|โรงเรียน|วิทยาลัย|대학교?|고등학교|大学|学院|学校|中学(?!教师)|高中(?!教师)|一中|二中|党校|研究院|\b(?:universit|univercit|college|collage\b|institut|school|academy|polytechnic|univ\b|iit\b|nit\b|mit\b)"
    r"|universidad|universität|université|\b(?:vidyalaya|high school|conservatory|conservatoire|seminary|hochschule|\w+hochschule|akademie|lyc[ée]e|gymnasium|berufskolleg"
    r"|kolleg|realschule|\w+schulen?|\w+ schulen?(?= [A-ZÄÖÜ])|[ée]cole|escuela|instituto|universit[àa]|universiteit|universidade|politecnico|uniwersytet|georgia tech|virginia tech|caltech|bootcamp"
    r"|đại học|cao đẳng|học viện|trường|üniversitesi|universitas|politechnika|akademia|szkoła|университет|институт|академия|колледж|universitet|högskola|højskole|høgskole|sciences po|polytechnique|colegio|col[ée]gio|facultad|faculdade|facolt[àa]|liceo|istituto|scuola|escola|hogeschool|hogskole|universiteten|universitetet|tekniska|folkehøgskole|erhvervsskole|fagskole|gymnasie(?!examen)\w*|egyetem|főiskola|universitatea|univerzita|sveučilište|fakultet|akademie|πανεπιστήμιο|τει|інститут|університет|політехніка|preparatoria|zespół szkół|unesp|unicamp|puc|etec|fatec|senai|ntnu|kth|dtu|lukio|ammattikorkeakoulu|lisesi|fakültesi|yüksekokulu|tafe|coll[èe]ge|coleg|ysgol|liceum|technikum|lyceum|conservatorio|sixth form|grammar|k[öo]z[ée]piskola|gymn[áa]zium|fakult[ae]t\w*|business school|le cordon bleu|cordon bleu)\b|\b(?-i:ESSEC|HEC|(?:FH|TU|TH|PH)(?= [A-ZÄÖÜ])|IUT|TAFE|VIT|NIT|INSEAD|EDHEC|ESCP|EPFL|ETH|KIT|RWTH|UCLA|NYU|USC|LSE|UCL|CMU|KCL|IIM|BITS|NTU|NUS|HKU|HKUST|CUHK|KAIST|EPITA|INSA|ENS|TUM|LMU|XLRI|ISB|IES|CEIP|ITIS|ROC|IEP|ENSAM|ESIEE|EPITECH|SKEMA|EMLYON|HTL|HAK|FHNW|ZHAW|UPC|UPM|UNAM|ITESM|UFRJ|USP|SMU|RMIT|UNSW|ANU|UBC|UIUC|UCSD|UCSB|UNC|SUNY|CUNY|BYU|SJSU|LSU|PSU|MSU|OSU)\b"
    r"|(?:gymnasi(?:et|um)|skol(?:a|an|en|e)|koulu|opisto|akademi(?:et|n|a)?)\b",
    re.IGNORECASE,
)
"""What names of schools have in them."""


@cache
def _marks() -> dict[str, tuple[Mark, ...]]:
    data: dict[str, str] = tomllib.loads((files(__package__) / "data" / "schools.toml").read_text("utf-8"))
    steps: list[tuple[str, tuple[Mark, ...]]] = [
        ("double_first_class", ("double_first_class",)),
        ("p211", ("211", "double_first_class")),
        ("p985", ("985", "211", "double_first_class")),
    ]
    return {name: marks for step, marks in steps for name in data[step].split()}


def normal(name: str) -> str:
    """Return what spellings of a school share: its Chinese name where it is known, else its plain words."""
    return readable(normalised(name), name)


def readable(key: str, name: str) -> str:
    """Return a name's key for comparing with its own letters: comparing takes `v` for the `u` of pinyin."""
    words = {unaccented(word): word for word in re.findall(r"[^\W\d_]+", fold(name))}
    return " ".join(words.get(word, word) for word in key.split())


def marks(name: str) -> tuple[Mark, ...]:
    """Return the programmes a school is in; its campuses are, its independent colleges are not."""
    full = normalised(name)
    bare = re.sub(r"[(（].*?[)）]$", "", full)
    known = _marks()
    return known.get(full) or known.get(bare) or ()
