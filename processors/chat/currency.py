"""The currency of pay that names none: that of the place, or of where somebody is."""

from collections.abc import Iterable

from processors.lexicon.gazetteer import country_of
from processors.lexicon.places import country_of_city

_OF_COUNTRIES = {
    "GB": "GBP", "US": "USD", "CA": "CAD", "AU": "AUD", "NZ": "NZD", "IN": "INR", "CH": "CHF", "SG": "SGD", "HK": "HKD",
    "TW": "TWD", "CN": "CNY", "JP": "JPY", "KR": "KRW", "MY": "MYR", "TH": "THB", "AE": "AED", "SE": "SEK", "PL": "PLN",
    **dict.fromkeys(("IE", "DE", "AT", "FR", "BE", "NL", "ES", "PT", "IT", "FI", "GR", "LU", "SK", "SI", "EE", "LV", "LT", "HR", "CY", "MT", "BG"), "EUR"),
}  # fmt: skip
_OF_CITIES = {
    "hong kong": "HKD",
    "macau": "MOP",
    "taipei": "TWD",
    **dict.fromkeys(
        [
            "新北",
            "桃园",
            "台中",
            "台南",
            "高雄",
            "新竹",
            "基隆",
            "嘉义",
            "彰化",
            "云林",
            "屏东",
            "宜兰",
            "花莲",
            "台东",
            "苗栗",
            "南投",
        ],
        "TWD",
    ),
    "九龙": "HKD",
}
_OF_ZONES = (
    ("Asia/Hong_Kong", "HKD"), ("Asia/Macau", "MOP"), ("Asia/Taipei", "TWD"), ("Asia/Singapore", "SGD"),
    ("Asia/Tokyo", "JPY"), ("Asia/Seoul", "KRW"), ("Asia/Kolkata", "INR"), ("Asia/Calcutta", "INR"),
    ("Asia/Kuala_Lumpur", "MYR"), ("Asia/Bangkok", "THB"), ("Asia/Dubai", "AED"), ("Asia/", "CNY"),
    ("Europe/London", "GBP"), ("Europe/Zurich", "CHF"), ("Europe/Stockholm", "SEK"), ("Europe/Warsaw", "PLN"),
    ("Europe/", "EUR"), ("Australia/", "AUD"), ("Pacific/Auckland", "NZD"), ("America/Toronto", "CAD"),
    ("America/Vancouver", "CAD"), ("America/", "USD"), ("US/", "USD"),
)  # fmt: skip


def currency_of_places(places: Iterable[str]) -> str | None:
    """Return the currency of the first place whose country is known, None without one."""
    return next((currency for place in places if (currency := _of_place(place))), None)


def currency_of_zone(zone: str) -> str:
    """Return the currency where an IANA time zone is, CNY where that is not known."""
    return next((currency for prefix, currency in _OF_ZONES if zone.startswith(prefix)), "CNY")


def _of_place(place: str) -> str | None:
    if known := _OF_CITIES.get(place):
        return known
    if not place.isascii():
        return "CNY"
    country = country_of_city(place) or country_of(place)
    return _OF_COUNTRIES.get(country) if country else None
