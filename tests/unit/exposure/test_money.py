import pytest

from habeas.exposure.core.detectors.money import CARD_DETECTOR, IBAN_DETECTOR, is_iban, luhn_holds, network_of


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("DE89 3704 0044 0532 0130 00", id="in groups"),
        pytest.param("IBAN: DE89370400440532013000.", id="in one piece"),
        pytest.param("de89 3704 0044 0532 0130 00 and", id="lower case, a word after it"),
        pytest.param("DE89-3704-0044-0532-0130-00", id="dashes"),
        pytest.param("DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000", id="fixed blanks"),
        pytest.param("D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0", id="spaced out"),
    ],
)
def test_accounts_are_found_however_they_are_grouped(text, values):
    assert values(IBAN_DETECTOR, text) == ["DE89370400440532013000"]


# Sources of the numbers: the SWIFT registry's own examples.
@pytest.mark.parametrize(
    "account",
    [
        "GB29NWBK60161331926819",
        "FR1420041010050500013M02606",
        "NL91ABNA0417164300",
        "NO9386011117947",
        "MT84MALT011000012345MTLCAST001S",
        "BR1800360305000010009795493C1",
    ],
)
def test_accounts_of_many_countries(account, candidates):
    assert is_iban(account)
    (found,) = candidates(IBAN_DETECTOR, f"pay to {account}, please")
    assert found.detail == account[:2]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("DE89 3704 0044 0532 0130 01", id="check digits do not hold"),
        pytest.param("DE89 3704 0044 0532 0130", id="too short"),
        pytest.param("DE89370400440532013000123", id="too long"),
        pytest.param("XX89370400440532013000", id="no such country"),
    ],
)
def test_other_strings_are_no_accounts(text, values):
    assert values(IBAN_DETECTOR, text) == []


# Sources of the numbers: the networks' published test cards.
@pytest.mark.parametrize(
    ("text", "network"),
    [
        pytest.param("4111 1111 1111 1111", "Visa", id="Visa in fours"),
        pytest.param("5555555555554444", "Mastercard", id="Mastercard in one piece"),
        pytest.param("3782-822463-10005", "American Express", id="American Express"),
        pytest.param("6011 1111 1111 1117", "Discover", id="Discover"),
        pytest.param("3530 1113 3330 0000", "JCB", id="JCB"),
        pytest.param("card 30569309025904", "Diners Club", id="Diners Club"),
        pytest.param("4111\u20131111\u20131111\u20131111", "Visa", id="en dashes"),
        pytest.param("４１１１１１１１１１１１１１１１", "Visa", id="full width"),
    ],
)
def test_cards_are_found(text, network, candidates):
    (found,) = candidates(CARD_DETECTOR, text)
    assert found.detail == network
    assert found.confidence >= 0.8


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("4111 1111 1111 1112", id="check digit does not hold"),
        pytest.param("0000000000000000", id="zeros"),
        pytest.param("tracking 4111111111111111", id="parcel"),
        pytest.param("0.4111111111111111", id="a decimal"),
        pytest.param("94111111111111111112345", id="inside a longer run"),
        pytest.param("9999 9999 9999 9995", id="no network issues it"),
    ],
)
def test_other_digits_are_no_cards(text, values):
    assert values(CARD_DETECTOR, text) == []


def test_length_belongs_to_the_network():
    assert luhn_holds("4111111111111111")
    assert network_of("4111111111111111") == "Visa"
    assert network_of("411111111111111") is None
