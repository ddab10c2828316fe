"""Makes a message whole that leans on what was said before: scored edits, each with a span of the context.

An edit puts a span where a reference stands (`他`, `这部电影`, `there`), or into the message where its own words need
one. A message that leans on nothing stays as it is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from processors.chat.intents import CueReader, Intent
from processors.chat.protected import asks_protected
from processors.chat.slots import read_edits
from processors.lexicon.places import found_places
from processors.lexicon.script import fold, is_han, plain

MAX_CONTEXT = 2000
"""Characters of each turn of the context that are looked at."""


@dataclass(frozen=True, slots=True)
class Span:
    """Words of the context that an edit may use; the higher its score, the likelier they are what is spoken of."""

    text: str
    score: float


def rewritten(context: Sequence[str], message: str) -> str:
    """Return a message as it would be said without the turns before it, the oldest first."""
    if not message.strip() or not any(map(str.strip, context)) or is_complete(message):
        return message
    clipped = [turn[-MAX_CONTEXT:] for turn in context]
    return _han(clipped, message) if is_han(message) else _latin(clipped, message)


def is_complete(message: str) -> bool:
    """Whether a message means the same without its context: it asks for something by itself, or says a courtesy."""
    folded = plain(fold(message))
    if asks_protected(message) or _WHOLE.search(folded) or _COURTESY.search(folded):
        return True
    if _PRONOMINAL.search(folded) or (is_han(message) and _PRONOUN.search(folded)):
        return False
    (guess,) = _CUES.read([message])
    return guess.intent in _ALONE


_CUES = CueReader()

# Chinese: one span at most.

_CUT = re.compile(
    r"(?<![a-zA-Z])\s+|\s+(?![a-zA-Z\d])|[,，。.!！?？、;；:：~…\"“”'‘’()（）《》<>]+"
    r"|(?:什么时候|为什么|怎么样|怎么了|是不是|有没有|要不要|好不好|能不能|会不会|可不可以|知不知道|喜不喜欢|认不认识|听不听|看不看|知道|认识|喜欢|觉得|以为|感觉|听说|听过|看过|看完|刚看|见过|想看|想听|想吃"
    r"|推荐|介绍|告诉|帮我|给我|请问|你们|我们|咱们|自己|大家|别人|人家|现在|最近|今天|昨天|明天|刚才|以前|以后|小时候|还有|还是|但是|可是|因为|所以|如果|然后|而且|不过|其实|真的|确实|当然|已经|正在|一直|经常|特别|非常|比较"
    r"|好像|可能|应该|肯定|必须|哪里|哪个|哪些|什么|怎么|怎样|多少|几个|这个|那个|这么|那么|这样|那样|一个|一下|一点|一些|没有|不是|不会|不能|不要|不想|不知|就是|还有|都是|也是|才是|只是|是的|的话|爱听|爱看|爱吃|爱玩|好听|好看|好吃|好玩|好用"
    r"|[我你他她它咱您这那哪谁]|一共|总共|提起|完整版|作者是|主角是|结局|感不感兴趣|感兴趣|(?<=..)(?:作者|导演|主演|歌手)(?=是|叫|谁)|哈哈+|哈$"
    r"|[吗呢吧呀啊哦嗯啦嘛么呗哎诶噢喔额唉咯]|[的得地]$|[是在有要会能想去来说看听吃玩做写买用给让被把对跟和与或都也还就才又再很太最更挺好真没别叫过着]|了(?!不起|解)|不(?!起|朽)|(?<!恋)(?<!可)(?<!亲)爱(?!情|心|丽|你|我))"
)
_PRONOUN = re.compile(
    r"(?P<noun>[这那](?:一)?(?:个|部|首|本|款|位|种|家|座|些|只|条|项|份|场|支|款)?"
    r"(?:人|电影|片子|片|电视剧|剧|动漫|番|小说|书|歌|歌手|游戏|星座|地方|城市|乐器|明星|演员|作者|东西|名字|称号|公司|岗位|职位|工作|候选人|行业|专业|学校|节目|菜|软件|手机|牌子|品牌|车|球队|组合|角色|词|行|曲子|诗|乐队|团|运动|老师)(?!们?都))"
    r"|(?P<who>他们|她们|它们|[他她它])(?!们)(?!妈的)"
    r"|(?P<where>[这那](?:里|边|儿))"
    r"|(?P<those>[这那](?:个|部|首|本|款|位|种|家|些))(?!样|么|时候)"
    r"|(?P<bare>^那(?=有|是(?!因为|就|不)|里|什么|怎么|哪|在|还|为|能|会|好|的)|^这(?=是|有|就|不|很|太|也))"
)
_ENDS_OPEN = re.compile(
    r"(?<![怎么好])(?:喜欢|认识|知道|了解|爱|想|要|看|听|吃|玩|没有|不是|是|会|去|用|学|买|支持|讨厌|推荐|分享|来|看过|听过|吃过|玩过|去过|看完|听完|没看过|没听过|想去|想看|想吃|没去过|教教我|给我|告诉我|发给我|(?:讲讲|说说|介绍|看看|听听|聊聊|唱|教教|搜|搜搜|讲|说|来)(?:一下|看|一[段句首个])?)$"
)
_OPEN_INSIDE = re.compile(
    r"(?<![怎么好])(?:喜欢|认识|知道|了解|懂|会|爱|想看|想听|想吃|想去|看过|听过|吃过|玩过|去过|没看|没听|不喜欢|要|买|学|看|玩|吃|喝过|用过|见过|做过|教我|分我)(?=(?:吗|么|呢|吧|呀|啊|了|嘛|不|没|没有)[?？]?$)"
)
_WHOLE = re.compile(
    r"^(?:多谢|感谢|谢|再见|拜|你好|晚安|早安|是的|对的|没错|可以的|行吧|唔该晒?|bye|明白了|知道了|收到|没戏|算了|回头再说|就这么定|都不咋地|就这些"
    r"|[哈嗯哦好的啊呀吧了咯啦你~!！。.，, ])++$"
    r"|^(?:请|麻烦)?(?:你|帮我|给我|帮忙)?(?:写|翻译|画|算)(?:一|段|首|个|篇|张|下|封)"
)
_COURTESY = re.compile(
    r"^(?:(?:ok|okay|yes|yeah|no|nope|nah|hmm|ta|thanks?|you|cheers|mate|bye|lovely|perfect|great|that'?s all|forget it|sure|please|so much)\b[\s,.!]*)++$"
)
_ALONE: frozenset[Intent] = frozenset(
    ("handover", "bot_question", "subscribe", "unsubscribe", "application_status", "resume_advice", "find_jobs",
     "find_candidates")
)  # fmt: skip
"""Intents whose messages need nothing that was said before, and are told by their words."""
_MAX_SPAN, _SHORT, _LONG = 12, 8, 20
_PARTICLES = " 的得地了吗呢吧啊呀是在不我你他她它都也就还有说,，。!！?？"


def _han(context: Sequence[str], message: str) -> str:
    spans = [span for span in _spans(context) if span.text not in message]
    if not spans:
        return message
    best = spans[0].text
    folded = plain(message)
    match = _PRONOUN.search(folded)
    if match is None and _says_it_all(message):
        return message
    if match:
        start, end = match.span()
        if match["bare"] and folded[end : end + 1] in "里":
            end += 1
        return message[:start] + best + message[end:]
    if match := _OPEN_INSIDE.search(folded):
        return message[: match.end()] + best + message[match.end() :]
    if _ENDS_OPEN.search(folded):
        return message + best
    lead = _LEADS.match(folded)
    at = lead.end() if lead else 0
    return message[:at] + best + message[at:]


_LEADS = re.compile(
    r"(?:(?:那么|那|但是|可是|不过|所以|因为|其实|原来|哈哈+|嗯+|哦+|对呀?|是啊|不是|没有|好吧)(?=..))?(?:你觉得|你知道|我觉得|听说|你说)?"
)


def _says_it_all(message: str) -> bool:
    """Whether a message without a reference is long, or says several things of what is looked for."""
    return len(message) >= _LONG or len({edit.slot for edit in read_edits(message, "zh")}) > 1


def _spans(context: Sequence[str]) -> list[Span]:
    """Return what the context may be about, the likeliest first: named things, what comes twice, what comes first."""
    turns = [plain(turn) for turn in context]
    found: dict[str, float] = {}
    for age, turn in enumerate(reversed(turns)):
        for order, text in enumerate(_chunks(turn)):
            score = 1.0 - 0.15 * order
            score += 0.9 * sum(text in other for other in turns if other is not turn)
            score += 0.5 if text.isascii() and len(text) > 1 else 0.0
            score += 0.6 if any(text == turn[a:b] for _, a, b in found_places(turn)) else 0.0
            score += 0.4 if f"《{text}》" in turn else 0.0
            score += (0.0, 0.55, 0.75, 0.8, 0.8, 0.7)[min(len(text), 6) - 1]
            score += 0.25 if age else 0.0
            score -= 0.5 if len(text) > _MAX_SPAN else 0.0
            if len(text) > 1:
                found[text] = max(found.get(text, 0.0), score)
    for n, turn in enumerate(turns):
        for other in turns[n + 1 :]:
            common = _common(turn, other)
            if len(common) > 1 and not _CUT.fullmatch(common) and common not in found:
                inside = [text for text in found if text in common or common in text]
                if any(common in text and len(text) <= _SHORT for text in inside):
                    continue
                found[common] = 0.2 + max((found[text] for text in inside), default=1.0 if len(common) > 2 else 0.5)
    return sorted((Span(text, score) for text, score in found.items()), key=lambda span: -span.score)


def _common(one: str, other: str) -> str:
    """Return the longest piece of both, without what it would be cut at on its edges."""
    match = SequenceMatcher(None, one, other, autojunk=False).find_longest_match()
    piece = one[match.a : match.a + match.size]
    return piece.strip(_PARTICLES)


def _chunks(turn: str) -> Iterator[str]:
    at = 0
    for cut in (*_CUT.finditer(turn), None):
        end = cut.start() if cut else len(turn)
        if chunk := turn[at:end].strip("的得地"):
            yield chunk
        at = cut.end() if cut else end


# English: the reference is replaced by the thing that was last named, and the other values are put where they fit.

_VALUE = re.compile(
    r"\b(?:[A-Z][\w'.&]* and [A-Z][\w'.&]*|\w+'s? (?:house|place|home|office))\b|"
    r"\b\d[\w:.,/%-]*(?: ?(?:am|pm|a\.m\.|p\.m\.|miles?|minutes?|hours?|days?|weeks?|months?|years?|percent|dollars|k|f)\b)?(?: away)?"
    r"(?: (?:[A-Z][\w'.]*))*"
    r"|\b(?:(?:next|this|later this|the next|the coming) )?(?:week(?:end)?|month|year|few days|\d+ days|monday|tuesday|wednesday|thursday|friday|saturday|sunday|today|tomorrow|tonight|morning|afternoon|evening)\b"
    r"|(?<!^)(?<![.!?] )\b[A-Z][\w'.&]*(?: (?:of |the )?[A-Z][\w'.&]*)*",
)
_LOCATIVE = re.compile(r"\b(?:to )?(?:there|that place|that location|that address)\b", re.IGNORECASE)
_PRONOMINAL = re.compile(
    r"\b(?:(?<!will )(?<!is )(?<!does )(?<!did )(?<!was )(?<!would )(?<!can )(?<!should )it|them|him|that one|this one|the (?:first|second|last) one)\b",
    re.IGNORECASE,
)
_THING = re.compile(
    r"\b(?<!which )(?:(?:to|at|in|from|with|of|by|for|about|near|a|an|the|any|some|my|nearest|closest|next|there is|have)\s+)+(?P<thing>[a-z][a-z'-]*(?: [a-z][a-z'-]*){0,3}?)"
    r"(?=\s+(?:is|are|was|has|have|at|in|on|for|to|from|with|near|located|that|which|and|please|right|you|i)\b|\s*[.,!?;]|\s*$)",
    re.IGNORECASE,
)
_EMPTY = frozenset(
    "way one time day date place address directions route screen location map details info information name today number following".split()  # noqa: SIM905
)
_SPEECH = frozenset(
    "i i'm i've i'll ok okay yes no sure please thank thanks you your the a an what which where when how who do does did is are there here it they would could can will let set"  # noqa: SIM905
    " give send find show tell get make schedule remind check sorry hi hello great done alright setting currently we".split()
)
_ASKING = frozenset(("which", "what", "how", "when", "who", "where"))
_MAX_VALUES = 12


def _latin(context: Sequence[str], message: str) -> str:
    said = fold(message)
    values = [v for v in dict.fromkeys(v for turn in context for v in _values(turn)) if fold(v) not in said]
    values = [v for v in values if not any(v != o and fold(v) in fold(o) for o in values)]
    if not values:
        return message
    mark = re.search(r"[.!?]*\s*$", message)
    end = mark.start() if mark else len(message)
    tail = message[end:]
    whole = " ".join(values[:_MAX_VALUES])
    if reference := _LOCATIVE.search(message) or _PRONOMINAL.search(message):
        lead = "to " if reference[0].lower().startswith("to ") else ""
        return message[: reference.start()] + lead + whole + message[reference.end() :]
    return f"{message[:end]} {whole}{tail}"


def _values(turn: str) -> Iterator[str]:
    found = []
    for match in _VALUE.finditer(turn):
        words = match[0].strip(" .,")
        if words and words.casefold() not in _SPEECH:
            found.append((match.start(), words))
    found += [(match.start(), match[0]) for match in _WHEN.finditer(turn)]
    found += [(m.start(), m[0]) for m in _NAME_FIRST.finditer(turn) if m[0].split()[0].casefold() not in _SPEECH]
    for match in _THING.finditer(turn):
        thing = match["thing"]
        parts = thing.casefold().split()
        if thing.casefold() not in _EMPTY and parts[0] not in _SPEECH and not _ASKING & set(parts):
            found.append((match.start("thing"), thing))
    return (words for _, words in sorted(found))


_NAME_FIRST = re.compile(
    r"(?:(?<=^)|(?<=[.!?] ))[A-Z][\w'.&]*(?: [A-Z][\w'.&]*)*(?=\s+(?:is|has|was|are|appears|on|at)\b|[,.]?$)"
)
_WHEN = re.compile(
    r"\b(?:(?:next|this|later this|the next|the coming|this coming) )?(?:\d+ days|few days|week(?:end)?|month|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    r"|today|tomorrow|tonight|morning|afternoon|evening)\b",
    re.IGNORECASE,
)
