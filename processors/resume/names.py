"""Names of people: found by label, or by place and shape among the first lines."""

import re
from collections.abc import Iterable
from itertools import islice, pairwise

from processors.lexicon.accents import without_accents
from processors.lexicon.headings import heading
from processors.lexicon.phrases import shares
from processors.lexicon.script import is_han
from processors.lexicon.titles import title_score
from processors.resume.name_parts import COMPOUND, LAST_FIRST, PARTICLES, SUFFIX, SURNAMES, WORD, parts
from processors.resume.roles import STATES, is_place
from processors.resume.text import Line, Piece
from processors.skills import normalise
from schemas.resume import Found, PersonName

_NOT_NAMES = re.compile(
    r"公司|大学|学院|经理|工程师|简历|求职|专业|技能|经历|经验|教育|背景|岗位|职位|主管|总监|助理|专员|设计|开发|运营|销售|会计"
    r"|姓名|先生|女士|男|女|未婚|已婚|本科|硕士|博士|大专|汉族|党员|北京|上海|中国|个人|信息|评价|意向|顾问|教师|护士|医生|律师|高级|资深|负责"
)
_TITLE_WORDS = frozenset(
    """engineer|developer|manager|analyst|designer|consultant|director|specialist|assistant|associate|officer|administrator
architect|lead|senior|junior|intern|accountant|nurse|teacher|coordinator|executive|programmer|scientist|resume|vitae
curriculum|profile|summary|contact|address|email|phone|linkedin|github|university|college|school|institute|street|road
avenue|experience|education|skills|objective|software|data|product|project|sales|marketing|business|head|chief
representative|technician|supervisor|student|researcher|professor|of|the|and|for|in|at|with|registered|certified
personal|information|details|page|lawyer|attorney|counsel|operator|mechanic|writer|editor|chef|buyer|planner|advisor
recruiter|partner|president|inc|ltd|llc|corp|company|cv|résumé|lebenslauf|bewerbung|city|male|female""".replace(
        "\n", "|"
    ).split("|")
)
_HAN_NAME = re.compile(r"[\u3400-\u9fff]{2,4}|[\u3400-\u9fff]{1,8}[·•‧][\u3400-\u9fff]{1,8}")
_SPACED = re.compile(r"[\u3400-\u9fff](?:[ \u3000]{1,4}[\u3400-\u9fff]){1,3}")
_POLITE = re.compile(r"(?<=[\u3400-\u9fff])[ \u3000]{0,3}(?:先生|女士|小姐|同学)$")
_JAPANESE = re.compile(r"([々\u3400-\u9fff]{2,4})[ \u3000]{1,4}([々\u3041-\u30ff\u3400-\u9fff]{1,5})")
"""山田 太郎: with a space and behind a label."""
_HONORIFIC = re.compile(
    r"(?:(?:mag\.a|dr\.in|dott\.ssa|dr\. (?:med|rer\. nat|jur|phil|ing|h\. c)|dipl\.-\w{2,8}\.?(?: \((?:fh|univ|tu|ba)\.?\))?|dr|mag|mr|mrs|ms|mx|prof|professor|herr|frau|mme|mlle|sir|dame|eng|ing|dipl\.?-ing|dott|dra?|sra?|ca|adv|capt|rev|lic|mgr|bc|pr)\.? |(?:mag\.a|dr\.in|prof\.in|dott\.ssa|mag\.ª) |(?:m|ar|er)\. ){1,3}(?=\S)",
    re.IGNORECASE,
)
_CREDENTIALS = re.compile(
    r"(?:[,|] ?| )(?:(?:[A-Z]{2,6}|[A-Z][a-z]{0,3}(?:\.[A-Z][A-Za-z]{0,4}){1,3}|Ph\.? ?D|PhD|MSc|BSc|MEng|BEng|MPhil|PharmD|Esq|PgMP|SHRM-[A-Z]{2,3}|[A-Z]{2,5}-[A-Z]{1,4}|Dipl\.-[A-Z][a-z]+)[.®™]*)"
    r"(?:(?:,? |/)(?:[A-Z]{2,6}|[A-Z][a-z]{0,3}(?:\.[A-Z][A-Za-z]{0,4}){1,3}|Ph\.? ?D|PhD|MSc|BSc|MEng|BEng|MPhil|PharmD|Esq|SHRM-[A-Z]{2,3}|[A-Z]{2,5}-[A-Z]{1,4})[.®™]*){0,6}$"
)
_KNOWN_LETTERS = re.compile(
    r"(?:PhD|MBA|MSc|BSc|CPA|PMP|MD|RN|PE|CFA|ACCA|FCCA|CISSP|MEng|BEng|MPhil|PharmD|JD|LLM|MPH|MA|BA|BSN|MSN|DDS|Esq|PMI|CSM|SPHR|PHR)[.®™]*$"
)
_REMARK = re.compile(
    r" ?[(（\[](?:(?:she|he|they|ze|sie|er|elle|il)(?:[/|, ]{1,3}\w{2,6}){0,2}|[^()（）\[\]]{1,20})[)）\]]|,? (?:she|he|they)/\w{2,5}(?:/\w{2,6})?$",
    re.IGNORECASE,
)
_NICKNAME = re.compile(r" (?:[\"“'‘][^\"”’']{1,20}[\"”’']|[(（][^()（）]{1,20}[)）])(?= )")
_OF_DOCUMENT = re.compile(
    r"(?:curriculum vitae|curr[ií]culum(?: vitae)?|curr[ií]culo|hoja de vida|życiorys|životopis|özgeçmiş|önéletrajz|резюме|автобиография|βιογραφικό(?: σημείωμα)?|meritförteckning|levensloop|sơ yếu lý lịch|(?:daftar )?riwayat hidup|životopis|ansioluettelo|personal history(?: form)?|application form|r[ée]sum[ée]|cv|lebenslauf|bewerbung|profile|bio ?data|vitae)(?: (?:19|20)\d\d)?",
    re.IGNORECASE,
)
_HAN_DOCUMENT = re.compile(r"(?:【?的?(?:个人|求职|中文|英文)*简历】?|履历表?|个人档案|应聘登记表|求职信息)")
_LATIN_NAME = re.compile(rf"{WORD}(?: {WORD}){{1,6}}")
_LETTERS = re.compile(r"[^\W\d_](?:[ \u2009]?[^\W\d_](?= |$|\t)|[ \t]){1,60}")
_BOTH = re.compile(
    rf"([\u3400-\u9fff·]{{2,8}})[ (（/|]{{1,3}}({WORD}(?:,? {WORD}){{0,3}})[)）]?|({WORD}(?:,? {WORD}){{0,3}})[ (（/|]{{1,3}}([\u3400-\u9fff·]{{2,8}})[)）]?"
)
_FIRST_LINES = 30
_PRESENTED = re.compile(
    rf"(?:.{{0,8}}[，,！!。] ?)?(?:我叫|我是|本人(?:姓名)?|我的名字(?:叫|是))(?P<name>[\u3400-\u9fff]{{2,4}}|[\u3400-\u9fff]{{1,8}}·[\u3400-\u9fff]{{1,8}})(?=[，,。；])"
    rf"|(?i:(?:[\w ]{{2,12}}[,!.] ?)?(?:my name is|i am called|i['’]m|i am|mein name ist|ich bin|je m['’]appelle|je suis)) (?P<latin>{WORD}(?: {WORD}){{1,3}})(?=[,.!]|$| and)"
)
_HAN_OPENING = re.compile(
    r"(?P<name>[\u3400-\u9fff]{2,4}|[\u3400-\u9fff]{1,8}·[\u3400-\u9fff]{1,8})(?P<mark>[（(\-–—－_/|，,、 ：:])"
)
_ABOUT_HAN = re.compile(
    r"^(?:男|女|党员|中共党员|先生|女士|同学|\d{2} ?岁|\d{1,2} ?年.{0,4}|(?:19|20)\d\d年?.{0,6}|本科|硕士|博士|大专|应届.{0,4}|[\d\- ]{11,15})$"
)
"""What stands beside a Chinese name on its line."""


def person(
    lines: Iterable[Line], label: Piece | None, emails: Iterable[str] = (), *, japanese: bool = False
) -> Found[PersonName] | None:
    """Return the name that has the label, else the likeliest of the first lines; an email may tell that it is one.

    `japanese`: the document has kana.
    """
    mailbox = " ".join(email.partition("@")[0].casefold() for email in emails)
    if label and (found := _candidate(label, trusted=True) or _other_script(label)):
        return found
    if (
        label and any(map(str.isalpha, label.text)) and not title_score(label.text)
    ):  # `姓名` may be what a template has above a title
        return label.found(parts(label.text), 0.8)
    best: Found[PersonName] | None = None
    first = list(islice(lines, _FIRST_LINES))
    for line in first:  # of letters
        said = _PRESENTED.match(line.text)
        if said and not (said["latin"] and (not said["latin"].istitle() or title_score(said["latin"]))):
            start, end = said.span("name" if said["name"] else "latin")
            own = line.piece.part(start, end - line.text[start:end].endswith("."))
            if found := _candidate(own, trusted=True):
                return found
    for number, line in enumerate(first):
        pieces = [part for cell in line.cells for part in split_marks(cell)] if len(line.text) < 200 else []
        likely = [_candidate(part, trusted=False, mailbox=mailbox) for part in pieces]
        if re.search("[,(/]", line.text):
            opens = all(_opens_document(before.text) for before in first[:number])
            likely.append(_candidate(line.piece, trusted=False, mailbox=mailbox, opens=opens))
        if number < 4:
            likely.append(_other_script(line.piece, japanese=japanese))
        if number < 3:
            likely += [_before_title(line.piece, mailbox), _han_beside(line.piece)]
        likely.append(_letter_spaced(line, mailbox))
        if number < 3 and number + 1 < len(first):
            likely.append(_two_lines(line, first[number + 1], mailbox))
        for one in filter(None, likely):
            sure = one.confidence - number * 0.012 - _unlikely(one, mailbox)
            if sure > (_LEAST if best is None else best.confidence):
                best = one.model_copy(update={"confidence": round(max(sure, 0.1), 2)})
    if best is None and first:
        best = _one_word(first[0], mailbox) or _in_small_letters(first[0])
    return best


_LEAST = 0.1
"""The confidence below which a candidate is none."""
_NONE = 0.4
"""What a candidate loses whose letters are not those of a person's name."""


def _unlikely(found: Found[PersonName], mailbox: str) -> float:
    """Return what a candidate loses by its letters; one that the mailbox has loses nothing."""
    name = found.value.full
    if _in_mailbox(name, mailbox) or (is_han(name) and (_known_han(name) or _JAPANESE.fullmatch(name))):
        return 0.0
    told = shares(name)
    return _NONE * max(1 - told.person / _LIKELY, 0)


_LIKELY = 0.3
"""The share of a person's names from which on letters say nothing against it."""


def by_mailbox(lines: Iterable[Line], emails: Iterable[str]) -> Found[PersonName] | None:
    """Return the name that a line anywhere in a document is, if a mailbox has all its words: beside a column of facts."""
    mailbox = " ".join(plain_letters(email) for email in emails)
    told = list(lines) if mailbox else []
    for line, below in pairwise(told):
        if max(len(line.text), len(below.text)) > 25:
            continue
        if (two := _two_lines(line, below, mailbox)) and (
            _mailed_below(line.text, below.text, mailbox) or _mailed_in_full(line.text, below.text, mailbox)
        ):
            return two
        if _known_han(line.text) and title_score(below.text) > 0:
            return line.piece.found(parts(line.text), 0.8)
    for line in told:
        for cell in line.cells if len(line.text) < 60 and not line.bullet else ():
            words = [plain_letters(word) for word in _WORDS.findall(cell.text)]
            mailed = [word for word in words if word in mailbox]
            if len(words) < 2 or sum(map(len, mailed)) < 5 or (len(mailed) < len(words) and words[-1] not in mailed):
                continue
            if found := _candidate(cell, trusted=False, mailbox=mailbox):
                return found
    return None


def _mailed_below(text: str, below: str, mailbox: str) -> bool:
    """Whether a mailbox has a family name and begins as the given one does: d.orourke, mjpenalver."""
    families = [word for word in map(plain_letters, _WORDS.findall(below)) if len(word) > 3]
    return any(word in mailbox for word in families) and mailbox[:1] == plain_letters(text)[:1]


def _mailed_in_full(text: str, below: str, mailbox: str) -> bool:
    """Whether a mailbox or its site has a given name and begins the family name behind it: hello@junipercast.example."""
    given, family = plain_letters(text), plain_letters(below)
    return len(given) > 3 and len(family) > 3 and given + family[:3] in mailbox


def _opens_document(text: str) -> bool:
    """Whether a line above the name is the document's own title or a heading."""
    return _OF_DOCUMENT.fullmatch(text) is not None or heading(text) is not None


_OTHER_SCRIPTS = (
    re.compile(r"[\uac00-\ud7a3]{2,4}|[\uac00-\ud7a3]{1,2} [\uac00-\ud7a3]{1,3}"),
    re.compile(r"[\u0621-\u064a]{2,14}(?: [\u0621-\u064a]{2,14}){1,3}"),
)
_NO_NAME = re.compile(
    r"이력서|자기소개서?|인적사항|경력기술서|경력사항|학력사항|지원서|연락처|السيرة|الذاتية|سيرة|البيانات|الخبر|التعليم|المهارات|مهندس|محاسب|مدير"
)


def _other_script(line: Piece, *, japanese: bool = False) -> Found[PersonName] | None:
    """Return a name in Hangul or Arabic, or a Japanese one, that is alone on its line, or before a bar."""
    head = re.split(r"[|｜·\t(（]", line.text, maxsplit=1)[0].strip()
    if japanese and (parted := _JAPANESE.fullmatch(head)) and not _NOT_NAMES.search(head):
        family, given = parted.groups()
        name = PersonName(full=f"{family} {given}", family=family, given=given, order="family_first")
        return line.part(0, len(head)).found(name, 0.97)
    if not any(script.fullmatch(head) for script in _OTHER_SCRIPTS) or _NO_NAME.search(head):
        return None
    bare = head.replace(" ", "")
    if "\uac00" <= bare[0] <= "\ud7a3" and len(bare) < 5:
        family = head.split(" ")[0] if " " in head else bare[: 2 if len(bare) > 3 else 1]
        name = PersonName(full=head, family=family, given=bare[len(family) :] or None, order="family_first")
    else:
        name = PersonName(full=head)
    return line.part(0, len(head)).found(name, 0.7)


def _before_title(line: Piece, mailbox: str) -> Found[PersonName] | None:
    """Return the name before a comma and a title: `Nora Whitfield, Platform Engineer`."""
    head, comma, rest = line.text.partition(", ")
    if not comma or len(rest) > 60 or not title_score(rest) or title_score(head) or len(head.split()) < 2:
        return None
    return _candidate(line.part(0, len(head)), trusted=False, mailbox=mailbox)


def _han_beside(line: Piece) -> Found[PersonName] | None:
    """Return a Chinese name with its title or facts on one line: 沈可欣（女，1996年）, 数据分析师 沈可欣."""
    if len(line.text) > 60 or not is_han(line.text):
        return None
    words = [(m[0], m.span()) for m in re.finditer(r"[^（）()\-–—－_/|，,、 ：:]+", line.text)]
    names = [span for word, span in words if _known_han(word)]
    others = [word for word, span in words if span not in names]
    if len(names) != 1 or not others or not all(title_score(w) or _ABOUT_HAN.match(w) for w in others):
        return None
    own = line.part(*names[0])
    return own.found(parts(own.text), 0.9)


def _known_han(word: str) -> bool:
    """Whether a word is a surname with one or two characters behind it, and nothing else that has this form."""
    if not _HAN_NAME.fullmatch(word) or _NOT_NAMES.search(word) or title_score(word) or is_place(word):
        return False
    return word[:2] in COMPOUND or (word[0] in SURNAMES and len(word) <= 3) or "·" in word


def _in_small_letters(line: Line) -> Found[PersonName] | None:
    """Return a name that is written without capitals, where it is all of the first line."""
    words = line.text.split(" ")
    if not 2 <= len(words) <= 3 or not line.text.islower() or is_han(line.text) or title_score(line.text):
        return None
    if not all(_ONE_WORD.fullmatch(w) and len(w) > 1 for w in words) or _is_other(words, "") or heading(line.text):
        return None
    return line.piece.found(parts(" ".join(w.title() for w in words)), 0.5)


def _letter_spaced(line: Line, mailbox: str) -> Found[PersonName] | None:
    """Return the name of a line whose letters stand apart: `N O R A   W H I T F I E L D`."""
    text = line.text
    if len(text) > 80 or not _LETTERS.fullmatch(text) or is_han(text):
        return None
    words = [re.sub(r"[ \t]", "", word) for word in re.split(r"\t+| {2,}", text)]
    if len(words) == 1:  # nothing but the mailbox tells where a word ends
        letters = words[0]
        cuts = [
            n
            for n in range(2, len(letters) - 1)
            if {letters[:n].casefold(), letters[n:].casefold()} <= set(_WORDS.findall(mailbox))
        ]
        words = [letters[: cuts[0]], letters[cuts[0] :]] if cuts else words
    if any(len(word) < 2 for word in words) or len(words) > 5 or _is_other(words, "") or heading("".join(words)):
        return None
    return line.piece.found(parts(" ".join(words)), 0.88)


def _two_lines(line: Line, below: Line, mailbox: str) -> Found[PersonName] | None:
    """Return a name whose words stand one below the other: single words, else such as the mailbox or capitals confirm."""
    halves = [_closed_up(line.text), _closed_up(below.text)]
    whole = " ".join(halves)
    if any(not _HALF.fullmatch(h) or not h[0].isupper() or heading(h) or is_place(h) for h in halves):
        return None
    words = whole.split()
    if len(words) > 6 or is_han(whole) or _is_other(words, mailbox) or any(title_score(h) for h in halves):
        return None
    mailed = all(_in_mailbox(h, mailbox) for h in halves)
    shouted = whole.isupper()
    goes_on = halves[0].split()[-1] in PARTICLES or _mailed_below(halves[0], halves[1], mailbox)
    if not (mailed or shouted or len(words) == 2 or goes_on):
        return None
    where = Piece(line.text, line.piece.start, below.piece.end)
    return where.found(parts(whole), 0.96 if mailed else 0.92 if shouted else 0.8)


def _closed_up(text: str) -> str:
    """Return words whose letters stood apart as they are read: `N A D I A   E L`."""
    if len(text) > 80 or not _LETTERS.fullmatch(text):
        return text
    return " ".join(re.sub(r"[ \t]", "", word) for word in re.split(r"\t+| {2,}", text))


def _in_mailbox(half: str, mailbox: str) -> bool:
    """Whether a mailbox has a name's words, but for particles and single letters."""
    words = [plain_letters(w) for w in re.findall(r"[^\W\d_]+", half) if len(w) > 1 and w.casefold() not in PARTICLES]
    return bool(words) and any(w in mailbox for w in words)


def plain_letters(word: str) -> str:
    """Return a word as mailboxes write it: in small letters without accents."""
    return without_accents(word.casefold().replace("ø", "o").replace("đ", "d"))


def _one_word(line: Line, mailbox: str) -> Found[PersonName] | None:
    """Return a name of one word: the first line, if the mailbox has it."""
    word = line.text
    if _ONE_WORD.fullmatch(word) and not is_han(word) and word[0].isupper() and word.casefold() in mailbox:
        return line.piece.found(parts(word), 0.6)
    return None


_ONE_WORD = re.compile(WORD)
_HALF = re.compile(rf"{WORD}(?: {WORD}){{0,2}}")
_CITY_AND_STATE = re.compile(rf", (?:{STATES})$")
_WORDS = re.compile(r"[^\W\d_]+")


def _is_other(words: list[str], mailbox: str) -> bool:
    """Whether words are those of titles and headings, and are not in the mailbox."""
    mailed = mailbox and all(len(w) > 1 and w.casefold() in mailbox for w in words)
    return not mailed and any(w.casefold().strip(".,") in _TITLE_WORDS for w in words)


def split_marks(cell: Piece) -> Iterable[Piece]:
    """Yield the parts of a cell between bars and dots."""
    at = 0
    for mark in re.finditer(
        r" ?[|｜/•] ?| [·–—◆◇❖✦♦■▪●○►▸»~-] |　+|[,，] ?(?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff])[,，]", cell.text
    ):
        if part := cell.part(at, mark.start()):
            yield part
        at = mark.end()
    if part := cell.part(at, len(cell.text)):
        yield part


def _candidate(cell: Piece, *, trusted: bool, mailbox: str = "", opens: bool = False) -> Found[PersonName] | None:
    """Return the name that a cell is; `opens`: nothing but the document's title stands above it."""
    if mark := re.search(rf"(?:['’]s)?[ \-–—|,:]{{1,3}}{_OF_DOCUMENT.pattern}$", cell.text, re.IGNORECASE):
        cell = cell.part(0, mark.start())
    text = cell.text
    if len(text) > 80 or (
        not trusted and (_OF_DOCUMENT.fullmatch(text) or heading(text) or any(c.isdigit() or c == "@" for c in text))
    ):
        return None
    if mark := _HAN_DOCUMENT.search(text):  # 贺知远的简历, 个人简历 - 贺知远
        cell = cell.part(*((0, mark.start()) if mark.start() else (mark.end(), len(text))))
        cell = cell.part(len(cell.text) - len(cell.text.lstrip("-–— ")), len(cell.text))
        text = cell.text
        if not text:
            return None
    if (polite := _POLITE.search(text)) and is_han(text[: polite.start()]):
        cell = cell.part(0, polite.start())
        text = cell.text
    if trusted and (japanese := _JAPANESE.fullmatch(text)) and not _NOT_NAMES.search(text):
        family, given = japanese.groups()
        name = PersonName(full=f"{family} {given}", family=family, given=given, order="family_first")
        return cell.found(name, 0.97)
    both = _BOTH.fullmatch(text)
    if both and not _NOT_NAMES.search(text):
        han = both[1] or both[4]
        start = text.index(han)
        if found := _candidate(cell.part(start, start + len(han)), trusted=trusted):
            return found
    if _HAN_NAME.fullmatch(text) or _SPACED.fullmatch(text):
        bare = re.sub(r"[ \u3000]", "", text)
        if _NOT_NAMES.search(bare) or is_place(bare):
            return None
        known = bare[:2] in COMPOUND or (bare[0] in SURNAMES and len(bare) <= 3) or "·" in bare
        if trusted or known or len(bare) <= 4:
            return cell.found(parts(bare), 0.98 if trusted else 0.93 if known else 0.45)
        return None
    if text.split()[-1:] and text.split()[-1] in PARTICLES:  # the name goes on below
        return None
    own = _bare(cell)
    text = _NICKNAME.sub("", own.text)
    turned = LAST_FIRST.fullmatch(SUFFIX.sub("", text))
    words = text.replace(",", " ").split()
    if all(len(w.strip(".")) == 1 for w in words) or (not trusted and _CITY_AND_STATE.search(cell.text)):
        return None
    if not (turned or _LATIN_NAME.fullmatch(SUFFIX.sub("", text))) or len(words) > 8:
        return None
    if not trusted:
        if _is_other(words, mailbox):
            return None
        if turned and not (
            turned[1].isupper()
            or (opens and not is_place(text) and not title_score(text) and not any(map(normalise, turned.groups())))
            or all(re.sub("['’.]", "", w.casefold()) in mailbox for w in words if len(w) > 2)
        ):
            return None
        if not all(w[0].isupper() or re.split("[-'’]", w)[0] in PARTICLES | {"d"} for w in words):
            return None
    if not trusted and title_score(text) and not _in_mailbox(text, mailbox):
        return own.found(parts(text), 0.6)
    return own.found(parts(text), 0.97 if trusted else 0.9 if len(words) <= 3 else 0.75)


def _bare(cell: Piece) -> Piece:
    """Return a name without what stands around it: honorifics, letters after it, pronouns, the document's own title."""
    start, end = 0, len(cell.text)
    text = cell.text
    if mark := _HONORIFIC.match(text):
        start = mark.end()
    if mark := re.match(rf"{_OF_DOCUMENT.pattern}(?: (?:of|von|de))?[ :\-–—|]{{1,3}}(?=\S)", text, re.IGNORECASE):
        start = mark.end()
    for _ in range(3):
        shown = text[start:end]
        if (
            (mark := re.search(rf"(?:['’]s)?[ \-–—|,:]{{1,3}}{_OF_DOCUMENT.pattern}$", shown, re.IGNORECASE))
            or ((mark := _REMARK.search(shown)) and start + mark.end() == end)
            or (
                (mark := _CREDENTIALS.search(shown))
                and ("," in mark[0][:1] or _KNOWN_LETTERS.search(shown.replace(".", "")))
                and not shown.isupper()
            )
            or (
                (mark := re.search(r", ?(?:[A-Z][A-Za-z.]{1,6}®?(?:, ?|$)){1,5}$", shown))
                and _KNOWN_LETTERS.search(shown)
            )
        ):
            end = start + mark.start()
    return cell.part(start, end)
