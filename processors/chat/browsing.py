"""Going on in a list, back to an earlier search, and all over again."""

import re
from collections.abc import Sequence

from processors.chat.conversation import Conversation, Search
from processors.chat.slots import Edit
from processors.lexicon.script import fold, plain

_SHORT = 24
"""Characters of a message that asks for more of the same and nothing else."""
_MORE = re.compile(
    r"(?:再|多)(?:给我|帮我)?(?:来|看|推|给|找|发|推荐|列|说)(?:我)?(?:几|一?些|一?点|[一两二三四五]?[个批份位页]|别的|其他)"
    r"|还有(?:没有|没|什么)?(?:别[的人]|其[他它]|更多|吗|么|没|呢|哪些|谁|人)|更多|换一?批|下一[页批组]|后面(?:的|还有)"
    r"|^(?:那|有没有|看看?|有)?(?:别的|其[他它])(?:的|人|人选|候选人|职位|岗位|工作|公司)?(?:呢|吗|还有吗|有吗|有没有|看看)?\W*$|^换(?:个|一个|几个|些)(?:人选?|候选人|职位|岗位|别的|其[他它]的?)?(?:看看|吧)*\W*$|^就这些[吗么]|^只有这(?:些|几个)"
    r"|\b(?:(?:show|see|list|find|get|give|want|any|are there|some|few|what|load) (?:me |us )?(?:a )?(?:few )?(?:more|others?)|more (?:of them|please|results?|options|jobs|candidates|people)"
    r"|next (?:page|few|batch|ones|results)|(?:any|some)(?:thing|one|body) else|who else|what else|keep going|the rest)\b|^(?:and )?more\W*$|^others?\W*$|^any(?:one|body|thing)\W*$"
)
_BACK = re.compile(
    r"(?:回到|换回|退回|返回|切回|改回|再看回|调回)(?!老?家|国)|(?:还是|再|要)(?:看看?|要|找|用|按)?(?:回)?(?:刚才|刚刚|之前|先前|上一?[个次]|前面|原来|最开始|一开始|最初)"
    r"|(?:刚才|刚刚|之前|先前|上一?[个次]|前面|原来|最开始|一开始|最初)(?:的|那个?|那些|那次|找的)?(?:搜索|条件|结果|要求|搜的|查的|找的)"
    r"|\b(?:go(?:ing)?|switch|get|come|take (?:me|us)|return) (?:back )?to\b|\bback to\b|\bgo back\b"
    r"|\b(?:previous|earlier|original|first|last|old) (?:search|results?|criteria|query)\b"
)
_OVER = re.compile(
    r"重新(?:开始|来)(?!工作|上班|就业|职场|找工作)|从头(?:再)?(?:来|开始)|推倒重来|(?:清空|重置|清除|清掉)(?:一下)?(?:所有|全部)?的?(?:条件|搜索|筛选|要求|$)"
    r"|(?:前面|之前|刚才)(?:说)?的(?:条件|要求)?(?:都|全部?)(?:不算|作废|不要|清)"
    r"|\b(?:start(?:ing)? (?:over|again|afresh|fresh|from scratch)|begin again|reset(?: (?:everything|all|it|the (?:search|filters?)))?|from scratch"
    r"|(?:clear|forget|scrap|wipe|drop) (?:everything|all(?: of)?(?: (?:that|it|this))?|the (?:search|filters?|criteria)|what i(?:'ve)? said))(?!\s\w)"
)
_NAMING = ("role", "skills")


def browses(text: str) -> bool:
    """Whether a message goes on, back or over: it answers no question, whatever was asked."""
    folded = plain(fold(text))
    return any(pattern.search(folded) for pattern in (_MORE, _BACK, _OVER))


def goes_on(text: str, edits: Sequence[Edit], state: Conversation) -> bool:
    """Whether a message asks for what comes behind the list that was shown: `再来几个`, `anyone else?`."""
    if edits or state.goal is None or len(text) > _SHORT:
        return False
    return _MORE.search(plain(fold(text))) is not None


def returns_to(text: str, edits: Sequence[Edit], state: Conversation) -> Search | None:
    """Return the earlier search that a message wants back: the last one, or the one for what it names.

    One that names only other things, as a place, changes the present search: `回到上海`.
    """
    if not state.searches or _BACK.search(plain(fold(text))) is None:
        return None
    named = [edit for edit in edits if edit.operation in ("set", "add")]
    if not edits:
        return state.searches[-1]
    if not any(edit.slot in _NAMING for edit in named):
        return None
    fit = (s for s in reversed(state.searches) if all(s.wants(e.slot, e.value) for e in named if e.value is not None))
    return next(fit, None)


def starts_over(text: str, state: Conversation) -> bool:
    """Whether a message gives up the present search, whatever it looks for instead: `重新来`, `let's start over`."""
    return bool(state.slots or state.query) and _OVER.search(plain(fold(text))) is not None
