"""A profile as a Candidate of HR Open Standards 4.2 (JSON), as far as its names fit."""

from typing import Any

from processors.resume.export_json_resume import clean, value_of
from schemas.resume import ResumeProfile

_COUNTRIES = {
    "CN": "中国|中华人民共和国|中国籍|china|chinese|prc", "HK": "中国香港|香港|hong kong", "MO": "中国澳门|澳门|macau|macao",
    "TW": "中国台湾|台湾|taiwan|taiwanese", "SG": "新加坡|singapore|singaporean", "MY": "马来西亚|malaysia|malaysian",
    "JP": "日本|japan|japanese", "KR": "韩国|south korea|korea|korean|south korean", "IN": "印度|india|indian",
    "US": "美国|usa|us|united states|american", "CA": "加拿大|canada|canadian", "AU": "澳大利亚|australia|australian",
    "NZ": "新西兰|new zealand|new zealander", "GB": "英国|uk|united kingdom|british|english|scottish|welsh",
    "IE": "爱尔兰|ireland|irish", "DE": "德国|germany|german", "FR": "法国|france|french", "ES": "西班牙|spain|spanish",
    "IT": "意大利|italy|italian", "NL": "荷兰|netherlands|dutch", "SE": "瑞典|sweden|swedish", "PL": "波兰|poland|polish",
    "RU": "俄罗斯|russia|russian", "BR": "巴西|brazil|brazilian", "VN": "越南|vietnam|vietnamese", "TH": "泰国|thailand|thai",
}  # fmt: skip
_CODES = {name: code for code, names in _COUNTRIES.items() for name in (code.lower(), *names.split("|"))}


def country_code(nationality: str) -> str | None:
    """Return the ISO 3166-1 code of a nationality in Chinese or English, of the countries that are listed here."""
    return _CODES.get(nationality.strip().casefold().removesuffix("国籍").removesuffix("籍"))


def hr_open(profile: ResumeProfile) -> dict[str, Any]:
    """Return the profile as an HR Open candidate: person, and one profile of employment, education and competencies.

    The standard's code lists hold: a nationality without a country code here is left out.
    """
    p = profile
    name = p.name.value if p.name else None
    candidate = {
        "person": {
            "name": {"formattedName": name.full, "given": name.given, "family": name.family} if name else None,
            "birthDate": value_of(p.birth_date),
            "gender": p.gender.value.capitalize() if p.gender else None,
            "citizenship": [country_code(p.nationality.value)] if p.nationality else [],
            "communication": {
                "email": [{"address": e.value} for e in p.emails],
                "phone": [{"formattedNumber": n.value} for n in p.phones],
                "address": [{"formattedAddress": a.value} for a in p.addresses],
                "web": [{"url": k.value.url} for k in p.links],
            },
        },
        "profiles": [
            {
                "languageCode": p.language,
                "executiveSummary": value_of(p.summary),
                "positionPreferences": [{"positionTitles": [r.value for r in p.target_roles]}]
                if p.target_roles
                else [],
                "employment": [
                    {
                        "organization": {"name": value_of(w.employer)},
                        "positionHistories": [
                            {
                                "title": value_of(w.title),
                                "start": value_of(w.start),
                                "end": value_of(w.end),
                                "current": w.current or None,
                                "descriptions": [value_of(w.description)],
                            }
                        ],
                    }
                    for w in p.work
                ],
                "education": [
                    {
                        "institution": {"name": value_of(s.school)},
                        "educationLevelCodes": [{"name": s.level}] if s.level else [],
                        "educationDegrees": [
                            {"name": value_of(s.degree), "specializations": [{"name": value_of(s.field)}]}
                        ],
                        "start": value_of(s.start),
                        "end": value_of(s.end),
                    }
                    for s in p.education
                ],
                "certifications": [{"name": c.name.value} for c in p.certificates],
                "qualifications": [{"competencyName": s.name} for s in p.skills if not s.implied],
            }
        ],
    }
    found: dict[str, Any] = clean(candidate)
    return found
