import pytest

from habeas.exposure.core.detectors.plate import DETECTOR


@pytest.mark.parametrize(
    ("text", "plate"),
    [
        pytest.param("plate: 7ABC123", "7ABC123", id="US"),
        pytest.param("license plate is ABC-1234", "ABC1234", id="US with a dash"),
        pytest.param("reg AB12 CDE", "AB12CDE", id="British"),
        pytest.param("Kennzeichen B-MW 1234", "BMW1234", id="German"),
        pytest.param("immatriculation AB-123-CD", "AB123CD", id="French"),
        pytest.param("matrícula 1234 BCD", "1234BCD", id="Spanish"),
        pytest.param("targa AB123CD", "AB123CD", id="Italian"),
        pytest.param("kenteken: 12-ABC-3", "12ABC3", id="Dutch"),
        pytest.param("placa ABC1D23", "ABC1D23", id="Brazilian"),
        pytest.param("drives a red Honda, AB12 CDE", "AB12CDE", id="near a word for a car"),
        pytest.param("plate: ７ＡＢＣ１２３", "7ABC123", id="full width"),
        pytest.param("plate ab12 cde", "AB12CDE", id="lower case right after the word"),
    ],
)
def test_plates_are_found_beside_their_word(text, plate, values):
    assert values(DETECTOR, text)[:1] == [plate]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("flight AB123CD", id="no word for a plate"),
        pytest.param("B-MW 1234", id="a layout alone"),
        pytest.param("a plate of food for 2", id="another plate"),
        pytest.param("regular guy, 25 years", id="another word"),
    ],
)
def test_other_strings_are_left(text, values):
    assert values(DETECTOR, text) == []
