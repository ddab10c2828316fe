"""What a message does with a value, by the words around it: those before it in its clause, and those right behind it."""

import re
from collections.abc import Set as AbstractSet
from typing import Literal

from processors.chat.mention import Mention

Operation = Literal["set", "add", "remove", "negate"]
"""`set` replaces what was said of a slot, `remove` takes a value back, `negate` excludes it."""
MANY: frozenset[str] = frozenset(("skills", "places"))
"""Slots that hold several values; of the others a new one replaces the old."""
SEVERAL: frozenset[str] = frozenset(("role", "company", "employment_type"))
"""Slots that hold several only where a message says that one is beside the other: `会计或者出纳`."""
_PLAIN_VALUES = frozenset(("salary", "years", "date"))
"""Slots whose values nobody excludes: `不要低于2万` and `no less than 3 years` say one."""
_REACH = 80
"""Characters before a value in which what is done with it stands."""


def _any(*patterns: str, before: str = "", behind: str = "") -> re.Pattern[str]:
    return re.compile(f"{before}(?:{'|'.join(patterns)}){behind}", re.IGNORECASE)


_CLAUSE = re.compile(
    r"[,，。;；!！?？\n]|(?<!\d)\.(?!\d)|(?<!anything )(?<!anywhere )(?<!anyone )(?<!everyone )(?<!everything )(?<!all )\bbut\b|但是?|而是",
    re.IGNORECASE,
)
_NEXT = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
"""Between Chinese words a space parts what is said, as a comma does."""

# Before a value.
_NOT = _any(
    r"(?<!要)不(?:要|想|考虑|去|接受|做|招|看|收|用)|别(?:再)?(?:给我|推荐|推|要|找|发|给|看)?|除了|除开|除|排除|排掉|避开|绕开|跳过|撇开|屏蔽|过滤掉?|(?<!双)非(?!得|要)|不含|不是|(?<!有)没有|拒绝|谢绝",
    r"\b(?:no ?(?:one|body)|none) (?:from|at|of)|\bnot?\b|\bnothing\b|\bneither\b|\bnor\b|\bexcept(?: for)?|\bother than|\bexcluding|\bavoid(?:ing)?|\bdon'?t want|\b(?:anything|anywhere|anyone|everyone|everything|all) but|\bnever|\bexclude|\bno more",
    r"\b(?:don'?t|do not|won'?t|wouldn'?t|can'?t|cannot|not) (?:do|take|want|like|fancy|accept|show(?: me)?|send(?: me)?|go|move|relocate|work|consider|considering)\b|\b(?:not a (?:big )?fan|sick|tired|steer(?:ing)? clear) of|\b(?:stay(?:ing)? away|keep away) from|\bhate|\bdislike|\brul(?:e|ing) out",
    r"\b(?:skip|drop|ignore|filter out) (?:any(?:thing|one|body)?|everything|everyone) (?:in|from|with|who (?:knows|has|does))",
    behind=r"(?:再|去|做|干|搞|卖|跑|当|要|找|有|会|懂|用|招|推|推荐|在|来自|是|什么|那种|过|看)*"
    r"\s*(?:interested in |keen on |looking for |open to |in |at |on |to |as |the |a |an |any |about |those with |people in |anything |anyone |something |from |work(?:ing)? (?:in|as|for) |(?:be|do|doing) )*$",
)
_COPULA = re.compile(r"不是|\bnot\b", re.IGNORECASE)
_DROP = _any(
    r"去掉|删掉|删除|取消|不用|(?:不一定|不必|不用|不需要|未必|不是非|不是|没必要)(?:非)?[要得]|不做?要求|忽略|拿掉|划掉|去除|剔除|撤掉|撤下",
    r"\b(?:drop|remove|forget|forget about|ignore|scrap|scratch|strike|lose|ditch|cancel|without|skip|minus|cut|axe|nix|no longer|never mind|(?:leave|take|cut|rule) out)",
    r"(?:not|n't) (?:insist|insisting|hung up|set|fussed|bothered|fixed) (?:on|about)|\b(?:no|not) need for|\b(?:don'?t|no longer|doesn'?t|needn'?t) (?:really )?(?:need|require|have to (?:be|know|have|speak|use)|care about|mind about)(?: to (?:be|know|have))?",
    behind=r"\s*(?:the |any |all |会|懂|有)?$",
)
_UNABLE = _any(
    r"(?<!要)(?:不会|不懂|不熟悉?|不擅长|不太会|没(?:有)?(?:学|用|做|接触|写|碰|搞)过)",
    r"\b(?:never (?:used|touched|learned|learnt|done|tried)|haven'?t (?:really )?(?:used|touched|done|learned|learnt|tried)|(?:don'?t|can'?t|do not|cannot) (?:really |actually )?(?:know|speak|read|write|code in|use)|no good (?:at|with|in)|not (?:that |very |so )?(?:great|good|strong|confident|fluent) (?:at|with|in))",
    behind=r"\s*(?:any |much )?$",
)
"""What somebody says who cannot: the skill is none."""
_WITHOUT = _any(
    r"(?:不会|不懂|没有|没用过|没做过|没学过|不熟悉?|没)",
    r"\b(?:skip|exclude|drop|ignore|remove|reject|pass on|filter out|leave out|rule out|no|not|don'?t)\b.{0,30}\b(?:without|lacking|with no|who (?:don'?t|doesn'?t|can'?t|lacks?|haven'?t)(?: (?:really )?(?:know|have|use|speak|used|got))?(?: any)?)",
    behind=r"\s*$",
)
_NOT_THEM = re.compile(
    r"\s*(?:经验)?的(?:人|候选人)?(?:就|都|也|先)?(?:不要|不看|不考虑|别|免谈|算了|pass|排除|过滤|筛掉)", re.IGNORECASE
)
"""Around what is asked for, said twice over: `skip anyone without Kubernetes`, `不会Java的不要`."""
_EVEN_WITHOUT = re.compile(r"(?:不会|不懂|没有|没做过|不熟|没用过|不要求|没)$")
_IS_FINE = re.compile(
    r"\s*(?:经验)?的?(?:也|都)\s*(?:行|可以|成|能接受|接受|无妨|没事|没关系|没差|ok|无所谓)", re.IGNORECASE
)
"""Around what need not be: `不会PLC也行`."""
_OF_A_FORM = re.compile(r"(?:不要|不想要|别要|不考虑|不看|\bno) ?[^,，。]{1,14}的 ?$", re.IGNORECASE)
_TAKEN = re.compile(r"把$")
_CHANGED = re.compile(r"\b(?:change|switch|swap|replace|update|exchange|trade)\b[^.?!]{0,30}$", re.IGNORECASE)
_INSTEAD_OF = re.compile(
    r"(?:\binstead of|\brather than|而不是|不再是|(?:来|去)?(?:替换掉?|代替|取代|替掉|换掉|顶替))\s*(?:the |a )?$",
    re.IGNORECASE,
)
_SAID = re.compile(r"\bi said (?:the )?$|我(?:刚才|刚刚|之前)?说的?(?:是)?$", re.IGNORECASE)

# Behind a value.
_REST = r"\s*(?:系|的)?(?:出来|出身|公司|企业|厂|岗位?|职位|这边|那边|方面|那种|这种|之类|性质|背景)?的?(?:人|候选人)?[话就也都先还是]*\s*"
_NOT_AFTER = _any(
    r"(?:一律|一概|坚决|绝|打死|千万|真的?|实在)?(?:不(?:要|投|碰|进|考虑|招|找|做|行|去|接受|想|可以|收)|别(?!的|人|墅|说)[\u4e00-\u9fff]{1,2})|免了|除外|免谈|排除|跳过|绕开|避开|屏蔽|一概不看|一律不看",
    r"no way\b|excluded\b|(?:(?:is|are)(?: all)?|'?s) (?:out\b|a no\b|a no[- ]go\b|no go\b|no good\b|off the (?:table|list)\b|(?:not|n't) (?:what i|something i|an option|for me|happening|possible)\b|(?:not|n't)\s*(?:$|[,.]))|(?:is|are)n'?t\s*(?:$|[,.])",
    before=_REST,
)
_DROP_AFTER = _any(
    r"算了|不要也|可以不要|(?:不会|不懂|不熟|没有|不要求|没)(?:也|都)(?:行|可以|成|能接受|接受|无妨|没事|没关系|没差|ok)|会不会(?:都|也)?(?:行|可以|无所谓|没关系)|(?:降为|改成|改为|变成|只是|当作?|算作?)加分|不卡|放宽(?!到|至|成|为)|(?:不是|非|不)(?:必须|必要|硬性)"
    r"|不强求|可有可无|不(?:重要|[做作]?(?:硬性)?要求|是重点|限)|无所谓|不看|别看|先不|先别|(?:先)?放一?放|搁置|不一定|不(?:教|写|碰|用)了|去掉|删掉|拿掉|划掉|不用|不算|取消|剔除|撤了|撤掉|删|划了|去了"
    r"|不 ?care|(?:不|不是) ?(?:required|必须|需要|must)|pass(?![a-z])|skip(?![a-z])|drop(?![a-z])|(?:打|说|写|搞|选|看|记|填)错了?",
    r"(?:requirement |part |bit )?(?:doesn'?t matter|(?:(?:is|are|'s) not|isn'?t|aren'?t|not) (?:really |that |so )?(?:needed|required|important|essential|necessary|mandatory|a must|a must-have|a deal-?breaker|a requirement|a priority|critical)"
    r"|(?:can|could) (?:go|be dropped|wait)|no longer matters|is no longer (?:an option|needed|required|important)|is optional|is (?:just |only )?a (?:plus|bonus|nice[- ]to[- ]have)|(?:was|is) (?:wrong|a mistake|a typo))|off\b|out\b|no(?=, )",
    before=r"\s*(?:的|这边|那边|方面|[这那]?一?[块条项点个])?(?:要求|条件)?[话就也都先还是我]*\s*",
)
_DROPPED_NEXT = re.compile(
    r"[^,，。]{0,30}[,，]\s*(?:就|那|请|帮我|给我|先|把它|这个|可以)*(?:去掉|删掉|删了|去了|拿掉|划掉|去除|取消|先?不看|先?不考虑|先?别看|(?:drop|scrap|skip|remove|forget|lose|cut|delete|ditch) it|leave (?:it|that) out)"
    r"(?:吧|它|了|好了|掉)*[。.!！]?$",
    re.IGNORECASE,
)
"""Behind a value, in a clause that says nothing else: `Flink 我不会，删掉`."""
_UNABLE_AFTER = _any(
    r"没(?:有)?(?:用过|做过|接触过?|写过|学过|碰过|搞过)|不会(?!也|都)|不懂(?!也|都)|不太?(?:熟|擅长|会|懂|行)|一窍不通|一般般|生疏|不是我的?强项",
    r"(?:'s| is|'m| isn'?t| is not|'s not)? (?:a bit |pretty |quite |very |really )?(?:rusty|poor|weak|not (?:great|good|strong)|(?:really )?(?:not )?my (?:strong suit|thing|forte))",
    before=r"\s*我?(?:其实|倒是|也|还|都|完全|真的|从来|从)*",
)
_TAKEN_OUT = re.compile(r"\s*(?:的|这个)?(?:给|先)?(?:去|删|拿|划|撤|排)(?:掉|了|除)")
_TOO_MUCH = re.compile(
    r"\s*的?[^,，。]{0,4}(?:太|有点|实在|不太?好)[^,，。]{1,4}(?:[,，]|[。.!！]?$)|(?:'s| is| are) (?:way |just |a bit |far |really )?too \w+",
    re.IGNORECASE,
)
_NO_MORE = re.compile(r"\s*(?:any ?more|any longer|after all)\b", re.IGNORECASE)
_ADDS = re.compile(r"\s*(?:以外|之外|外)?[,，]?[^,，。]{0,4}(?:还|也)")
"""Behind `除了X`: besides X rather than except X."""
_BESIDE = re.compile(r"\s*(?:以外|之外|外)")
"""Behind `除X`."""
_GIVES_WAY = re.compile(
    r"\s*(?:的|这边)?(?:都|就|全)?(?:改成(?!必|硬|加)|换成|改为(?!必|硬|加)|改到|换到|替换成|变成|(?:加|涨|提|升|降|调|减)(?:高|低|薪)?到|[改换](?=[\d\u4e00-\u9fffA-Za-z])(?!个|一|别|其|了|吧|掉))|\s*(?:→|->|=>)",
    re.IGNORECASE,
)
_CANNOT_COME = re.compile(
    r"[^,，。]{0,8}(?:[去来赶]不了|没空|不行|不方便|没时间|有冲突)|[^,.]{0,16}\b(?:doesn'?t|won'?t|can'?t|not) (?:work|do|make|suit|possible)\b",
    re.IGNORECASE,
)
"""Behind a day."""
_THAN = re.compile(r"\b(?:rather|prefer)\b.{1,30}\bthan (?:the )?$", re.IGNORECASE)
_TO = re.compile(r"\s+(?:to|with|for|by)\b", re.IGNORECASE)
_FITS = re.compile(
    r"\s*(?:的话?|那边|这边)?(?:也|都)?(?:可以(?![吗么不])|行(?![政业不吗么])|能接受|能去|没问题|愿意去|ok(?![a-z])|okay\b)|\s+(?:is|are|would be) (?:fine|ok|okay|alright|possible)\b",
    re.IGNORECASE,
)

# Anywhere.
_CORRECTS = _any(
    r"不是.{1,30}是|换成|改成|改为|改到|换到|打错|说错|搞错|写错|口误",
    r"\bnot\b.{1,40}\bbut\b|\binstead\b|\bi meant?\b|\bmake (?:it|that)\b|\brather\b|\bsorry\b|\boops\b",
)
_ALSO = _any(
    r"^\s*(?:或者?|和|or\b|and\b|plus\b)",
    r"也(?:可以|行|要|想|考虑|会|能|成|看|招|算|接受|ok)?|同样|一并|一同|顺便|顺带|连同|同时|包括|还(?:要|有|得|想|需要|可以)|再加|另外|以及|加(?:上|回|进)|补[上进充]|带上|纳入|一起|一块儿?(?=看|找|推)|算上|外加|两[边个地]都|哪个都|愿意(?:过去|去)",
    r"都(?:可以?|行|成|得|能去|能接受|接受|ok|考虑|看看)",
    r"\b(?:is|are|would be|'d be|'s) (?:also )?(?:ok|okay|fine|alright|acceptable|possible|welcome)\b|\b(?:works|would work|could work|might work|both work)\b|\balso\b|\btoo\b(?! (?:far|expensive|pricey|cold|hot|small|big|high|low|much|long|short))"
    r"|\bas well\b|\bplus\b|\badd\b|\bin addition\b|\beither\b|\binclude\b|\bthrow in\b",
    r"\b(?:could|might|would|can|will) (?:also )?(?:be|do|work)\b|\b(?:an option|at a push|at a pinch|if need be|(?:happy|open|willing|prepared) (?:to|with)|fine with|ok with|okay with)\b",
)
_BESIDES = re.compile(
    r"也|还|另外|再加|加上|算上|\b(?:too|also|as well|plus|add|either|fine|ok(?:ay)?|works?)\b", re.IGNORECASE
)
_ONLY = re.compile(r"只|仅|就(?!业|职)|换|改|还是|优先|吗|[?？]|\bonly\b|\bjust\b|\binstead\b|\bthen\b")
_NO_OPTION = re.compile(r"\bno longer\b|\bnot an option\b|\bisn'?t an option\b|\bnot open to\b", re.IGNORECASE)


def corrects(text: str) -> bool:
    """Whether a message says that something else was meant."""
    return _CORRECTS.search(text) is not None


def adds(text: str) -> bool:
    """Whether a message says something more, beside what holds."""
    return _ALSO.search(text) is not None and _NO_OPTION.search(text) is None


def operation(
    text: str, mention: Mention, starts: AbstractSet[int], *, corrects: bool, also: bool
) -> tuple[Operation, bool]:
    """Return what a message does with a value, and whether it says only that it is not: `不是上海`.

    `starts` are where values stand: words right before one are said of it rather than of the one before.
    """
    start, end, slot = mention.start, mention.end, mention.slot
    low = max(0, start - _REACH)
    before = text[max((m.end() for m in _CLAUSE.finditer(text, low, start)), default=low) : start]
    if _NEXT.match(text, end):
        text = text[:end]

    def behind(pattern: re.Pattern[str]) -> bool:
        found = pattern.match(text, end)
        return found is not None and found.end() + (text[found.end() : found.end() + 1] == " ") not in starts

    if (_EVEN_WITHOUT.search(before) and _IS_FINE.match(text, end)) or _is_over(before, text, end):
        return "remove", False
    if _WITHOUT.search(before) and (before.isascii() or _NOT_THEM.match(text, end)):
        return "add" if slot in MANY else "set", False
    if slot == "skills" and (_UNABLE.search(before) or behind(_UNABLE_AFTER)):
        return "remove", False
    gives_way = (
        _GIVES_WAY.match(text, end)
        or (corrects and _SAID.search(before))
        or (_CHANGED.search(before) and _TO.match(text, end))
    )
    if gives_way or _DROP.search(before) or behind(_DROP_AFTER) or _INSTEAD_OF.search(before) or _THAN.search(before):
        return "remove", False
    if _DROPPED_NEXT.match(text, end) or (_TAKEN.search(before) and _TAKEN_OUT.match(text, end)):
        return "remove", False
    if slot in MANY and not also and _TOO_MUCH.match(text, end):
        return "remove", False
    found = _NOT.search(before)
    if found and found[0].startswith("除了") and _ADDS.match(text, end):
        found = None
    if found and found[0] == "除" and not _BESIDE.match(text, end):
        found = None
    is_copula = found is not None and _COPULA.search(found[0]) is not None
    if found and (is_copula or slot not in _PLAIN_VALUES):
        return "negate", is_copula
    if slot == "date" and _CANNOT_COME.match(text, end):
        return "negate", False
    if behind(_NOT_AFTER) or (slot == "employment_type" and _OF_A_FORM.search(before)):
        return "negate", False
    if corrects:
        return "set", False
    if also and slot in SEVERAL and _BESIDES.search(text):
        return "add", False
    if slot in MANY and (slot == "skills" or also or (_FITS.match(text, end) and not _ONLY.search(before))):
        return "add", False
    return "set", False


def _is_over(before: str, text: str, end: int) -> bool:
    """Whether a value is given up that held so far: `not Leeds any more`."""
    return _NOT.search(before) is not None and _NO_MORE.match(text, end) is not None
