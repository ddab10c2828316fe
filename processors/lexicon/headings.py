"""Headings of a resume's sections, in many wordings and styles: known ones, and those that are like them."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

from processors.lexicon.accents import without_accents
from processors.lexicon.dates import dates
from processors.lexicon.script import fold, is_han, plain

SectionName = Literal[
    "top", "basics", "objective", "work", "education", "projects", "skills", "certificates", "languages", "awards",
    "publications", "patents", "summary", "campus", "hobbies", "references", "other",
]  # fmt: skip

_LONGEST = 60
_NUMBERING = re.compile(
    r"^(?:[一二三四五六七八九十]{1,2}[、.．]|[(（][一二三四五六七八九十\d]{1,2}[)）]|\d{1,2}[.、．)]|\d{1,2}\t|0\d[ /|–—-]{1,3}|[ivx]{1,4}\.)\s*"
)
_MARKS = "【】[]「」『』<>《》:：*#=_-—–~·•●■□◆◇★☆▪►▶|｜/\\()（） 　\t.…+♦✦❖\uf0b7"
_REMARK = re.compile(r"\s{0,3}[(（\[【][^()（）\[\]【】]{1,30}[)）\]】]$")
_CONTINUED = re.compile(
    r"[ ,\-–—|:]{1,3}(?:continued|cont\.?(?:['’]?d)?\.?|fortsetzung|suite|续|\d{1,2}\+? (?:years|jahre|ans|anni|años|anos|jaar|år|lat|let|лет|года|roků|év|ani|yıl)|총 ?(?:\d{1,2}년)? ?(?:\d{1,2}개월)?)$"
)
_MIDDLE = re.compile(r"[ \-–—|:,]{1,3}$")

# What the last words of a heading say, whatever stands before them: `Selected Clinical Experience`.
_LATIN_CORES: tuple[tuple[SectionName, str], ...] = (
    ("work", r"experiences?|internships|berufserfahrung(?:en)?|erfahrung(?:en)?|werdegang|praktika"),
    ("skills", r"skills|competenc(?:e|ie|y)s?|proficienc(?:y|ies)|kenntnisse|fahigkeiten|kompetenzen"),
    ("certificates", r"certifications|certificates|zertifikate"),
    ("awards", r"achievements|accomplishments|honou?rs|auszeichnungen"),
    ("languages", r"languages|sprachen"),
    ("projects", r"projekte"),
    ("hobbies", r"interests|hobbies|hobbys"),
    ("education", r"(?!weiter|fort)\w*(?:ausbildung|bildung|studium)"),
)  # fmt: skip
# These end names of companies as well: only behind a word that qualifies a section.
_SHY_CORES: tuple[tuple[SectionName, str], ...] = (
    ("work", r"employment|appointments|internship|jobs|positions|engagements|career|history|roles|tatigkeiten|stationen"),
    ("projects", r"projects?|work samples"),
    ("education", r"education|studies|degrees|qualifications|schooling|ausbildung"),
    ("skills", r"technolog(?:y|ies)|expertise|toolkit|tools|knowledge|strengths|abilities|software"),
    ("certificates", r"certification|licen[cs]es|licensure|credentials|accreditations|trainings?|courses|memberships?|registrations?|weiterbildung(?:en)?"),
    ("awards", r"awards?|distinctions|scholarships|prizes|recognition"),
    ("publications", r"publications|papers|articles|presentations"),
    ("campus", r"activities|involvement|volunteering|affiliations|service"),
    ("summary", r"summary|profile|statement|background|overview"),
    ("references", r"references|referees"),
)  # fmt: skip
_QUALIFIER = (
    r"selected|relevant|additional|other|further|recent|previous|prior|past|early|earlier|current|professional|technical|core|key|main|major|personal"
    r"|academic|formal|tertiary|secondary|vocational|basic|professional and academic|post-secondary|computer|it|soft|hard|special|general|notable|related|clinical|teaching|research|industry|legal|medical|scientific|leadership"
    r"|volunteer|community|international|foreign|programming|top|primary|college|university|graduate|undergraduate|postgraduate|educational|military"
    r"|specialized|specialised|work|working|employment|job|career|student|extracurricular|extra-curricular|side|open source|freelance|honors|executive"
    r"|detailed|brief|full|complete|mandatory|statutory|continuing|in-house|on-the-job|weitere|sonstige|besondere|berufliche|praktische|akademische|ausgewahlte|relevante|bisherige|wesentliche|technische"
)
_LATIN = re.compile(
    r"(?:(?P<before>[a-z][a-z&,/\-.' ]{0,45}) )?(?:[a-z]{1,12}-)?(?:"
    + "|".join(f"(?P<{n}>{p})" for n, p in _LATIN_CORES)
    + ")"
)
_SHY = re.compile(
    rf"(?P<before>(?:{_QUALIFIER})(?:(?:,? (?:and |& |und )?|/)(?:{_QUALIFIER})){{0,2}}) (?:"
    + "|".join(f"(?P<{n}>{p})" for n, p in _SHY_CORES)
    + ")"
)
# French and Spanish put it first: expérience clinique.
_ROMANCE: tuple[tuple[SectionName, str], ...] = (
    ("work", r"experiences?|experiencias?|parcours|stages?|emplois?"),
    ("education", r"formations?|etudes|diplomes|estudios"),
    ("skills", r"competences?|connaissances|outils|habilidades|competencias"),
    ("projects", r"projets?|proyectos?"),
    ("languages", r"langues?|idiomas"),
)
_ROMANCE_FIRST = re.compile(
    "(?:" + "|".join(f"(?P<{n}>{p})" for n, p in _ROMANCE) + r")(?: (?P<after>[a-z][a-z&,/\-.' ]{0,40}))?"
)
_FOREIGN = re.compile(r"[àâçéèêëîïôûùüÿœáíóúñ]| (?:en|et|de|des|du|la|le|y|del) |(?:elles?|iques?)$")
# Another word of the heading may say more than its last one.
_TELLING: tuple[tuple[SectionName, re.Pattern[str]], ...] = (
    ("work", re.compile(r"\b(?:work|working|professional|employment|job|career|industry|industrial|internships?|teaching|clinical|research)\b")),
    ("campus", re.compile(r"\b(?:volunteer(?:ing)?|leadership|extracurricular|extra-curricular|community|campus|student)\b")),
    ("projects", re.compile(r"\bprojects?\b")),
    ("languages", re.compile(r"\b(?:languages?|foreign|linguistic)$")),
)  # fmt: skip
_OTHER_MEANING = re.compile(
    r"\b(?:users?|customers?|clients?|employees?|guests?|digital|candidates?|brand|shopping|developers?|players?|buyers?|patients?|passengers?"
    r"|visitors?|members?|consumer|in-store|years?|no|with|in|of|for|to|at|by|on|from|the|a|an|is|are|was|my|your|our|their|its|continuing|higher|customer's)\b"
)
"""`Customer Experience` is a department, `Experience in sales` a sentence."""
_OF_SKILLS = re.compile(r"^(?:digital|customer|client|the|my|user|patient)$")
"""`Digital Skills` are skills, `Digital Experience` is none."""

_HAN_END = r"(?:经历|经验|履历|历程|背景|资历|情况|概况|简历|概述)"
_HAN_CORES: tuple[tuple[SectionName, str], ...] = (
    ("certificates", rf"(?:培训|进修|训练){_HAN_END}|(?:资格|职业|专业|技能|相关|所获|主要|持有)?(?:证书|证照|资质|认证|执照)(?:情况)?"),
    ("education", rf"(?:教育|学习|求学|学业|学历|学术|就读|受教育){_HAN_END}"),
    ("projects", rf"(?:项目|专案|课题|科研|产品|作品){_HAN_END}|(?:主要|代表|重点|个人|参与|开源|科研|核心|相关)(?:项目|专案|作品)"),
    ("campus", rf"(?:校园|校内|在校|社团|社会|学生|学生会|志愿|志愿者|志工|公益|活动|干部|学生工作){_HAN_END}"),
    ("work", rf"(?:工作|专业|实习|任职|职业|从业|职场|就业|兼职|执业|临床|教学|实践|见习|创业|受雇|雇佣|岗位|销售|管理|带教|军旅|服役|海外|国外|境外|打工|工读|职涯|行业){_HAN_END}"),
    ("skills", r"(?:技能|技术|专长|特长|能力|工具)(?:清单|概述|总结|情况|特长|专长|标签|描述|一览)?"),
    ("awards", r"(?:荣誉|奖项|获奖|得奖|奖励|奖惩)(?:情况|经历|荣誉|记录|纪录|奖励)?"),
    ("languages", r"(?:语言|外语|语文)(?:能力|水平|技能|情况)"),
    ("summary", r"(?:自我|个人)(?:评价|介绍|简介|总结|描述|推荐|鉴定|优势|特质)"),
    ("objective", r"(?:求职|应聘|应征|职业)(?:意向|目标|条件|方向|意愿)"),
    ("basics", r"(?:个人|基本|联系|联络)(?:信息|资料|情况|资讯|方式|档案)"),
    ("publications", r"(?:论文|著作|发表|出版)(?:情况|成果|列表|发表)?"),
)  # fmt: skip
_HAN = re.compile(r"(?P<before>[\u3400-\u9fff]{0,4}?)(?:" + "|".join(f"(?P<{n}>{p})" for n, p in _HAN_CORES) + ")")
_HAN_QUALIFIERS = re.compile(
    r"(?:主要|相关|近期|过往|以往|曾经|其他|其它|部分|重要|详细|个人|专业|核心|最近|过去|目前|职场|社会|企业|校外|本人|全职|正式|海外|国内|国外|计算机|英语|it|职业|我的|掌握|所获|曾获)*"
)
_FORM = re.compile(
    r"(?P<of>[a-z][a-z &/]{3,30}?) (?:(?P<list>details|history|record|list|information)|profile|summary|overview|set|highlights|matrix)"
)
"""What stands behind a heading and says nothing of its own: Skills Profile, Employment Details."""
_JOINTS = ("/", "|", " and ", " und ", " et ", " y ", "&", "、", "与", "及", "和", "+", "，", ", ")


@cache
def _headings() -> dict[str, SectionName]:
    data: dict[SectionName, dict[str, str]] = tomllib.loads(
        (files(__package__) / "data" / "headings.toml").read_text("utf-8")
    )  # type: ignore[assignment]
    return {
        _key(entry): name
        for name, words in data.items()
        for block in words.values()
        for entry in block.replace("\n", "|").split("|")
        if entry.strip()
    }


def named(words: str) -> SectionName | None:
    """Return the section that has these very words for a heading."""
    return _headings().get(_key(words))


def _key(text: str) -> str:
    return "".join(c for c in without_accents(plain(fold(text))).replace("ı", "i") if c.isalnum() or c in "&")


def heading(text: str) -> SectionName | None:
    """Return the section that a line opens, if it is nothing but a known heading.

    Remarks do not count: `Work Experience (8 years)`, `工作经历（2018至今）`, `Education, continued`.
    """
    bare = _bare(text)
    if bare is None:
        return None
    known = _headings()
    if found := known.get(_key(bare)):
        return found
    if is_han(bare) and any("a" <= c <= "z" for c in bare):  # bilingual: 工作经历 Work Experience
        han = "".join(c for c in bare if "\u3400" <= c <= "\u9fff")
        latin = "".join(c for c in bare if c.isascii() and (c.isalpha() or c == "&"))
        return known.get(han) if known.get(han) and known.get(_key(latin)) else None
    if (form := _FORM.fullmatch(bare)) and (name := known.get(_key(form["of"]))) and (name != "work" or form["list"]):
        return name
    for mark in _JOINTS:
        parts = bare.split(mark)
        if len(parts) == 2 and all(parts):
            left, right = parts
            names = [_half(left, right), known.get(_key(right))]
            if names[0] and names[1]:
                return "work" if "work" in names else names[0]
    return None


def _half(left: str, right: str) -> SectionName | None:
    """Return what the first of two joined words says, with the end that they share: 实习/项目经历, Work & Project Experience."""
    known = _headings()
    for end in (right[-2:] if is_han(right) else " " + right.rsplit(" ", 1)[-1], ""):
        if found := known.get(_key(left + end)):
            return found
    return None


def like_heading(text: str) -> SectionName | None:
    """Return the section that a line would open whose words are like a heading's: `Selected Clinical Experience`.

    Only the place of the line can tell that it is one.
    """
    if text and not is_han(text) and text[0].islower():
        return None
    bare = _bare(text)
    if bare is None or bare.endswith(("。", "；", ";")) or (text.endswith(".") and text.count(" ") > 1):
        return None
    if is_han(bare):
        return _han_like(bare)
    words = without_accents(bare).replace("’", "'")
    if len(words.split()) > 7 or any(c.isdigit() or c in "@%!?;" for c in words):
        return None
    core = re.split(r" [\-–—:|] ", bare, maxsplit=1)[0]
    if core != bare and (known := named(core)):  # Experience – Teaching
        return known
    found = _LATIN.fullmatch(words) or _SHY.fullmatch(words)
    if found and found.lastgroup:
        before = found["before"] or ""
        name: SectionName = found.lastgroup  # type: ignore[assignment]
        if _OTHER_MEANING.search(before) and not (name == "skills" and _OF_SKILLS.search(before)):
            return None
        if name == "languages" and re.search(r"programming|scripting|markup|computer|coding", before):
            return "skills"
        if name == "work":
            return next((n for n, pattern in _TELLING if pattern.search(before)), "work")
        return name
    for mark in _JOINTS:  # Praktika und Nebenjobs
        halves = bare.split(mark)
        if len(halves) == 2 and (known := named(halves[0]) or named(halves[1])):
            return known
    if (found := _ROMANCE_FIRST.fullmatch(words)) and (not found["after"] or _FOREIGN.search(bare)):
        return next(n for n, _ in _ROMANCE if found[n])
    return None


def _han_like(bare: str) -> SectionName | None:
    words = plain(bare)
    parts = [part.strip() for part in re.split(r"[/|&、与及和＋+，]", words) if part.strip()]
    if not 1 <= len(parts) <= 3:
        return None
    end = re.search(_HAN_END + "$", parts[-1])
    found: list[SectionName] = []
    for part in parts:
        name = _han_core(part) or (_han_core(part + end[0]) if end else None) or named(part)
        if name is None:
            return None
        found.append(name)
    return "work" if "work" in found else found[0]


def _han_core(part: str) -> SectionName | None:
    found = _HAN.fullmatch(part)
    if not found or not _HAN_QUALIFIERS.fullmatch(found["before"]):
        return None
    return found.lastgroup  # type: ignore[return-value]


def _bare(text: str) -> str | None:
    """Return a line without its case, numbering, marks and remarks; None if it is too long for a heading."""
    if len(text) > _LONGEST:
        return None
    shown = plain(fold(text))
    bare = _NUMBERING.sub("", shown.strip(_MARKS)).strip(_MARKS)
    shown = shown.strip(" \t:*#")
    if (remark := _REMARK.search(shown)) and remark.start():
        bare = _NUMBERING.sub("", shown[: remark.start()]).strip(_MARKS)
    bare = _CONTINUED.sub("", bare)
    if any(c.isdigit() for c in bare):
        for when in dates(bare):
            if when.at[1] == len(bare) and (middle := _MIDDLE.search(bare[: when.at[0]])):
                bare = bare[: middle.start()].strip(_MARKS)
                break
    return bare or None
