import pytest

from habeas.exposure.core.detectors.handle import DETECTOR


@pytest.mark.parametrize(
    ("text", "account"),
    [
        pytest.param("it was @mira_c91 again", "@mira_c91", id="at sign"),
        pytest.param("username: mira_c91", "@mira_c91", id="after username"),
        pytest.param("insta: mira.c91", "instagram:mira.c91", id="after insta"),
        pytest.param("IG - @Mira", "instagram:mira", id="after IG"),
        pytest.param("snap: miracaldwell", "snapchat:miracaldwell", id="letters only, as an entry"),
        pytest.param("Telegram: @miracaldwell", "telegram:miracaldwell", id="after Telegram"),
        pytest.param("she is mira_c91 on insta", "instagram:mira_c91", id="name on network"),
        pytest.param("discord: mira#1234", "discord:mira#1234", id="Discord tag"),
        pytest.param("u/mira_c91 posted", "reddit:mira_c91", id="Reddit"),
        pytest.param("@mira@social.example", "mastodon:mira@social.example", id="fediverse"),
        pytest.param("微信: mira_c91", "wechat:mira_c91", id="Chinese label"),
        pytest.param("инста: mira_c91", "instagram:mira_c91", id="Russian label"),
        pytest.param("@јоhn_dоe", "@john_doe", id="Cyrillic look-alikes"),
        pytest.param("https://www.instagram.com/mira.c91/", "instagram:mira.c91", id="Instagram page"),
        pytest.param("x.com/mira_c91", "x:mira_c91", id="X page without scheme"),
        pytest.param("https://twitter.com/Mira_C91.", "x:mira_c91", id="Twitter page, end of sentence"),
        pytest.param(
            "https://www.facebook.com/profile.php?id=100001234567890",
            "facebook:100001234567890",
            id="Facebook by number",
        ),
        pytest.param("https://t.me/mira_c91", "telegram:mira_c91", id="Telegram page"),
        pytest.param(
            "https://www.linkedin.com/in/mira-caldwell-123/", "linkedin:mira-caldwell-123", id="LinkedIn page"
        ),
        pytest.param("https://www.tiktok.com/@mira.c91", "tiktok:mira.c91", id="TikTok page"),
        pytest.param("https://old.reddit.com/user/mira_c91", "reddit:mira_c91", id="Reddit page"),
        pytest.param("https://vk.com/id12345", "vk:id12345", id="VK page"),
        pytest.param("https://social.example/@mira", "mastodon:mira", id="Mastodon page"),
    ],
)
def test_accounts_are_found(text, account, values):
    assert values(DETECTOR, text) == [account]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("@media (max-width: 1px) and @import", id="style sheets"),
        pytest.param("@pytest.fixture\n@dataclass\n@override", id="decorators"),
        pytest.param("mira@example.org", id="an e-mail address"),
        pytest.param("meet @ 5", id="an at sign for a time"),
        pytest.param("User: Absolutely correct. I believe so", id="a chat transcript"),
        pytest.param("Twitter - better be sure to write", id="a sentence after a network"),
        pytest.param("https://www.instagram.com/p/Cabc123/", id="one post, not an account"),
        pytest.param("https://example.org/about", id="another web address"),
        pytest.param("user: is not known", id="a word"),
        pytest.param("and/or u/s", id="slashes"),
    ],
)
def test_other_names_are_left(text, values):
    assert values(DETECTOR, text) == []


def test_a_profile_is_its_own_kind(candidates):
    (found,) = candidates(DETECTOR, "https://twitter.com/mira_c91")
    assert found.kind == "profile_url"
    assert found.detail == "x"
