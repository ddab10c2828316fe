"""Names of people: found by label, or by place and shape among the first lines."""

import re
from collections.abc import Iterable

from processors.lexicon.headings import heading
from processors.lexicon.script import is_han
from processors.lexicon.titles import title_score
from processors.resume.roles import is_place
from processors.resume.text import Line, Piece
from schemas.resume import Found, PersonName

# The hundred family surnames with today's most frequent ones; compound ones apart.
SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任"
    "袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴"
    "谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解"
    "应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬"
    "全郗班仰秋仲伊宫宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党"
    "翟谭贡劳逄姬申扶堵冉宰郦雍却璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都"
    "耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓"
    "公肖涂代仝佟覃闫付苟冼岳官帅缑亢况郈有琴归海晋楚闰鄢付阳牟佘佴伯赏墨哈谯笪年爱原区邸苑戢未"
)
COMPOUND = frozenset(
    [
        "欧阳",
        "诸葛",
        "上官",
        "司马",
        "司徒",
        "东方",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "令狐",
        "长孙",
        "夏侯",
        "端木",
        "独孤",
        "南宫",
        "西门",
        "闻人",
        "宇文",
        "澹台",
        "申屠",
        "太史",
        "轩辕",
        "钟离",
        "司空",
        "百里",
        "呼延",
    ]
)
_NOT_NAMES = re.compile(
    r"公司|大学|学院|经理|工程师|简历|求职|专业|技能|经历|经验|教育|背景|岗位|职位|主管|总监|助理|专员|设计|开发|运营|销售|会计"
    r"|姓名|先生|女士|男|女|未婚|已婚|本科|硕士|博士|大专|汉族|党员|北京|上海|中国|个人|信息|评价|意向|顾问|教师|护士|医生|律师|高级|资深|负责"
)
_TITLE_WORDS = frozenset(
    [
        "engineer",
        "developer",
        "manager",
        "analyst",
        "designer",
        "consultant",
        "director",
        "specialist",
        "assistant",
        "associate",
        "officer",
        "administrator",
        "architect",
        "lead",
        "senior",
        "junior",
        "intern",
        "accountant",
        "nurse",
        "teacher",
        "coordinator",
        "executive",
        "programmer",
        "scientist",
        "resume",
        "vitae",
        "curriculum",
        "profile",
        "summary",
        "contact",
        "address",
        "email",
        "phone",
        "linkedin",
        "github",
        "university",
        "college",
        "school",
        "institute",
        "street",
        "road",
        "avenue",
        "experience",
        "education",
        "skills",
        "objective",
        "software",
        "data",
        "product",
        "project",
        "sales",
        "marketing",
        "business",
        "head",
        "chief",
        "representative",
        "technician",
        "supervisor",
        "student",
        "researcher",
        "professor",
        "of",
        "the",
        "and",
        "for",
        "in",
        "at",
        "with",
        "registered",
        "certified",
        "personal",
        "information",
        "details",
        "page",
        "lawyer",
        "attorney",
        "counsel",
        "operator",
        "mechanic",
        "writer",
        "editor",
        "chef",
        "buyer",
        "planner",
        "advisor",
        "recruiter",
        "partner",
        "president",
        "inc",
        "ltd",
        "llc",
        "corp",
        "company",
        "cv",
        "résumé",
        "city",
        "male",
        "female",
    ]
)
_HAN_NAME = re.compile(r"[\u3400-\u9fff]{2,4}|[\u3400-\u9fff]{1,8}[·•‧][\u3400-\u9fff]{1,8}")
_SPACED = re.compile(r"[\u3400-\u9fff](?:[ \u3000]{1,4}[\u3400-\u9fff]){1,3}")
_WORD = r"[^\W\d_](?:[^\W\d_]|['’.\-]){0,24}"
_LATIN_NAME = re.compile(
    rf"(?:(?:Dr|Mr|Mrs|Ms|Prof)\.? )?({_WORD}(?: {_WORD}){{1,4}})(?:, (?:PhD|Ph\.D\.?|MBA|CPA|PMP|MD|RN|PE))?"
)
_BOTH = re.compile(
    rf"([\u3400-\u9fff·]{{2,8}})[ (（/|]{{1,3}}({_WORD}(?: {_WORD}){{0,3}})[)）]?|({_WORD}(?: {_WORD}){{0,3}})[ (（/|]{{1,3}}([\u3400-\u9fff·]{{2,8}})[)）]?"
)
_FIRST_LINES = 30


def parts(full: str) -> PersonName:
    """Take a name apart: Chinese ones by their surname, others by capitals or a comma, else given name first."""
    name = full.strip()
    if is_han(name):
        bare = re.sub(r"[ \u3000]", "", name)
        if "·" in bare or not (bare[0] in SURNAMES or bare[:2] in COMPOUND):
            return PersonName(full=bare)
        cut = 2 if bare[:2] in COMPOUND and len(bare) > 2 else 1
        return PersonName(full=bare, family=bare[:cut], given=bare[cut:], order="family_first")
    words = name.split()
    if name.isupper():  # capitals say nothing of the order
        words = [w if len(w) < 3 and "." in w else w.title() for w in words]
        name = " ".join(words)
    if "," in name:
        family, _, given = name.partition(",")
        return PersonName(full=name, family=family.strip(), given=given.strip(), order="family_first")
    if len(words) < 2:
        return PersonName(full=name)
    if words[0].isupper() and len(words[0]) > 1 and not words[-1].isupper():
        return PersonName(full=name, family=words[0].title(), given=" ".join(words[1:]), order="family_first")
    return PersonName(
        full=name,
        family=words[-1].title() if words[-1].isupper() else words[-1],
        given=" ".join(words[:-1]),
        order="given_first",
    )


def person(lines: Iterable[Line], label: Piece | None, emails: Iterable[str] = ()) -> Found[PersonName] | None:
    """Return the name that has the label, else the likeliest of the first lines; an email may tell that it is one."""
    mailbox = " ".join(email.partition("@")[0].casefold() for email in emails)
    if label and (found := _candidate(label, trusted=True)):
        return found
    if label and not title_score(label.text):  # `姓名` may be what a template has above a title
        return label.found(parts(label.text), 0.8)
    best: Found[PersonName] | None = None
    for number, line in enumerate(lines):
        if number >= _FIRST_LINES:
            break
        for cell in line.cells if len(line.text) < 200 else ():
            for part in split_marks(cell):
                found = _candidate(part, trusted=False, mailbox=mailbox)
                if found:
                    sure = found.confidence - number * 0.012
                    if best is None or sure > best.confidence:
                        best = found.model_copy(update={"confidence": round(max(sure, 0.1), 2)})
    return best


def split_marks(cell: Piece) -> Iterable[Piece]:
    """Yield the parts of a cell between bars and dots."""
    at = 0
    for mark in re.finditer(r" ?[|｜/•] ?| [·–—-] |[,，] ?(?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff])[,，]", cell.text):
        if part := cell.part(at, mark.start()):
            yield part
        at = mark.end()
    if part := cell.part(at, len(cell.text)):
        yield part


def _candidate(cell: Piece, *, trusted: bool, mailbox: str = "") -> Found[PersonName] | None:
    text = cell.text
    if len(text) > 60 or (not trusted and (heading(text) or any(c.isdigit() or c == "@" for c in text))):
        return None
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
    name = _LATIN_NAME.fullmatch(text)
    if not name:
        return None
    words = name[1].split()
    if not trusted:
        mailed = all(len(w) > 1 and w.casefold() in mailbox for w in words)
        if not mailed and any(w.casefold().strip(".,") in _TITLE_WORDS for w in words):
            return None
        if not all(
            w[0].isupper() or w in ("de", "van", "von", "da", "di", "der", "la", "bin", "al", "del", "el")
            for w in words
        ):
            return None
    at = text.index(name[1])
    own = cell.part(at, at + len(name[1]))
    return own.found(parts(name[1]), 0.97 if trusted else 0.9 if len(words) <= 3 else 0.75)
