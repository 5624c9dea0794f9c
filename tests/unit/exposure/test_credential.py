import pytest

from habeas.exposure.core.detectors.credential import DETECTOR


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        pytest.param("password: Hunter2!x", "password", id="password"),
        pytest.param("pw=Tr0ub4dor&3", "password", id="short word"),
        pytest.param("her password is S3cr3t-Garden", "password", id="in a sentence"),
        pytest.param("Passwort: Geheim99", "password", id="German"),
        pytest.param("mot de passe : Secret99", "password", id="French"),
        pytest.param("contraseña: Secreto99", "password", id="Spanish"),
        pytest.param("пароль: qwerty99", "password", id="Russian"),
        pytest.param("密码:abc12345", "password", id="Chinese"),
        pytest.param("mira@example.com:letmein99", "log-in", id="line of a leaked list"),
        pytest.param("mira@example.com;letmein99", "log-in", id="line with a semicolon"),
        pytest.param("login: mira password: letmein99", "log-in", id="pair"),
        pytest.param("https://mira:letmein99@host.example/", "log-in", id="inside a web address"),
        pytest.param("AKIAIOSFODNN7EXAMPLE", "AWS access key", id="cloud key"),
        pytest.param("ghp_" + "a1B2" * 9, "GitHub token", id="code host"),
        pytest.param(
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N", "JSON web token", id="web token"
        ),
        pytest.param("-----BEGIN OPENSSH PRIVATE KEY-----", "private key", id="private key"),
    ],
)
def test_what_opens_an_account_is_found(text, detail, candidates):
    (found,) = candidates(DETECTOR, text)
    assert found.detail == detail


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("password: ********", id="stars"),
        pytest.param("password: <your password>", id="a placeholder"),
        pytest.param("the password is required", id="a sentence"),
        pytest.param("password is incorrect", id="an error message"),
        pytest.param("change your password today", id="advice"),
        pytest.param("https://example.org:8080/path", id="a port"),
        pytest.param("mira@example.com: hello there", id="a greeting after an address"),
        pytest.param("boarding pass", id="another pass"),
    ],
)
def test_talk_about_passwords_is_left(text, candidates):
    assert [found for found in candidates(DETECTOR, text) if found.confidence >= 0.5] == []


def test_the_secret_is_never_repeated(candidates):
    (found,) = candidates(DETECTOR, "password: Hunter2!x")
    assert "Hunter2" not in found.value + found.reason + found.detail
