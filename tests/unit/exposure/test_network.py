import pytest

from habeas.exposure.core.detectors.network import DETECTOR


@pytest.mark.parametrize(
    ("text", "address"),
    [
        pytest.param("203.0.113.45", "203.0.113.45", id="IPv4"),
        pytest.param("his IP is 198.51.100.7.", "198.51.100.7", id="at the end of a sentence"),
        pytest.param("http://192.0.2.10:8080/x", "192.0.2.10", id="in a web address"),
        pytest.param("203[.]0[.]113[.]45", "203.0.113.45", id="defanged"),
        pytest.param("2001:db8::ff00:42:8329", "2001:db8::ff00:42:8329", id="IPv6, shortened"),
        pytest.param("2001:0DB8:0000:0000:0000:FF00:0042:8329", "2001:db8::ff00:42:8329", id="IPv6, in full"),
        pytest.param("２０３．０．１１３．４５", "203.0.113.45", id="full width"),
        pytest.param("203.\u200b0.113.45", "203.0.113.45", id="zero-width characters"),
        pytest.param("2 0 3 . 0 . 1 1 3 . 4 5", "203.0.113.45", id="spaced out"),
    ],
)
def test_addresses_are_found(text, address, values):
    assert values(DETECTOR, text) == [address]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("version 1.2.3.4", id="version"),
        pytest.param("v10.0.19.5", id="version with v"),
        pytest.param("Chrome/119.0.60.45", id="browser"),
        pytest.param("0.0.0.0 and 127.0.0.1 and 255.255.255.255", id="addresses of nobody"),
        pytest.param("1.2.3.4.5", id="five numbers"),
        pytest.param("300.1.2.3", id="out of range"),
        pytest.param("12:30:45 and std::vector and a::b", id="times and code"),
        pytest.param("1.250.300,00", id="an amount"),
    ],
)
def test_other_dotted_numbers_are_left(text, values):
    assert values(DETECTOR, text) == []


def test_an_address_of_a_home_network_counts_for_little(candidates):
    (found,) = candidates(DETECTOR, "192.168.1.10")
    assert found.confidence <= 0.5
    assert "private" in found.detail
