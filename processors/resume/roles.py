"""What a part of an entry's head is: an employer, a title or a place, by its words."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from processors.lexicon.parts import joined
from processors.lexicon.phrases import LONGEST, shares
from processors.lexicon.places import CITIES, PROVINCES, TOWNS, US_STATES, country_of_city
from processors.lexicon.script import fold, is_han
from processors.lexicon.short_texts import kept_if_short
from processors.lexicon.titles import title_score
from processors.resume.text import Piece

_WORDS = joined("processors.resume", "employers")
_EMPLOYER = re.compile(_WORDS["likely"], re.IGNORECASE)
_SURE_EMPLOYER = re.compile(_WORDS["sure"], re.IGNORECASE)
_OWN = re.compile(r"freelance|self[- ]employed|自由职业者?", re.IGNORECASE)
"""Who works on their own account writes this in the employer's place."""
KIND = re.compile(
    r"(?:permanent |contract |temporary )?(?:full|part)[- ]time|permanent|temporary|seasonal|(?:民营|国有|私营|外资|中外合资|合资|外商独资|上市|股份制|事业单位|国企|央企)(?:公司|企业|单位)?|on-?site|hybrid|全职|兼职|vollzeit|teilzeit|\d{2,3} ?%|\d{1,2}\+? (?:hours|hrs)\.?(?: per |/| a )(?:week|wk)|salary\b.{0,40}|deltid|heltid|temps (?:plein|partiel)|cdi|cdd",
    re.IGNORECASE,
)
"""The kind of an employment or work place, which stands beside an employer."""
DEPARTMENT = re.compile(
    r"(?:(?<!门诊|俱乐)部|事业群|组)$|\b(?:unit|ward|department|dept\.?|division|team)(?: \([^()]{1,20}\))?$",
    re.IGNORECASE,
)
_PLACE = re.compile(
    rf"(?:(?:{'|'.join(PROVINCES)})省? ?)?(?:{'|'.join((*CITIES, *TOWNS))})(?:市|·.{{1,8}}|.{{1,5}}[区县])?"
    r"|remote|远程|(?:中国)?(?:台湾|香港|澳门)|中国|新加坡|美国|英国|日本|韩国|德国|加拿大|澳大利亚"
    r"|[\[<{](?:city|town|state|province|region|country|location|城市|州|省份?|国家|地区|地点)[\]>}]",
    re.IGNORECASE,
)
"""The last ones stand for a place in a resume that somebody has made anonymous."""
_TOWN = re.compile(r"(?:[A-ZÀ-Ž][\w.'’-]+ ?){1,4}")
_POSTCODE = re.compile(r"^(?:[A-Z]{1,2}-)?\d{4,6} |,? \d{5}(?:-\d{4})?$")
_COUNTRIES = frozenset(
    """usa|us|u.s.|united states|uk|u.k.|united kingdom|great britain|england|scotland|wales|northern ireland|ireland|canada|australia|new zealand|india|china
germany|deutschland|austria|österreich|switzerland|schweiz|suisse|france|belgium|belgique|netherlands|the netherlands|nederland|luxembourg|spain|españa
portugal|italy|italia|poland|polska|czech republic|czechia|slovakia|hungary|romania|bulgaria|greece|croatia|serbia|slovenia|sweden|norway|denmark|finland|iceland
estonia|latvia|lithuania|ukraine|russia|turkey|türkiye|israel|egypt|morocco|tunisia|nigeria|kenya|ghana|ethiopia|uganda|south africa|uae|united arab emirates
saudi arabia|qatar|kuwait|bahrain|oman|jordan|lebanon|pakistan|bangladesh|sri lanka|nepal|singapore|malaysia|indonesia|thailand|vietnam|philippines|japan|korea
south korea|taiwan|hong kong|macau|brazil|brasil|mexico|méxico|argentina|chile|colombia|peru""".replace(
        "\n", "|"
    ).split("|")
)
_REGIONS = frozenset(
    """alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|georgia|hawaii|idaho|illinois|indiana|iowa|kansas|kentucky|louisiana|maine
maryland|massachusetts|michigan|minnesota|mississippi|missouri|montana|nebraska|nevada|new hampshire|new jersey|new mexico|new york|north carolina|north dakota|ohio
oklahoma|oregon|pennsylvania|rhode island|south carolina|south dakota|tennessee|texas|utah|vermont|virginia|washington|west virginia|wisconsin|wyoming
ontario|british columbia|alberta|manitoba|saskatchewan|nova scotia|new brunswick|newfoundland|quebec|québec
new south wales|victoria|queensland|tasmania|western australia|south australia
andhra pradesh|assam|bihar|chhattisgarh|delhi|goa|gujarat|haryana|himachal pradesh|jharkhand|karnataka|kerala|madhya pradesh|maharashtra|odisha|punjab|rajasthan
tamil nadu|telangana|uttar pradesh|uttarakhand|west bengal|bayern|bavaria|baden-württemberg|hessen|hesse|niedersachsen|nordrhein-westfalen|nrw|sachsen|saxony
thüringen|brandenburg|rheinland-pfalz|schleswig-holstein""".replace("\n", "|").split("|")
)
LASTING = re.compile(
    r"[(（·•, ]{0,3}(?:(?:less than )?(?:a|an|\d{1,2}) ?(?:years?|yrs?\.?|jahre?|ans?|años?|年)(?:[, ]{0,2}(?:and |und |et |y )?)?)?"
    r"(?:(?:a|\d{1,2}) ?(?:months?|mos?\.?|monate?|mois|mes(?:es)?|个月))?(?:\d{1,2} ?년)?(?: ?\d{1,2} ?개월)?[)）]?",
    re.IGNORECASE,
)
"""How long something lasted: `(2 years 7 months)`, `3 年 2 个月`."""
_CAMPUS = re.compile(
    r"(?<=University of )(?:California|Texas|Illinois|Wisconsin|North Carolina|Massachusetts|Maryland|Minnesota|Colorado"
    r"|Michigan|Nebraska|Nevada|Missouri|Tennessee|Alabama|Arkansas|Hawaii|Washington|Maine), "
    r"(?:Berkeley|Davis|Irvine|Los Angeles|Merced|Riverside|San Diego|San Francisco|Santa|Austin|Dallas|Arlington|El Paso|San Antonio"
    r"|Urbana|Chicago|Springfield|Madison|Milwaukee|Chapel Hill|Charlotte|Greensboro|Wilmington|Amherst|Boston|Lowell|College Park"
    r"|Baltimore|Twin Cities|Duluth|Boulder|Denver|Ann Arbor|Dearborn|Flint|Lincoln|Omaha|Las Vegas|Reno|Columbia|St\. Louis"
    r"|Kansas City|Knoxville|Chattanooga|Tuscaloosa|Birmingham|Huntsville|Fayetteville|M[aā]noa|Seattle|Bothell|Tacoma|Orono)"
)
"""University of California, San Diego."""
STATES = f"{US_STATES}|UK|USA|US|ON|BC|QC|AB|NSW|VIC|QLD|TAS|KA|MH|TN|TS|GJ|WB|KL"
_TOWN_AND_STATE = re.compile(rf"[A-ZÀ-Ž][^,]{{1,30}},? (?:{STATES})(?:,? \d{{5}})?")
ABBREVIATIONS = frozenset(STATES.split("|")) | {"NSW", "VIC", "QLD", "TAS", "ACT", "SA", "NT", "UAE", "BW", "NI"}
_PARTS = re.compile(
    r"\t+| ?[|｜•·] ?| [–—-] |——| @ | bei (?=[A-ZÄÖÜ])| chez (?=[A-ZÉ])| presso (?=[A-ZÀ])| bij (?=[A-Z])| à (?=(?:la |l['’])?[A-ZÉ])| at (?=[A-Z\u3400-\u9fff])|[，；،]|; | // | / |(?<=[a-z]): (?=[A-Z])|(?<=Ltd)\. (?=[A-Z])|(?<=Inc)\. (?=[A-Z])|(?<=LLC)\. (?=[A-Z])|[ \u3000]{2,}|, (?!(?i:Inc|Ltd|LLC|LLP|Corp|Co|Limited|GmbH|S\.A|PLC|Pvt)\b(?!-))"
    rf"(?!(?:{STATES})(?:$|[\t,)]| ?[|｜•·]| [–—-] ))|(?<=[\u3400-\u9fff])[ \u3000](?=[\u3400-\u9fffA-Z])"
    r"|(?<=公司)[-–—/、,]|(?<=集团)[-–—/、,]"
    # A scan may have lost the space between an employer and a title.
    r"|(?<=有限公司)(?=[\u4e00-\u9fffA-Za-z+]{2,16}$)(?!.*(?:公司|行|部|中心|院|厂|店|组|处)$)"
)


_REMARK = re.compile(
    r"(?<=.)[ ]?[（(\[【](?:[^（）()\[\]]{0,30}(?:\d ?人|规模|汇报|下属|行业|服务业|制造业|民营|国企|外资|合资|上市公司|employees|clients?:|kunden:|formerly|previously|promoted|acquired|now |part of|via |current\b|contract\b|full[- ]time|part[- ]time|remote\b|freelance|start-?up|listed|nyse|nasdaq|股票|上市|分公司|分店|总部|外商|台商|日商|门店|医院等级|三甲|salariés|effectif|agence|mitarbeiter|personnes)[^（）()\[\]]{0,20})[)）\]】]$",
    re.IGNORECASE,
)
"""What exports write behind an employer: its industry and size."""


def parts(cell: Piece) -> Iterator[Piece]:
    """Yield the parts of a head's line between tabs, bars, dashes and commas, without how long and how large."""
    cell = cell.part(0, len(cell.text.rstrip(" -–—")))
    if address := _ADDRESS.search(cell.text):
        cell = cell.part(0, address.start())
    if served := _served(cell) or _worked(cell) or _korean(cell) or _japanese(cell):
        yield from served
        return
    if cell.text.endswith((")", "）", "]", "】")):
        opens = max(cell.text.rfind(c) for c in "(（[【")
        if opens > 0 and LASTING.fullmatch(re.sub(r"[\[【（] ?(.*?) ?[\]】）]$", r"(\1)", cell.text[opens:])):
            cell = cell.part(0, opens)
        elif remark := _REMARK.search(cell.text):
            cell = cell.part(0, remark.start())
        elif place := _place_behind(cell):
            yield from parts(place[0])
            yield place[1]
            return
    for part in _with_regions(list(_parts(cell)), cell):
        if (remark := _REMARK.search(part.text)) and title_score(part.text) == 0:
            part = part.part(0, remark.start())
        yield from _place_behind(part) or _served(part) or _held_at(part) or (part,)


_ADDRESS = re.compile(r"[ (]{1,3}(?:https?://|www\.)[^\s()]+[)]?$")


_OF_RANK = re.compile(
    r"(?:(?:senior|executive|assistant|associate|deputy|group|regional|general|managing|sr\.?) ){0,3}(?:[SE]?VP|AVP|vice president|director|head|manager|chief|supervisor|coordinator|specialist|analyst|lead|officer)",
    re.IGNORECASE,
)
_FUNCTION = re.compile(
    r"(?:(?:global|corporate|digital|business|customer|human|supply|public|information|product|field|plant|quality|data|brand|sales|clinical|regional|internal|external|credit|fund|financial|software|strategic|north america|emea|apac|and|&) ?){0,3}(?:operations|marketing|sales|finance|engineering"
    r"|product|resources|strategy|technology|development|communications|legal|chain|security|design|growth|affairs|success|relations|services|research|analytics|procurement|logistics|it|hr|manufacturing|production|maintenance|merchandising|planning|accounting|audit|tax|treasury|compliance|risk|programs?|programmes?|partnerships|digital|brand|media|content|purchasing|sourcing|facilities|administration|people|talent|policy|insights|services|support|delivery|infrastructure|platform|architecture|safety|quality|medical|clinical|commercial|retail|wholesale|communications)(?:,? (?:and|&) (?:operations|marketing|sales|finance|digital|brand|planning|logistics|procurement|communications|development|analytics|strategy|quality|safety|compliance|growth))?",
    re.IGNORECASE,
)
"""VP, Operations is one title."""


def is_region(text: str) -> bool:
    """Whether a text is the name of a state or province, and of no town."""
    return fold(text) in _REGIONS and country_of_city(text) is None


def _with_regions(found: Sequence[Piece], cell: Piece) -> Iterator[Piece]:
    """Yield parts with a town and its region as one: Kota, Rajasthan."""
    at = 0
    while at < len(found):
        part = found[at]
        at += 1
        if at < len(found) and _OF_RANK.fullmatch(part.text) and _FUNCTION.fullmatch(found[at].text):
            part, at = cell.part(part.start - cell.start, found[at].end - cell.start), at + 1
        named = at > 1 or country_of_city(part.text) is not None  # the first may be an employer
        if named and at < len(found) and found[at].start - part.end == 2 and is_region(found[at].text):
            both = cell.part(part.start - cell.start, found[at].end - cell.start)
            if ", " in both.text and is_place(both.text):
                part, at = both, at + 1
        yield part


_WORKED = re.compile(
    r"(?:(?:[Ww]orking |[Ww]orked |[Ee]mployed )?(?:[Ww]ith|at|for|in) (?P<at>[A-ZÀ-Ž][^,]{2,50}?)(?:, ?(?P<town>[A-ZÀ-Ž][\w ]{2,24}))? as (?:an? |the )?(?P<title>[A-ZÀ-Ž][^,]{2,50})"
    r"|(?:[Ww]orking|[Ww]orked|[Ee]mployed) as (?:an? |the )?(?P<role>[A-Za-zÀ-ž][^,]{2,50}?) (?:in|at|with|for) (?:the )?(?P<by>[A-ZÀ-Ž][^,]{2,50})(?:, ?[A-ZÀ-Ž][\w ]{2,24})?)",
)
"""with Larkfield Motors, Pune as Sales Manager"""


_HELD_AT = re.compile(
    r"(?P<title>[^\W\d_].{2,60}?) (?:en (?:el |la |los |las )?|em |n[ao] |a[loà] |presso (?:il |la |lo )?|bij (?:de |het )?|hos |på |ved |vid |i |w |we |u |v |in der |beim |pri |w firmie |в компании |в |у компанії |bei der firma |nella ditta |na empresa |en la empresa |chez |au sein d[eu] |à la |at the )"
    r"(?P<by>[A-ZÀ-ŽĀ-Ž][^,;]{2,60})"
)
"""Diseñadora en Estudio Luz: a title and its employer with what a language says for `at` between them."""


def _held_at(part: Piece) -> tuple[Piece, Piece] | None:
    told = _HELD_AT.fullmatch(part.text) if len(part.text) < 110 else None
    if not told or title_score(told["title"]) <= 0 or is_place(told["by"]):
        return None
    by, like = evidence(told["by"]), shares(told["by"])
    if by.employer <= by.title or (employer_score(told["by"]) == 0 and like.organisation + like.person < like.other):
        return None
    return part.part(*told.span("title")), part.part(*told.span("by"))


_KOREAN = re.compile(
    r"(?P<by>\S+(?: \S+){0,2}?)(?: \S+(?:팀|부|실|센터|본부|사업부))?[ /,]{1,2}"
    r"(?P<title>\S{0,8}(?:사원|주임|대리|과장|차장|부장|팀장|이사|상무|전무|대표|매니저|연구원|엔지니어|개발자|디자이너|간호사|교사|인턴|강사|상담원))"
)
"""주식회사 한빛 마케팅팀 대리"""


_FIRM = r"(?:株式会社|有限会社|合同会社|社団法人|财団法人|医疗法人|学校法人|社会福祉法人)"
_JAPANESE = re.compile(
    rf"(?P<by>{_FIRM}[^ 　、,（）()]{{1,24}}|[^ 　、,（）()]{{1,24}}{_FIRM})[ 　]{{1,3}}(?P<title>[^ 　].{{1,24}})"
)


def _japanese(part: Piece) -> tuple[Piece, Piece] | None:
    """Return a company with its legal form and what stands behind it: 株式会社リーフデザイン Webデザイナー."""
    told = _JAPANESE.fullmatch(part.text)
    return (part.part(*told.span("by")), part.part(*told.span("title"))) if told else None


def _korean(part: Piece) -> tuple[Piece, Piece] | None:
    told = _KOREAN.fullmatch(part.text) if len(part.text) < 60 and not re.search("[|·｜]", part.text) else None
    return (part.part(*told.span("by")), part.part(*told.span("title"))) if told else None


def _worked(part: Piece) -> tuple[Piece, Piece] | None:
    """Return employer and title of a phrase that names both with their prepositions."""
    told = _WORKED.fullmatch(part.text.rstrip(" ."))
    if not told or not title_score(told["title"] or told["role"]):
        return None
    title = part.part(*told.span("title" if told["title"] else "role"))
    if project := re.search(r" Project ?#?\d{1,2}$", title.text):
        title = title.part(0, project.start())
    return part.part(*told.span("at" if told["at"] else "by")), title


_SERVED = re.compile(
    r"(?:先后)?(?:(?:在|于)(?P<at>[^，。]{3,30}?)(?:担任|任|从事|做过?|当过?)|(?P<by>[^，。在于]{3,30}?)(?:担任|出任))(?P<title>[^，。]{2,14})"
)
"""在某公司任经理"""

_RUN_ON = re.compile(
    r"(?P<by>(?!高级|中级|初级|普通|[公私]立)[\u3400-\u9fff（）()]{2,26}(?:公司|集团|法院|检察院|大学|学院|中学|小学|医院|银行|局|委员会|政府|研究院|研究所|厂|派出所|幼儿园))"
    r"(?P<title>[\u3400-\u9fff]{2,8})"
)
"""长沙县人民法院书记员: an employer and a title with nothing between them, as registries write."""


def _served(part: Piece) -> tuple[Piece, Piece] | None:
    """Return employer and title of a short Chinese sentence that names both."""
    if not is_han(part.text):
        return None
    for told in (_SERVED.fullmatch(part.text), _RUN_ON.fullmatch(part.text)):
        if told and title_score(told["title"]):
            return part.part(*told.span("by" if told["by"] else "at")), part.part(*told.span("title"))
    return None


def _place_behind(part: Piece) -> tuple[Piece, Piece] | None:
    """Return what stands before a place, and the place. 腾讯科技（深圳） is a name: it may go on with 有限公司."""
    placed = _PLACED.search(part.text)
    if not placed and (legal := _LEGAL_FORM.search(part.text)) and is_place(part.text[legal.end() :]):
        return part.part(0, legal.start() + len(legal[0].rstrip())), part.part(legal.end(), len(part.text))
    if _WITH_PROVINCE.fullmatch(part.text):
        return None
    if not placed or not placed.start():
        return None
    before, place = part.part(0, placed.start()), part.part(*placed.span("a" if placed["a"] else "b"))
    if is_han(place.text) and not _SURE_EMPLOYER.search(before.text):
        return None
    if placed["a"] and (_WORK_PLACE.fullmatch(place.text) or _is_town_of(before.text, place.text)):
        return before, place
    return (before, place) if is_place(place.text) else None


def _is_town_of(employer: str, text: str) -> bool:
    """Whether what stands in brackets behind an employer is a town that no list has: SARL Durieux (Portes-lès-Valence)."""
    if not _TOWN_LIKE.fullmatch(text) or employer_score(text) or title_score(text) or title_score(employer):
        return False
    told = shares(text)
    return employer_score(employer) >= 2 and told.title + told.other < _NO_TOWN


_LEGAL_FORM = re.compile(
    r"(?<=\w )(?:GmbH(?: & Co\. KG)?|AG|KG|SE|e\.V\.|Ltd\.?|Inc\.?|LLC|LLP|PLC|SAS|SA|SARL|B\.?V\.?|AB|Oy|S\.p\.A\.|S\.r\.l\.) (?=[A-ZÀ-Ž])"
)
"""What ends a company's name, so that a place may follow with nothing between: Wintersbach GmbH Kassel."""
_PLACED = re.compile(
    r" ?[(（\[](?:\d\d )?(?P<a>[^()（）\[\]]{2,40})[)）\]]$|,? (?:in|à|based in|with offices in) (?P<b>[A-ZÀ-Ž][^,()]{1,30}(?:, [A-ZÀ-Ž][\w .]{1,20})?)$"
)
"""A place behind an employer: in brackets, after `in`."""
_NO_TOWN = 0.8
_TOWN_LIKE = re.compile(r"[A-ZÀ-Ž][a-zà-ÿ]+(?:(?:[ '’-]|-[a-zà-ÿ]{1,3}-| [a-z]{2,3} )[A-ZÀ-Ž][a-zà-ÿ]+){0,3}")
_WORK_PLACE = re.compile(rf"remote|hybrid|on-?site|home ?office|远程|(?-i:{US_STATES})", re.IGNORECASE)


_BILINGUAL = re.compile(r"[\u3400-\u9fff（）·]{2,20}[ \u3000][A-Za-z][A-Za-z&.' -]{2,50}")


def _is_same_employer(han: str, latin: str) -> bool:
    """Whether a name in Latin letters behind a Chinese one says it again: 朗博咨询 Lambo Consulting."""
    return title_score(latin) == 0 and title_score(han) == 0 and employer_score(latin) > 0


def _parts(cell: Piece) -> Iterator[Piece]:
    at = 0
    for mark in _PARTS.finditer(cell.text):
        before = cell.text[at : mark.start()]
        if _BILINGUAL.fullmatch(cell.text, at) and _is_same_employer(before, cell.text[mark.end() :]):
            continue
        campus = next((c for c in _CAMPUS.finditer(cell.text) if c.start() < mark.start() < c.end()), None)
        if campus or (mark[0] == " at " and "niversity" in before):
            continue
        if (part := cell.part(at, mark.start())) and any(map(str.isalnum, part.text)):
            yield _behind_at(part)
        at = mark.end()
    if (part := cell.part(at, len(cell.text))) and any(map(str.isalnum, part.text)):
        yield _behind_at(part)


_LEADING_AT = re.compile(
    r"(?:en (?:el |la |los |las )?|em |at (?:the )?|bei (?:der |dem )?|beim |chez |presso |hos |bij (?:de |het )?|@ ?)(?=[A-ZÀ-Ž])"
)


def _behind_at(part: Piece) -> Piece:
    """Return an employer without the word before it: en el Museo."""
    mark = _LEADING_AT.match(part.text)
    return part.part(mark.end(), len(part.text)) if mark else part


_SURE = 3.0


@kept_if_short
def employer_score(text: str) -> float:
    """How much a text looks like an employer."""
    if _SURE_EMPLOYER.search(text) or _OWN.fullmatch(text):
        return _SURE
    return 2.0 if _EMPLOYER.search(text) else 0.0


def is_place(text: str) -> bool:
    """Whether a text is a place and nothing else."""
    return len(text) <= 70 and _is_place(text)


@lru_cache(maxsize=8192)
def _is_place(text: str) -> bool:
    bare = _POSTCODE.sub("", text)
    return bool(_PLACE.fullmatch(text)) or (bare != text and bare in ABBREVIATIONS) or _is_latin_place(bare)


_WITH_PROVINCE = re.compile(
    r"[A-ZÀ-Ž][\w'’]{2,20}(?: [\w'’]{2,12}){0,2} \((?:A[GLNOPQRTV]|B[AGILNORSTZ]|C[ABEHLNORSTZ]|EN|F[CEGIMR]|G[EOR]|I[MS]|KR|L[CEIOTU]"
    r"|M[BCEINOST]|N[AOU]|OR|P[ACDEGINORTUVZ]|R[ACEGIMNO]|S[AIOPRSUV]|T[AENOPRSV]|UD|V[ABCEIRTV])\)"
)
"""Monza (MB)"""


def _is_latin_place(text: str) -> bool:
    """Whether a text is a known city, a country, or a town before the name of its region or country."""
    if country_of_city(text) or fold(text) in _COUNTRIES:
        return True
    if _WITH_PROVINCE.fullmatch(text) and not title_score(text):
        return True
    if (
        (stated := _TOWN_AND_STATE.fullmatch(text))
        and "," not in stated[0]
        and country_of_city(text.rsplit(" ", 1)[0]) == "US"
    ):
        return True
    town, *around = re.split(r", ?|,? \((?=[A-Z])", text.rstrip(")"))
    if not 1 <= len(around) <= 2 or not _TOWN.fullmatch(town) or not all(around):
        return False
    if country_of_city(town):
        return all(_TOWN.fullmatch(part) for part in around) and not any(map(title_score, around))
    return all(part in ABBREVIATIONS or fold(part) in _COUNTRIES | _REGIONS for part in around)


class Evidence(NamedTuple):
    """How much a text's words look like an employer's and a title's."""

    employer: float
    title: float


_BY_LETTERS = 1.8
"""How much a text's letters say where no list knows its words, or two do."""


def evidence(text: str) -> Evidence:
    """Return what lists know of a text's words; where none knows any, or both do, what its letters are like."""
    employer, title = employer_score(text), title_score(text)
    if (employer > 0) != (title > 0) or len(text) > LONGEST:
        return Evidence(employer, title)
    told = shares(text)
    if title > 0:
        return Evidence(employer + told.organisation - told.title, title + told.title - told.organisation)
    return Evidence(_BY_LETTERS * max(told.organisation - 0.4, 0), _BY_LETTERS * max(told.title - 0.3, 0))


class Option(NamedTuple):
    """A part of a head, with how well it may be the employer and the title, and how likely its place makes each."""

    piece: Piece
    employer: float
    title: float
    own: Evidence
    prior_employer: float = 0.0
    prior_title: float = 0.0


STREET = re.compile(
    r"\d{1,5}[A-Za-z]? (?:[NSEW]\.? )?(?:[A-Z]\w+\.? ){1,3}(?:St(?:reet)?|Ave(?:nue)?|R(?:oa)?d|Blvd|Boulevard|Dr(?:ive)?|L(?:a)?ne?|Way|C(?:our)?t|Hwy|Highway|Parkway|Pkwy|Square|Sq)\b"
    r"|[A-ZÄÖÜ]\w+(?:straße|strasse|weg|platz|allee) \d|\d{1,4},? (?:rue|avenue|boulevard|place) |(?:Calle|Avenida|Via|Rua) [A-ZÀ-Ž]|P\.? ?O\.? Box \d",
)
"""A street address: an employer's stands between its name and a position's time."""


_NEVER = 9.0
_AMOUNT = re.compile(
    r"^[$€£¥][\d.,]+|^\d[\d,.]* [a-z]|\d ?(?:[万亿粉]|mio\b|mrd\b|million\b|employees\b|mitarbeiter|beschäftigte|salariés)",
    re.IGNORECASE,
)
"""A line that says how large an employer is, or what was reached: `$1.9B maker of frozen meals`, 场均 40 万."""


def _ends_with_title(text: str) -> bool:
    return not is_han(text) and " " in text and title_score(text.rsplit(" ", 1)[1]) > 0


def option(part: Piece) -> Option:
    """Return what a part's own words say. A place or a department is neither, unless its words are sure."""
    text = part.text
    own = evidence(text)
    place = is_place(text)
    sure = _SURE_EMPLOYER.search(text) and not (place and _TOWN_AND_STATE.fullmatch(text))
    as_employer = 0.0 if KIND.fullmatch(text) or STREET.match(text) or (place and not sure) else own.employer
    listed = "/" in text and is_han(text) and not _SURE_EMPLOYER.search(text)  # industries: 机械/设备/重工
    if as_employer < _SURE and _ends_with_title(text):  # Software Developer, Bank Manager
        as_employer = min(as_employer, 0.5)
    other = 1.5 * (
        place or listed or bool(STREET.match(text)) or bool(DEPARTMENT.search(text)) or bool(KIND.fullmatch(text))
    )
    if _AMOUNT.search(text):
        other = _NEVER
    return Option(part, as_employer - other, own.title - other, own)


_MOST = 8
"""Parts of a head that may be its employer or title."""


def fit(options: Sequence[Option], employer: int | None, title: int | None) -> float:
    """Return how well two of a head's parts, by their numbers, are its employer and title; None is neither's."""
    score = 0.0
    if employer is not None:
        chosen = options[employer]
        score += 1 + chosen.employer + chosen.prior_employer - 0.7 * chosen.own.title - 0.05 * employer
    if title is not None:
        chosen = options[title]
        score += 1 + chosen.title + chosen.prior_title - 0.7 * chosen.own.employer - 0.05 * title
    if employer is not None and title is not None and employer < title:
        score += 0.02
    return score


def best_fit(options: Sequence[Option]) -> tuple[int | None, int | None]:
    """Return the numbers of the parts that fit best as employer and title."""
    here = [*range(min(len(options), _MOST)), None]
    pairs = [
        (e, t) for e in here for t in here if e is None or t is None or options[e].piece.text != options[t].piece.text
    ]
    best = max(pairs, key=lambda pair: fit(options, *pair))
    return best if fit(options, *best) > 0 else (None, None)
