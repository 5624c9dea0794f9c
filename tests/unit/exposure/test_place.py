import pytest

from habeas.exposure.core.detectors.place import DETECTOR


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("51.507351, -0.127758", "51.50735,-0.12776", id="decimal pair"),
        pytest.param("GPS 48.8584 2.2945", "48.85840,2.29450", id="after a word, blank between"),
        pytest.param("lat: 40.4168, lng: -3.7038", "40.41680,-3.70380", id="named"),
        pytest.param("48°51'29.6\"N 2°17'40.2\"E", "48.85822,2.29450", id="degrees, minutes, seconds"),
        pytest.param("33° 52.128' S, 151° 12.558' E", "-33.86880,151.20930", id="degrees and decimal minutes, south"),
        pytest.param("N 52° 31.205 E 13° 24.567", None, id="minutes without their mark"),
        pytest.param("geo:48.8584,2.2945", "48.85840,2.29450", id="geo address"),
        pytest.param("https://maps.example.com/@48.8584,2.2945,17z", "48.85840,2.29450", id="map link with @"),
        pytest.param("https://maps.example.com/?q=48.8584,2.2945", "48.85840,2.29450", id="map link with q"),
        pytest.param("51.5074° N, 0.1278° W", "51.50740,-0.12780", id="decimal with letters"),
        pytest.param("9C3XGV4C+XV", "9C3XGV4C+XV", id="plus code"),
        pytest.param("５１.５０７３５１, -０.１２７７５８", "51.50735,-0.12776", id="full width"),
    ],
)
def test_places_are_found(text, place, values):
    assert values(DETECTOR, text) == ([place] if place else [])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("prices 12.50, 13.75", id="prices"),
        pytest.param("0.123 0.456", id="two decimals without a comma"),
        pytest.param("95.12345, 200.12345", id="out of range"),
        pytest.param("1.234.567,89", id="an amount"),
        pytest.param("20°C, 30°C", id="temperatures"),
    ],
)
def test_other_pairs_are_left(text, values):
    assert values(DETECTOR, text) == []
