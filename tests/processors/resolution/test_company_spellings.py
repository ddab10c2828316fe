"""Company names as registers of many countries write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.resolution.organisations import company_name
from processors.resolution.spelling import latin, usual

SAME = [
    ("Norddeutsche Kabel Aktiengesellschaft", "Norddeutsche Kabel AG"),
    ("Norddeutsche Kabel Gesellschaft mit beschränkter Haftung", "Norddeutsche Kabel GmbH"),
    ("NordkabelAG", "Nordkabel AG"),
    ("OOO Severny Veter", "Severny Veter OOO"),
    ("ООО «Северный Ветер»", "Общество с ограниченной ответственностью «Северный Ветер»"),
    ("ПАО Волга", "Volga PJSC"),
    ("Open Joint Stock Company Volga", "OAO Volga"),
    ("Fermi Tubi Società per Azioni", "Fermi Tubi S.p.A."),
    ("SRL PRO MARE", "Societatea cu Răspundere Limitată PRO MARE"),
    ("Bright Harbor Public Limited Company", "Bright Harbour plc"),
    ("Tinker & Sons Ltd", "Tinker and Sons Limited"),
    ("3rd Harbour Bank Int'l", "Third Harbor Bank International"),
    ("Nordlys A/S", "Nordlys AS"),
    ("PT Bintang Laut Tbk", "Bintang Laut"),
    ("U.S. Department of Tides", "United States Department of Tides"),
    ("International Organisation for Tides", "International Organization for Tides"),
    ("Żabka Nowa Sp. z o.o.", "Zabka Nowa spółka z ograniczoną odpowiedzialnością"),
]
OTHER = [
    ("Fjordbank Norge A/S", "Fjordbank Danmark A/S"),
    ("Blue Spa Limited", "Blue Limited"),
    ("ООО Северный Ветер", "ООО Южный Ветер"),
    ("Kite Fund II L.P.", "Kite Fund III L.P."),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_a_company_has_one_core_however_its_form_is_written(one, other):
    assert company_name(one).core == company_name(other).core
    forms = {company_name(each).form for each in (one, other)} - {""}
    assert len(forms) <= 1


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_what_is_no_form_tells_companies_apart(one, other):
    assert company_name(one).core != company_name(other).core


def test_a_form_alone_is_a_name():
    assert company_name("AO").letters == "ao"
    assert company_name("SPA").letters == "spa"


@given(st.text(max_size=40))
def test_a_name_is_read_or_not_and_the_same_way_twice(text):
    read = company_name(text)
    assert read is None or read.letters
    assert latin(latin(text)) == latin(text)
    assert usual(usual(text)) == usual(text)
