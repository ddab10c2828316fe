"""What a part of an entry's head is: an employer, a title or a place, by its words."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from processors.lexicon.places import CITIES, PROVINCES
from processors.lexicon.script import fold
from processors.lexicon.titles import title_score
from processors.resume.text import Piece

_EMPLOYER = re.compile(
    r"公司|集团|银行|医院|事务所|研究院|研究所|工作室|工厂|厂$|酒店|学校|大学|中学|小学|幼儿园|委员会|政府|中心$|协会|基金会|出版社|电视台"
    r"|商场|超市|餐厅|门店|店$|局$|控股|股份|科技$|传媒$|证券|保险|律所|设计院|部队|学院$"
    r"|\b(?:inc|ltd|llc|llp|gmbh|corp|corporation|plc|limited|pvt|company|group|bank|hospital|university|college"
    r"|institute|school|technologies|solutions|systems|labs|studios?|partners|holdings|services|consulting|clinic|agency"
    r"|associates|industries|foundation|council|ministry|center|centre|software|analytics|logistics|media|networks|enterprises"
    r"|international|global|hotels?|restaurant|health|healthcare|medical|ventures|capital|insurance|motors|pharma|works|digital"
    r"|interactive|platforms|accountants|consultants|architects|solicitors|attorneys|lawyers|advisors|advisers|planners|insights|commerce|llp|law|chambers|manufacturing|engineering$|district|airlines|energy|robotics|foods?|freight|retail|financial|universit(?:y|ät|é)|hochschule|klinikum|krankenhaus|stadtwerke|h[oô]pital|lyc[ée]e|mairie|groupe|soci[ée]t[ée]|cabinet|agence|banque|grupo|verein|verlag)\b"
    r"|(?:&|\band) co\b|\bco\.(?!\w)|(?<=\w )(?<!, )co$|\bco,? ltd",
    re.IGNORECASE,
)
_SURE_EMPLOYER = re.compile(
    r"公司|集团|事务所|股份|\b(?:inc|ltd|llc|llp|gmbh|corp|corporation|plc|limited|pvt|sarl|s\.a\.r\.l|ohg|e\.v|s\.r\.l|b\.v|n\.v)\b|大学$|医院$|银行$"
    r"|(?-i:\b(?:AG|KG|SE|SAS|KGaA|BV|NV|SpA|S\.A\.|S\.p\.A\.)$)",
    re.IGNORECASE,
)
_OWN = re.compile(r"freelance|self[- ]employed|自由职业者?", re.IGNORECASE)
"""Who works on their own account writes this in the employer's place."""
_KIND = re.compile(
    r"(?:permanent |contract |temporary )?(?:full|part)[- ]time|permanent|temporary|seasonal|on-?site|hybrid|全职|兼职|vollzeit|teilzeit|temps (?:plein|partiel)|cdi|cdd",
    re.IGNORECASE,
)
"""The kind of an employment or work place, which stands beside an employer."""
DEPARTMENT = re.compile(r"(?:部|事业群|组)$")
_PLACE = re.compile(
    rf"(?:(?:{'|'.join(PROVINCES)})省? ?)?(?:{'|'.join(CITIES)})(?:市|·.{{1,8}}|.{{1,5}}[区县])?"
    r"|(?:[A-Z][\w.'’-]+ ?){1,3}, ?(?:[A-Z]{2}|[A-Z][a-z]+(?: [A-Z][a-z]+)?)(?:, [A-Z][A-Za-z ]{1,20})?|remote|远程"
)
CITIES_LATIN = frozenset(
    """london|paris|berlin|munich|hamburg|amsterdam|dublin|madrid|barcelona|lisbon|rome|milan|zurich|geneva|vienna|prague|warsaw|stockholm
oslo|copenhagen|helsinki|brussels|new york|new york city|san francisco|los angeles|chicago|boston|seattle|austin|houston|dallas|denver|atlanta
miami|philadelphia|phoenix|portland|san diego|san jose|washington|toronto|vancouver|montreal|sydney|melbourne|auckland|singapore|hong kong
tokyo|osaka|seoul|beijing|shanghai|shenzhen|guangzhou|hangzhou|chengdu|taipei|bangkok|jakarta|manila|kuala lumpur|mumbai|bangalore|bengaluru|hyderabad
chennai|pune|delhi|new delhi|gurgaon|noida|kolkata|dubai|abu dhabi|cairo|lagos|nairobi|cape town|johannesburg|istanbul|tel aviv|moscow|minneapolis
manchester|birmingham|edinburgh|glasgow|leeds|bristol|cambridge|oxford|mexico city|sao paulo|buenos aires|charlotte|nashville|pittsburgh|detroit
salt lake city|raleigh|columbus|cleveland|tampa|orlando|st. louis|kansas city|nanjing|suzhou|wuhan|xi'an|remote|usa|uk|india|china|germany""".replace(
        "\n", "|"
    ).split("|")
)
_CAMPUS = re.compile(
    r"(?<=University of )(?:California|Texas|Illinois|Wisconsin|North Carolina|Massachusetts|Maryland|Minnesota|Colorado"
    r"|Michigan|Nebraska|Nevada|Missouri|Tennessee|Alabama|Arkansas|Hawaii|Washington|Maine), "
    r"(?:Berkeley|Davis|Irvine|Los Angeles|Merced|Riverside|San Diego|San Francisco|Santa|Austin|Dallas|Arlington|El Paso|San Antonio"
    r"|Urbana|Chicago|Springfield|Madison|Milwaukee|Chapel Hill|Charlotte|Greensboro|Wilmington|Amherst|Boston|Lowell|College Park"
    r"|Baltimore|Twin Cities|Duluth|Boulder|Denver|Ann Arbor|Dearborn|Flint|Lincoln|Omaha|Las Vegas|Reno|Columbia|St\. Louis"
    r"|Kansas City|Knoxville|Chattanooga|Tuscaloosa|Birmingham|Huntsville|Fayetteville|M[aā]noa|Seattle|Bothell|Tacoma|Orono)"
)
"""University of California, San Diego."""
STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|RI|SC"
    "|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC|UK|USA|US|ON|BC|QC|AB"
)
_PARTS = re.compile(
    r"\t+| ?[|｜•·] ?| [–—-] |——| @ | at (?=[A-Z\u3400-\u9fff])|[，；]| / |[ \u3000]{2,}|, (?!(?:Inc|Ltd|LLC|LLP|Corp|Co|Limited|GmbH|S\.A|PLC|Pvt)\b(?!-))"
    rf"(?!(?:{STATES})(?:$|[\t,)]| ?[|｜•·]| [–—-] ))|(?<=[\u3400-\u9fff])[ \u3000](?=[\u3400-\u9fffA-Z])"
    r"|(?<=公司)[-–—/、,]|(?<=集团)[-–—/、,]"
    # A scan may have lost the space between an employer and a title.
    r"|(?<=有限公司)(?=[\u4e00-\u9fffA-Za-z+]{2,16}$)(?!.*(?:公司|行|部|中心|院|厂|店|组|处)$)"
)


def parts(cell: Piece) -> Iterator[Piece]:
    """Yield the parts of a head's line between tabs, bars, dashes and commas."""
    at = 0
    for mark in _PARTS.finditer(cell.text):
        before = cell.text[at : mark.start()]
        campus = next((c for c in _CAMPUS.finditer(cell.text) if c.start() < mark.start() < c.end()), None)
        if campus or (mark[0] == " at " and "niversity" in before):
            continue
        if part := cell.part(at, mark.start()):
            yield part
        at = mark.end()
    if part := cell.part(at, len(cell.text)):
        yield part


def employer_score(text: str) -> float:
    """How much a text looks like an employer."""
    if _SURE_EMPLOYER.search(text) or _OWN.fullmatch(text):
        return 3.0
    return 2.0 if _EMPLOYER.search(text) else 0.0


def is_place(text: str) -> bool:
    """Whether a text is a place and nothing else."""
    return bool(_PLACE.fullmatch(text)) or fold(text) in CITIES_LATIN


class Option(NamedTuple):
    """A part of a head, with how well it may be the employer and the title, and how likely its place makes each."""

    piece: Piece
    employer: float
    title: float
    prior_employer: float = 0.0
    prior_title: float = 0.0


def option(part: Piece) -> Option:
    """Return what a part's own words say. A place or a department is neither, unless its words are sure."""
    text = part.text
    place = is_place(text)
    as_employer = 0.0 if place and not _SURE_EMPLOYER.search(text) else employer_score(text)
    other = 1.5 * (place or bool(DEPARTMENT.search(text)) or bool(_KIND.fullmatch(text)))
    return Option(part, as_employer - other, title_score(text) - other)


def employer_and_title(options: list[Option]) -> tuple[Piece | None, Piece | None]:
    """Choose the employer and the title among an entry's parts: those that fit best, in the likelier order."""
    best: tuple[float, Piece | None, Piece | None] = (0.0, None, None)
    here: list[Option | None] = [*options[:8], None]
    for e, employer in enumerate(here):
        for t, title in enumerate(here):
            if e == t and employer is not None:
                continue
            score = 0.0
            if employer is not None:
                score += (
                    1 + employer.employer + employer.prior_employer - 0.7 * title_score(employer.piece.text) - 0.05 * e
                )
            if title is not None:
                score += 1 + title.title + title.prior_title - 0.7 * employer_score(title.piece.text) - 0.05 * t
            if employer is not None and title is not None and e < t:
                score += 0.02
            if score > best[0]:
                best = (score, employer and employer.piece, title and title.piece)
    return best[1], best[2]
