"""Rules that find entities in Chinese resumes: a clause is read as time, verb, organisation, position.

The words are in data/ner_zh.toml. Labels and their extent follow ResumeNER (Zhang and Yang 2018): a position holds its
department, a university its faculty, a nationality the word 国籍. Rules and words were written while reading
that set's training part; docs/benchmarks/ner.md says how.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from processors.resume.ner.entity import Entity

LABELS = frozenset({"NAME", "CONT", "RACE", "TITLE", "EDU", "ORG", "PRO", "LOC"})
_PARTS = frozenset({"学院", "总部", "分院", "分厂", "分局", "分所", "系", "厂", "院", "支行", "实验室", "店"})
_PARTS_OF_POSITIONS = frozenset({"委员会", "理事会", "办事处", "代表处", "党委", "纪委", "研究所", "研究中心"})
_TAIL_BRACKET = re.compile(r"[）)]|[（(][^（()）]{1,10}[）)](?=[\u4e00-\u9fff])")
_OFFICE = re.compile(r"(?:组织部|宣传部|统战部|办公厅|研究室|办公室|研究生院|政策研究室)(?!主任)")
_INLINE_DATE = re.compile(
    r"(?<=[\u4e00-\u9fff])(?:19|20)\d\d(?:\.\d{1,2})?(?:[\-－—–]{1,2}(?:19|20)\d\d(?:\.\d{1,2})?)?(?![\d年.\-－—–])"
)
_ADDRESS = ("先生", "女士", "小姐")
_NO_VERBS = ("中国", "现代", "进出口", "经济", "经理", "经营", "自动", "任职资格", "主要负责人", "主持人", "负责人")
_MAX_CLAUSE = 160  # what is longer is no clause of a resume

_NUMBER = "0-9０-９一二三四五六七八九十○〇零"
_DATE = r"(?:[0-9０-９]{4}年?|[0-9]{2}年)(?:[.\-/．]?[0-9]{1,2}(?![0-9])(?:月份?)?(?:[.\-/][0-9]{1,2}|[0-9]{1,2}日)?)?"
_TIME = re.compile(
    rf"(?:(?:自|从|于|至|到|在|曾于|曾|截至)?{_DATE}(?:上半年|下半年)?(?:初|末|底|中|起|始|开始|以后|后|以来|之后|间|期间)?|"
    r"[\-－—–~～至到]{1,4}(?:今|现在|目前|现)?|至今|今|、|起|止|期间)+"
)
_HARD = re.compile(r"[，,；;。：:！!？?\n\t“”\"《》]|、")
_BRACKETS = re.compile(r"[（(]([^（()）\n]{0,40})[)）]")


def _words(data: dict[str, str], key: str) -> list[str]:
    return sorted(set(data[key].split()), key=lambda w: (-len(w), w))


def _one(words: list[str]) -> str:
    return "|".join(map(re.escape, words))


class _Grammar:
    def __init__(self) -> None:
        data = tomllib.loads((files("processors.resume") / "data" / "ner_zh.toml").read_text("utf-8"))
        self.titles = set(_words(data, "titles"))
        self.title_words = set(_words(data, "title_words")) | self.titles
        self.longest = max(map(len, self.title_words))
        titles = _one(_words(data, "titles"))
        tail = (
            r"(?:职务|一职|各职|等职|职位|职称|称号|资格|证书|荣誉|工作|等|职|至今|之一|一级|学位|主持|任职|期间|时|后|多个|多项|"
            r"及|和|、)*$"
        )
        self.title_end = re.compile(rf"(?:{titles})(?={tail})")
        self.any_title = re.compile(rf"[\u4e00-\u9fff]{{2}}(?<!人)(?:师|员(?<!人员)|官)(?={tail})")
        self.study = re.compile(r"学院|专业|毕业|学习|厂|局|院|系")
        self.joint = re.compile(r"(?:兼任|兼|暨|以及|及其|及|并任|并担任|并|/|(?:和|与)(?![蔼平光田泰发购投行会]))")
        self.org_tail = re.compile(rf"(?:{_one(_words(data, 'organisations'))})$")
        self.board = set(_words(data, "board"))
        self.board_words = set(_words(data, "board_words"))
        self.whole = re.compile(r"^.{0,14}(?:人大代表|政协委员|劳动模范|优秀.{2,14}(?:者|家)|公司秘书)$")
        self.honour = re.compile(r"津贴|奖|享受")
        self.title_tail = re.compile(rf"(?:{titles})$")
        self.verb = re.compile(rf"(?:{_one(_words(data, 'verbs'))})")
        self.inner = re.compile(
            r"先后担任|先后任|历任|曾任|现任|担任|兼任|出任|升任|调任|转任|改任|接任|继任|就任|聘任为?|聘为|当选为?|任命为|选举为|选为|任职|任(?![职期命教务免意何])"
        )
        self.strong = re.compile(rf"(?:{_one(_words(data, 'organisations'))})(?![长员])")
        self.weak = re.compile(
            rf"(?:{_one(_words(data, 'organisation_ends'))})(?![长员统务络合计展机技场所产学会]|事业)"
        )
        self.ours = re.compile(r"(?:本公司|公司|本集团|集团|本行|总公司|本所)(?!律师)")
        self.inside = re.compile(
            r"(?:(?:董事|监事|工|社|机|年|晚|纪检)会|[总党]支?部?党?委|副厂|社科院联|体系|联系|关系|系(?=统))$"
        )
        degrees = _one(_words(data, "degrees"))
        self.degree = re.compile(
            rf"(?:在读|在职|全日制|脱产)?(?:{degrees})(?:及?以上)?(?!院)(?:在读|同等学力|进修班|研修班|班)?(?:学历|学位|文化程度|文化|程度)?"
        )
        self.subject = re.compile(rf"(?:{_one(_words(data, 'subjects'))})(?:专业)?")
        nations = _one(_words(data, "nations"))
        self.nation = re.compile(rf"^(?:民族)?((?:{nations})族|(?:汉|回|满))$")
        countries = _one(_words(data, "countries"))
        self.country = re.compile(
            rf"(?:{countries})(?:国籍|籍(?!贯)|公民)|国籍(?:{countries})|(?<=国籍[:：])(?:{countries})"
        )
        provinces = _one(_words(data, "provinces"))
        self.native = re.compile(
            rf"^(?:(?:生于|出生于|出生在|籍贯|祖籍|原籍)(?:{provinces})[\u4e00-\u9fff]{{0,9}}|(?:{provinces})[\u4e00-\u9fff]{{0,12}}?人)$"
        )
        self.person = re.compile(
            rf"^([{''.join(data['surnames'].split())}][\u4e00-\u9fff·]{{1,3}}?|[{''.join(data['surnames'].split())}])(?=先生|女士|小姐|同志|博士|教授|$)"
        )


@cache
def _grammar() -> _Grammar:
    return _Grammar()


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches between punctuation; brackets inside a name, as in 云南铜业（集团）公司, do not end one."""
    cuts: list[tuple[int, int]] = [m.span() for p in (_HARD, _INLINE_DATE) for m in p.finditer(text)]
    for m in _BRACKETS.finditer(text):
        inside, after = m[1], text[m.end() : m.end() + 1]
        glued = len(inside) <= 12 and after and after not in "，,；;。：:、）)（(" and not _HARD.search(inside)
        if not glued or (m.start() and _grammar().title_tail.search(text, max(0, m.start() - 8), m.start())):
            cuts += [(m.start(), m.start() + 1), (m.end() - 1, m.end())]
    cuts.sort()
    at = 0
    for start, end in [*cuts, (len(text), len(text))]:
        if start > at:
            yield at, start
        at = max(at, end)


class ChineseRules:
    """Finds the entities of ResumeNER's labels by rules; knows no weights."""

    labels = LABELS

    def recognise(self, text: str) -> list[Entity]:
        """Return the entities in reading order."""
        found: list[Entity] = []
        names: set[str] = set()
        for start, end in _clauses(text):
            if end - start <= _MAX_CLAUSE:
                found += self._clause(text, start, end, names)
        found.sort()
        return found

    def _clause(self, text: str, start: int, end: int, names: set[str]) -> Iterator[Entity]:
        g = _grammar()
        clause = text[start:end]
        stripped = clause.strip()
        start += len(clause) - len(clause.lstrip())
        clause = stripped
        if m := g.nation.match(clause):
            yield Entity(start + m.start(1), start + m.end(1), "RACE")
            return
        if m := g.country.search(clause):
            yield Entity(start + m.start(), start + m.end(), "CONT")
            return
        if (m := g.native.match(clause)) and not any(p.search(clause) for p in (g.strong, g.weak, g.title_tail)):
            yield Entity(start + m.start(), start + m.end(), "LOC")
            return
        if g.honour.search(clause):
            return
        if (m := g.person.match(clause)) and clause not in g.titles and not g.subject.match(clause):
            rest = clause[m.end() :]
            after = text[start + len(clause) : start + len(clause) + 1]
            head = start < 2 and not names and (rest or (len(clause) > 1 and after in "：:，,（(、"))
            if (head or rest.startswith(_ADDRESS)) and m[1] not in names:
                names.add(m[1])
                yield Entity(start + m.start(1), start + m.end(1), "NAME")
                skip = m.end() + (2 if rest.startswith(_ADDRESS) else 0)
                start, clause = start + skip, clause[skip:]
        yield from self._joined(clause, start)

    def _joined(self, clause: str, start: int) -> Iterator[Entity]:
        """Split 董事长兼总经理, then read each part."""
        g = _grammar()
        at = 0
        for m in g.joint.finditer(clause):
            if g.title_tail.search(clause, at, m.start()) or (
                m[0] in ("和", "及", "与", "以及") and g.org_tail.search(clause, at, m.start())
            ):
                yield from self._body(clause[at : m.start()], start + at)
                at = m.end()
        yield from self._body(clause[at:], start + at)

    def _strip(self, body: str) -> int:
        """Return how much of the head is time and verbs."""
        g, at = _grammar(), 0
        while True:
            if (m := _TIME.match(body, at)) or ((m := g.verb.match(body, at)) and not body.startswith(_NO_VERBS, at)):
                at = m.end()
            else:
                return at

    def _body(self, body: str, start: int) -> Iterator[Entity]:
        g = _grammar()
        skip = self._strip(body)
        body, start = body[skip:], start + skip
        if not body:
            return
        title = self._title(body)
        stop = len(body)
        if title:
            begin, stop = title
            for m in g.inner.finditer(body, 0, stop):
                if m[0] == "任" and m.start() and body[m.start() - 1] in "主责信专离连委卸调常担兼":
                    continue
                if m.start() > 0 and m.end() <= stop:
                    yield from self._place(body[: m.start()], start)
                    yield from self._body(body[m.end() :], start + m.end())
                    return
            if begin:
                yield from self._place(body[:begin], start, whole=True)
            yield Entity(start + begin, start + stop, "TITLE")
            return
        degrees = [m for m in g.degree.finditer(body) if m[0] != "大学" or len(body) == 2]
        if degrees:
            at = 0
            for m in degrees:
                first = m.start()
                if first and len(m[0]) > 2 and m[0].startswith("大学"):
                    first += 2  # 山东科技大学 | 本科
                yield from self._study(body[at:first], start + at)
                yield Entity(start + first, start + m.end(), "EDU")
                at = m.end()
            yield from self._place(body[at:], start + at)
            return
        yield from self._place(body, start)

    def _study(self, body: str, start: int) -> Iterator[Entity]:
        """What stands before a degree: a school, a subject, or both."""
        g = _grammar()
        skip = self._strip(body)
        body, start = body[skip:], start + skip
        cut = self._organisation(body)
        if cut:
            yield Entity(start, start + cut, "ORG")
        rest = body[cut:].rstrip("的")
        lead = len(rest) - len(rest.lstrip("获取得的"))
        rest = rest[lead:]
        if 2 <= len(rest) <= 14 and (
            g.subject.fullmatch(rest) or rest.endswith(("学", "专业", "管理", "工程", "技术", "经济"))
        ):
            yield Entity(start + cut + lead, start + cut + lead + len(rest), "PRO")

    def _title(self, body: str) -> tuple[int, int] | None:
        """Return where the position at the end of a clause is."""
        g = _grammar()
        m = g.title_end.search(body) or g.any_title.search(body)
        if not m:
            return None
        end = m.end()
        if g.whole.match(body, 0, end):
            return 0, end
        cut = self._organisation(body[: m.start()], position=True)
        if 0 < cut < end and self._department(body[:cut], 0) > 0:
            if not g.strong.search(body, 0, cut) and not g.ours.match(body):
                # 深圳科技 | 工业园总工程师: what no department is called belongs to the organisation
                cut = max(cut, self._department(body[: m.start()], cut))
                if cut < end and body[cut] in "部处厅局厂社司" and body[cut + 1 : cut + 2] != "长":
                    cut += 1
            return cut, end
        words = g.board_words if m[0] in g.board else g.title_words
        at = self._department(body[: m.start()], 0, words)
        if at >= 3 and body[at] in "部处厅局厂社司" and body[at + 1 : at + 2] != "长":
            at += 1
        if at == 1 or (at == 2 and m[0] not in g.board):
            at = 0
        return at, end

    def _department(self, body: str, start: int, words: set[str] | None = None) -> int:
        """Return how far back from its end a text is made of the words of positions; `start` when all of it is."""
        g = _grammar()
        words = words or g.title_words
        at = len(body)
        while at > start:
            for size in range(min(g.longest, at - start), 0, -1):
                if body[at - size : at] in words:
                    at -= size
                    break
            else:
                break
        return at

    def _organisation(self, body: str, *, position: bool = False) -> int:
        """Return where the organisation at the head of a text ends; 0 for none."""
        g = _grammar()
        end = 0
        if m := g.ours.match(body):
            end = m.end()
        for m in g.strong.finditer(body):
            if m.end() < 3 or m.start() < 1:
                continue
            if g.inside.search(body, 0, m.end()):
                continue
            if (
                end
                and m[0] in _PARTS_OF_POSITIONS
                and not (m[0] == "委员会" and body[end - 1] == "会" and not position)
            ):
                continue
            end = m.end()
        for m in g.weak.finditer(body, end):
            if g.inside.search(body, 0, m.end()) or m.start() - end < (1 if end else 2):
                continue
            if (end and m[0] not in _PARTS) or (position and m[0] == "系"):
                continue
            end = m.end()
        if end and body[end : end + 1] in tuple("厅局厂社司院") and body[end + 1 : end + 2] != "长":
            end += 1
        if end and body[end - 1] in "委院府" and (m := _OFFICE.match(body, end)):
            end = m.end()
        if end and (m := _TAIL_BRACKET.match(body, end)):
            end = m.end()
        return end

    def _place(self, body: str, start: int, *, whole: bool = False) -> Iterator[Entity]:
        """Read an organisation, and a subject after it; a `whole` is one if nothing says otherwise."""
        g = _grammar()
        skip = self._strip(body)
        body, start = body[skip:], start + skip
        cut = self._organisation(body)
        if (
            0 < cut < len(body)
            and not (whole or skip or g.study.search(body))
            and not g.strong.search(body, 0, cut)
            and not g.ours.match(body)
        ):
            return
        if not cut and whole and len(body.rstrip("的")) >= 2:
            cut = len(body.rstrip("的"))
        if cut:
            yield Entity(start, start + cut, "ORG")
        rest = body[cut:]
        if m := re.search(r"^(.{1,14}?专业)", rest):
            yield Entity(start + cut, start + cut + m.end(1), "PRO")
