"""Facts with a label: `性别：男`, `Phone: …`, `【邮箱】…`, and cells of a table with label and value in turn."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files

from processors.lexicon.script import fold, is_han
from processors.resume.text import Line, Piece

_OTHERS = re.compile(
    r"(?:[a-z]['’]?s?['’]?|[a-z]) $|(?:父亲|母亲|配偶|紧急联系人|联系人|亲属|证明人|公司|学校|项目|单位)$",
    re.IGNORECASE,
)
"""What makes a name another's: `Father's Name:`, `Company Name:`."""


@cache
def _labels() -> tuple[re.Pattern[str], dict[str, str]]:
    data: dict[str, str] = tomllib.loads((files(__package__) / "data" / "labels.toml").read_text("utf-8"))
    known = {_key(label): name for name, block in data.items() for label in block.split("|")}
    spelled = sorted((label for block in data.values() for label in block.split("|")), key=len, reverse=True)
    one = "|".join("[ \u3000]{0,4}".join(map(re.escape, s)) if is_han(s) else re.escape(s) for s in spelled)
    # A Chinese label may be followed by its English one: 电话 Phone：
    return re.compile(
        rf"(?:^|(?<=[\t |｜,，;；·•/\[【　、。]))(?P<label>{one})(?:[ /]{{0,2}}(?:{one}))?(?: ?[(（][^()（）]{{2,20}}[)）](?=[ ]?[:：]))?(?:[】\]] ?[:：]?| {{0,3}}[:：]|[ ]?\t|(?<=[\u3400-\u9fff]) (?=\S{{2,20}}$)|(?<=氏名)[ \u3000]{{1,4}}(?=\S{{1,4}}[ \u3000]\S{{1,5}}$)|(?<=\)) (?=[A-ZÀ-Ž])|[ \t]*$)\s{{0,8}}",
        re.IGNORECASE,
    ), known


def _key(text: str) -> str:
    return re.sub(r"[\s\u3000]", "", fold(text))


def labelled(lines: Iterable[Line]) -> Iterator[tuple[str, Piece, str]]:
    """Yield (fact, value, label) of each label with a value; the value ends at the next label, tab or bar."""
    pattern, known = _labels()
    waiting: tuple[str, str] | None = None
    for line in lines:
        text = line.text
        if len(text) > 400:
            waiting = None
            continue
        marks = [
            m
            for m in pattern.finditer(text)
            if not (known[_key(m["label"])] == "name" and _OTHERS.search(text, 0, m.start()))
        ]
        if waiting and not marks and (value := line.piece.part(0, _stop(text, 0, len(text)))):
            yield waiting[0], value, waiting[1]
        waiting = None
        for n, mark in enumerate(marks):
            fact = known[_key(mark["label"])]
            until = marks[n + 1].start() if n + 1 < len(marks) else len(text)
            value = line.piece.part(mark.end(), _stop(text, mark.end(), until))
            if value:
                yield fact, value, mark["label"]
            elif len(marks) == 1 and mark.start() == 0:
                waiting = (fact, mark["label"])  # the value stands on the next line


def _stop(text: str, start: int, end: int) -> int:
    stops = [at for mark in ("\t", "|", "｜", "   ", "【", "　　") if (at := text.find(mark, start, end)) > start]
    return min(stops, default=end)
