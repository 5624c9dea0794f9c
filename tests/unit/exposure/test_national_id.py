import pytest

from habeas.exposure.core.detectors.national_id import DETECTOR, KINDS


# The numbers are the examples of the states' own documents or of python-stdnum's tests, or made up to pass the check.
@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("SSN: 536-22-8726", "US Social Security number", id="US, after SSN"),
        pytest.param("social security number is 536228726", "US Social Security number", id="US, in one piece"),
        pytest.param("536-22-8726", "US Social Security number", id="US, by its layout"),
        pytest.param("ITIN 912-90-3457", "US taxpayer number (ITIN)", id="US taxpayer"),
        pytest.param("SIN 123-456-782", "Canadian Social Insurance Number", id="Canada"),
        pytest.param("NI number: AB 12 34 56 C", "British National Insurance number", id="Britain, insurance"),
        pytest.param("NHS number 943 476 5870", "British NHS number", id="Britain, health"),
        pytest.param("Steuer-ID: 36 574 261 809", "German tax identification number", id="Germany"),
        pytest.param("NIR 2 95 10 99 126 111 93", "French social security number (NIR)", id="France"),
        pytest.param("BSN: 111222333", "Dutch citizen service number (BSN)", id="Netherlands"),
        pytest.param("DNI 54362315K", "Spanish identity number (DNI)", id="Spain"),
        pytest.param("NIE X-2482300W", "Spanish foreigner's number (NIE)", id="Spain, foreigners"),
        pytest.param("RCCMNL83S18D969H", "Italian tax code", id="Italy, by its layout"),
        pytest.param("PESEL 44051401359", "Polish PESEL", id="Poland"),
        pytest.param("personnummer 880320-0016", "Swedish personal number", id="Sweden"),
        pytest.param("CPR 211062-5629", "Danish CPR number", id="Denmark"),
        pytest.param("fødselsnummer 151086 95088", "Norwegian birth number", id="Norway"),
        pytest.param("131052-308T", "Finnish personal identity code", id="Finland, by its layout"),
        pytest.param("rijksregisternummer 85.07.30-033.28", "Belgian national number", id="Belgium"),
        pytest.param("PPS number 6433435F", "Irish PPS number", id="Ireland"),
        pytest.param("NIF 501 964 843", "Portuguese tax number (NIF)", id="Portugal"),
        pytest.param("SVNR 1237 010180", "Austrian social insurance number", id="Austria"),
        pytest.param("756.9217.0769.85", "Swiss AHV number", id="Switzerland, by its layout"),
        pytest.param("CPF 390.533.447-05", "Brazilian CPF", id="Brazil"),
        pytest.param("BOXW310820HNERXN09", "Mexican CURP", id="Mexico, by its layout"),
        pytest.param("RUT 12.531.909-2", "Chilean RUT", id="Chile"),
        pytest.param("CUIT 20-26756539-3", "Argentine CUIT or CUIL", id="Argentina"),
        pytest.param("Aadhaar 2341 2341 2346", "Indian Aadhaar number", id="India"),
        pytest.param("PAN ACUPA7085R", "Indian PAN", id="India, tax"),
        pytest.param("身份证号 360426199101010071", "Chinese resident identity number", id="China"),
        pytest.param("주민등록번호 971013-9019902", None, id="Korea, impossible sex digit"),
        pytest.param("マイナンバー 6214 9832 0257", "Japanese My Number", id="Japan"),
        pytest.param("NRIC S1234567D", "Singaporean NRIC or FIN", id="Singapore"),
        pytest.param("TCKN 17291716060", "Turkish identity number", id="Turkey"),
        pytest.param("TFN 123 456 782", "Australian tax file number", id="Australia"),
        pytest.param("IRD 49-091-850", "New Zealand IRD number", id="New Zealand"),
        pytest.param("CNP 1630615123457", "Romanian CNP", id="Romania"),
        pytest.param("rodné číslo 710319/2745", "Czech birth number", id="Czechia"),
        pytest.param("ЕГН 7523169263", "Bulgarian EGN", id="Bulgaria"),
        pytest.param("isikukood 36805280109", "Estonian personal code", id="Estonia"),
        pytest.param("OIB 33392005961", "Croatian OIB", id="Croatia"),
        pytest.param("СНИЛС 112-233-445 95", "Russian pension number (SNILS)", id="Russia"),
        pytest.param("passport no. X1234567", "passport number", id="passport"),
        pytest.param("Reisepass: C01X00T47", "passport number", id="German passport"),
        pytest.param("driver's license number is F162823540116", "driving licence number", id="driving licence"),
        pytest.param("SSN: 5\u200b36–22–8726", "US Social Security number", id="odd dashes and zero-width characters"),
        pytest.param("SSN ５３６－２２－８７２６", "US Social Security number", id="full width"),
        pytest.param("SSN: 5 3 6 - 2 2 - 8 7 2 6", "US Social Security number", id="spaced out"),
    ],
)
def test_numbers_are_found_beside_their_word_or_by_layout(text, name, candidates):
    found = [candidate.detail for candidate in candidates(DETECTOR, text) if candidate.confidence >= 0.8]
    assert found == ([name] if name else [])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("44051401359", id="eleven digits alone"),
        pytest.param("order 111222333", id="an order"),
        pytest.param("943 476 5870", id="ten digits alone"),
        pytest.param("ref 536-22-8726", id="a reference in the layout of an SSN"),
        pytest.param("000-12-3456 and 666-12-3456 and 900-12-3456", id="ranges that are not issued"),
        pytest.param("078-05-1120", id="the number of the wallet advertisement"),
        pytest.param("I sin 3 times. 123456 people agreed", id="an English word that is a label elsewhere"),
        pytest.param("passport control is open from 0900 to 1800", id="talk about passports"),
        pytest.param("4155552671", id="ten digits that pass a check"),
        pytest.param("the national team won 12345678 fans", id="national as an adjective"),
    ],
)
def test_a_check_digit_alone_is_not_enough(text, values):
    assert values(DETECTOR, text) == []


def test_a_wrong_check_digit_right_beside_the_word_counts_for_less(candidates):
    (found,) = candidates(DETECTOR, "BSN: 111222334")
    assert 0.5 <= found.confidence < 0.8
    assert "does not hold" in found.reason


def test_a_general_word_needs_a_country_and_the_check_digit(values):
    assert values(DETECTOR, "his Dutch identity number 111222333") == ["111222333"]
    assert values(DETECTOR, "national id number: 111222333", "NL") == ["111222333"]


def test_every_check_exists_and_every_label_is_lower_case():
    from importlib import import_module

    for kind in KINDS:
        assert kind.labels.replace(r"\W", "").replace(r"\D", "") == kind.labels.lower().replace(r"\w", r"\w")
        if kind.module:
            assert callable(import_module(f"stdnum.{kind.module}").is_valid)


def test_the_reason_does_not_repeat_the_number(candidates):
    (found,) = candidates(DETECTOR, "PESEL 44051401359")
    assert "4405" not in found.reason
