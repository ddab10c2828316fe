"""Degrees in many languages, and the level of each."""

import re
from typing import Literal

from processors.resume.roles import ABBREVIATIONS
from schemas.base import EducationLevel

_DEGREE_OF = (
    r"(?:['’]?s)?(?: degree)?(?: of (?:science|arts|engineering|business(?: administration)?|technology|education|laws?|philosophy|commerce|public \w+|fine arts|nursing"
    r"|architecture|computer applications?|pharmacy|design|music|social work|medicine))?\b"
)
# Letters that are degrees anywhere, in the order in which one degree's may be a part of another's. Words stand in any
# case, letters as they are written.
DISCIPLINE = "工学|理学|文学|法学|经济学|管理学|医学|教育学|农学|历史学|哲学|艺术学|军事学"
"""China's thirteen disciplines, in whose names degrees are given: 工学硕士."""
_LEVELS: tuple[tuple[EducationLevel | Literal["other"], str], ...] = (
    ("doctorate", rf"(?:{DISCIPLINE})?博士(?:研究生|学位|后)?|\bph\.? ?d\b\.?|\bdoctor(?:ate)?(?: of [A-Z]\w+)?\b|\bd\.?phil\b\.?|\bJ\.?D\.?(?!\w)|\bM\.D\.?(?!\w)|\bdr\. ?(?:rer\. ?\w{3}|med|phil|jur|ing|oec)\b\.?"
                  r"|\b(?-i:Ed\.?D|D\.Sc|DBA|Pharm\.?D|DDS|DVM|DNP|Sc\.D|D\.Eng)\b\.?|\bdoctorat\b|\bdoctorado\b|\bdoctora\b|\bdoutora?\b(?= em )|\bdottorato\b|\bhabilitation\b|\bdoutorado\b|\bdoktora\b|\bdoktorat\b|\btohtori\b|διδακτορικό|دكتوراه|דוקטור|кандидат наук|\bдоктор наук\b|\bph\.?d\.?|박사|\btiến sĩ\b"),
    ("master", rf"(?:{DISCIPLINE})?硕士(?:研究生|学位)?|研究生|EMBA|\bMBA\b|\bMPA\b|(?-i:\bM[ -]?(?:Sc|SC|Tech|TECH|tech|Phil|Ed|ED|Com|COM|Arch|ARCH|Res|Mus)\b\.?)|\bM\. ?(?:Sc|Tech|Eng|Phil|Ed|Com|Arch|Res|Mus)\b\.?|\bM\.?C\.?A\b\.?"
               r"|\b(?-i:LL\.? ?M|MS|MA|M(?:Eng|ENG)|MFA|MEd|MPH|MSW|MPP|MIS|MHA|MRes|PGDM|PGDip|PGDBA|S\.M|Sc\.M|A\.M|DEA|DESS)\b\.?|(?-i:\bM\.(?:[A-Z][a-z]{0,4}\.?){1,3}(?![\w.]))"
               rf"|\bmaster(?: ?[12]\b)?{_DEGREE_OF}|(?-i:\bM[12](?= [A-ZÉ]))|\bpost ?graduate\b|\bmáster\b|\bmasterstudium\b|\bthạc sĩ\b|\bmagister\b|\bмагистр\b|\byüksek lisans\b|\bmaestr[ií]a\b|\bma[iî]trise\b|\bmagist(?:er|[eè]re)\b|\blaurea magistrale\b|\bmestrado\b|\bmagisterexamen\b|\bmasterexamen\b|\bcivilingen[jiö]+r\b|\bkandidatspeciale\b|\bcand\.[a-z]{2,6}\.?|\bstudia magisterskie\b|\bmagisterskie\b|\bmastergrad\b|\bdoctoraal\b|석사|修士|碩士|^研究所$|ماجستير|תואר שני|μεταπτυχιακό|\bмагістр\b|\bmasterat\b|\bmaisteri\b|\bmagistra\b|\bS2\b(?= )|\bmaster[ie]?degree\b|\bmestre\b(?= em )|\bspecialistica\b|ปริญญาโท|\bmagisterium\b|\bing\.(?= )"
               r"|\bdipl[oô]me d['’]ing[ée]nieur\b|\bdiplom(?:-\w{3,20}|ingenieur\w{0,3}|kauf\w{2,4}|informatiker\w{0,2}|studium)?\b(?: \((?:FH|Univ|TU|BA)\.?\))?|\bDipl\.-\w+\.?|\bstaatsexamen\b"),
    ("associate", r"大专|专科(?!起)|高职|五专|\bassociate(?:['’]?s)?(?: degree)?(?: of (?:science|arts|applied science|applied arts))?\b"
                  r"|\b(?-i:AAS|A\.A\.S?\.?|A\.S\.)(?!\w)|\b(?:(?:advanced|higher|national|graduate|professional) )?diploma\b(?! di )|دبلوم|\bönlisans\b|\bD3\b(?= )|\btecn[óo]logo\b|\bvyššia? odborn\w+|\bhigher national diploma\b|\bτεχνολογικό\b|среднее специальное|ปวส|전문학사|\bcao đẳng\b|\btecnólogo\b|\b(?-i:HF)\b|\bdipl\. \w+ HF\b|\bhøyere fagskole\b|\byrkeshögskol\w+|\b(?-i:HND|BTS|DUT|DEUG)\b|\bfoundation degree\b|\b(?-i:HNC|BTSA|FdA|FdSc|MBO(?: niveau \d)?)\b|\bgraduado superior\b|\bt[ée]cnico superior\b|\bciclo formativo\b|\b(?:ad|high)er apprenticeship\b|\b(?:BTEC|NVQ|SVQ) (?:level [4-7]|higher \w+)(?: diploma)?\b"),
    ("bachelor", rf"(?:{DISCIPLINE})学士(?:学位)?"
                 r"|专升本|双学位|第二学位|(?:大学)?本科|(?:工|理|文|法|经济|管理|医|教育|农|历史|哲|艺术|军事)?学士(?:学位)?|四技|二技|(?-i:\bB[ -]?(?:Sc|SC|Tech|TECH|tech|Ed|ED|Com|COM|Arch|ARCH|Pharm|Des|Mus)\b\.?)|\bB\. ?(?:Sc|Tech|Eng|Ed|Com|Arch|Pharm|Des|Mus)\b\.?"
                 r"|\b(?:LLB|BBA|BCA|BFA|BSN|BSEE|BSCS|BSW|BIT|BAS|BHSc|BS|BA|BE|BEng)\b|\b(?-i:LL\.? ?B|BM|BHM|MBBS|A\.B|S\.B|Sc\.B)\b\.?|(?-i:\bB\.(?:[A-Z][a-z]{0,4}\.?){1,3}(?![\w.]))"
                 rf"|\bbachelor{_DEGREE_OF}|\bbachelorstudium\b|\bundergraduate\b|\blicen[cs]iat(?:e|ura)\b|\blicence(?: pro(?:fessionnelle)?)?\b(?! (?:no|number|to))"
                 r"|\blaurea(?: triennale)?\b|\bcử nhân\b|\blicencjat\b|\bбакалавр\b|\bsarjana\b|\blisans\b|\bgrado\b(?= (?:en|in) )|\blicenciad[oa]\b|\bgraduad[oa]\b(?= (?:en|in) )|\bHBO(?:[ -]bachelor)?\b|\bvordiplom\b|\bkandidatexamen\b|\bkandidatgrad\b|\bbachelorgrad\b|\bhögskoleexamen\b|\bkandidat\b(?= i )|\bbacharelado\b|\blicenciatura\b|\bgraduação\b(?= em )|\bkỹ sư\b(?= )|\bkandydat\b|\blicencjackie\b|\binżynierskie\b|\b(?-i:BUT)\b(?= )|학사|大学毕业|^大学$|بكالوريوس|ليسانس|إجازة في|תואר ראשון|πτυχίο|\bбакалавр\w*|\blicen[țţ][ăa]\b|\bbakalář\w*|\bbakalár\w*|\bkandidaatti\b|\balapdiploma\b|\bS1\b(?= )|\bprofessionsbachelor\b|\bfil\. kand\b\.?|\bingenier[íi]a\b(?= (?:en|industrial|civil|mec|el[ée]c|inf|de ))|ปริญญาตรี|\bprvostupni\w*|\bB(?:Econ|Bus|Mgt|Acc|Nurs|AppSc|Sci|IT)\b"),
    ("high_school", r"高中|中专|职高|中技|技校|\bhigh school(?: diploma)?\b|\bGED\b|\bdiploma di (?:liceo \w+|maturit[àa](?: \w+)?|istituto tecnico|scuola superiore)|\bmaturit[àa](?: \w+)?\b|\b(?-i:A[-‐ ]?[Ll]evels?|A[- ]LEVELS?|O[- ][Ll]evels?|GCSEs?|IGCSEs?|HKDSE|DSE|HKALE|HKCEE|HAVO|VWO|VMBO|BTEC|IB)(?: (?:diploma|extended diploma|national \w+))?(?: level [1-3])?\b|\binternational baccalaureate(?: diploma)?\b|\bleaving certificate\b|\bvideregående(?: skole)?\b|\bgymnasieexamen\b|\byrkesexamen\b|\bstudentereksamen\b|\bensino médio\b|\bformación profesional\b|\btécnico\b(?= en )|\btrung cấp\b|고등학교|\b(?-i:IB) diploma\b|\bsecondary school\b|\b(?:WASSCE|WAEC|SSCE|NECO|KCSE|KCPE|CSEC|STPM|SPM|HSSC|GCE(?: [AO][ -]level)?|matric(?:ulation)?|plus two|HSC|SSC|CBSE|XII(?:th)?|12th|10th)\b"
                    r"|\bintermediate\b|\b(?:fach)?abitur\b|\bfachhochschulreife\b|\b(?:allgemeine )?hochschulreife\b|\bmatura\b|\bbaccalaur[ée]at(?: g[ée]n[ée]ral| technologique)?\b"
                    r"|\bbac (?-i:S|ES|L|pro|g[ée]n[ée]ral)\b|\bbachillerato\b|\bpreparatoria\b(?! \d)|\bérettségi\b|\bylioppilas\w*|\bsecundaria\b(?! )|\bliceo (?:scientifico|classico|linguistico|artistico)\b|\bstudent(?:er)?eksamen\b|ثانوية عامة|الثانوية العامة|שנות לימוד|בגרות|\bSM[AK]\b(?= )|\btrung học phổ thông\b|\blise\b(?= mezunu)|среднее образование|повна загальна"),
    # Training for a trade, and schools that end before the age of 18, reach no level.
    ("other", r"\b(?:(?:graduate|postgraduate|post-graduate|professional|advanced|higher|executive) )?certificate\b(?= (?:in|of) )|\bpostgraduate certificate\b"
              r"|\b(?-i:PGCE|PGDE)\b|\bcertificate (?:I{1,3}|IV|[1-4])\b|\b(?:advanced |modern |trade )?apprenticeship\b|\bcity (?:&|and) guilds(?: (?:level \d|\d{4}(?:-\d\d)?))?(?: (?:diploma|certificate|nvq))?"
              r"|\b(?-i:NVQ|SVQ)(?: (?:diploma|extended diploma|national \w+))?(?: level [1-3])?\b|\b(?-i:CAP|BEP)\b(?= )|\b(?-i:BP|MC)\b(?= )|\bbrevet professionnel\b|\b(?-i:CFC|AFP|EFZ|EBA)\b|\b(?:berufs)?lehre\b|\bberufsausbildung\b"
              r"|\bausbildung (?=(?:zum|zur|als|in) (?!.{0,60}\bbei\b))|^ausbildung(?=$|, )|\bgesellenbrief\b|\bfagbrev\b|\bsvendebrev\b|\berhvervsuddannelse\b|\bmittlere reife\b|\bhauptschulabschluss\b|\bmittlerer schulabschluss\b|\brealschulabschluss\b|初中"),
)  # fmt: skip
DEGREE = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _LEVELS), re.IGNORECASE)


def level(text: str) -> EducationLevel | None:
    """Return the level of a degree as written."""
    match = DEGREE.search(text)
    return match.lastgroup if match and match.lastgroup != "other" else None  # type: ignore[return-value]


def names_degree(text: str) -> bool:
    """Whether a text names a degree: `Boston, MA` names none."""
    return any(not (m[0] in ABBREVIATIONS and text[: m.start()].endswith(", ")) for m in DEGREE.finditer(text))
