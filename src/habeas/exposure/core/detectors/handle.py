"""Accounts: @handles, "insta: name", and the addresses of profiles on large networks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from habeas.exposure.core.detectors import Candidate, ScanContext
from habeas.exposure.core.normalise import NormalisedText
from habeas.exposure.core.spans import Taken

_NAME_LOWER = r"[a-z0-9](?:[a-z0-9._\-]{0,38}[a-z0-9_])?_?"

# network -> pattern of a profile's address after the scheme; the group "name" is the account
PROFILES: dict[str, str] = {
    "instagram": r"(?:www\.|m\.)?(?:instagram\.com|instagr\.am)/(?P<name>[\w.]{1,30})",
    "x": r"(?:www\.|mobile\.|m\.)?(?:twitter|x)\.com/(?:@|#!/)?(?P<name>\w{1,15})(?!/status)(?!\w)",
    "facebook": r"(?:[a-z\-]{1,8}\.)?(?:facebook|fb)\.com/"
    r"(?:profile\.php\?id=(?P<number>\d{5,20})|(?:people/[^/\s]{1,80}/)?(?P<name>[A-Za-z0-9.]{3,60}))",
    "tiktok": r"(?:www\.|m\.)?tiktok\.com/@(?P<name>[\w.]{2,30})",
    "youtube": r"(?:www\.|m\.)?youtube\.com/(?:@|c/|user/|channel/)(?P<name>[\w.\-]{2,60})",
    "linkedin": r"(?:[a-z]{2,3}\.)?linkedin\.com/(?:in|pub)/(?P<name>[\w%\-]{3,100})",
    "telegram": r"(?:t|telegram)\.(?:me|dog)/@?(?P<name>[A-Za-z]\w{3,31})",
    "snapchat": r"(?:www\.)?snapchat\.com/add/(?P<name>[\w.\-]{3,30})",
    "reddit": r"(?:[a-z]{2,3}\.)?reddit\.com/(?:u|user)/(?P<name>[\w\-]{3,20})",
    "github": r"(?:www\.)?github\.com/(?P<name>[A-Za-z0-9][A-Za-z0-9\-]{0,38})/?$",
    "twitch": r"(?:www\.|m\.)?twitch\.tv/(?P<name>\w{3,25})",
    "pinterest": r"(?:[a-z]{2,3}\.)?pinterest\.[a-z.]{2,6}/(?P<name>\w{3,30})",
    "vk": r"(?:m\.)?vk\.(?:com|ru)/(?P<name>[\w.]{2,40})",
    "ok": r"(?:m\.)?ok\.ru/profile/(?P<name>\d{5,20})",
    "steam": r"steamcommunity\.com/(?:id|profiles)/(?P<name>[\w\-]{2,40})",
    "tumblr": r"(?:(?:www\.)?tumblr\.com/(?!x\w{8}$)(?P<name>[a-z0-9\-]{2,32})|"
    r"(?P<other>(?!www)[a-z0-9\-]{2,32})\.tumblr\.com)",
    "medium": r"medium\.com/@(?P<name>[\w.\-]{2,40})",
    "onlyfans": r"(?:www\.)?onlyfans\.com/(?P<name>[\w.\-]{3,30})",
    "patreon": r"(?:www\.)?patreon\.com/(?:c/)?(?P<name>\w{3,40})",
    "paypal": r"(?:www\.)?paypal\.(?:me/|com/paypalme/)(?P<name>[A-Za-z0-9]{3,30})",
    "cash app": r"cash\.app/(?P<name>\$[A-Za-z]\w{1,20})",
    "venmo": r"(?:www\.|account\.)?venmo\.com/(?:u/)?(?P<name>[\w\-]{3,30})",
    "discord": r"discord(?:app)?\.com/users/(?P<name>\d{15,20})",
    "threads": r"(?:www\.)?threads\.(?:net|com)/@(?P<name>[\w.]{1,30})",
    "bluesky": r"bsky\.app/profile/(?P<name>[a-z0-9.\-]{3,80})",
    "mastodon": r"[a-z0-9.\-]{3,60}\.[a-z]{2,12}/@(?P<name>\w{2,30})",
    "weibo": r"(?:www\.|m\.)?weibo\.(?:com|cn)/(?:u/)?(?P<name>\w{4,30})",
    "soundcloud": r"(?:www\.)?soundcloud\.com/(?P<name>[\w\-]{3,30})",
    "spotify": r"open\.spotify\.com/user/(?P<name>[\w\-]{3,40})",
    "strava": r"(?:www\.)?strava\.com/athletes/(?P<name>[\w\-]{3,30})",
    "kick": r"(?:www\.)?kick\.com/(?P<name>\w{3,25})",
}
# First words of paths that are the networks' own pages, not anybody's.
_NOT_AN_ACCOUNT_LIST = (
    "about accounts addstickers ads album apps away browse business c categories channel club code dashboard dialog "
    "directory discover downloads enterprise events explore features feed gaming groups hashtag help home i ideas "
    "intent jobs join joinchat legal login marketplace media messages my notifications orgs p pages people "
    "permalink photo photos pin plugins policies posts pricing privacy profile.php proxy public reel reels s search "
    "security settings share sharer sharer.php signup sponsors stories story.php stream tagged topic topics tos tv "
    "video videos wall watch you "
)
_NOT_AN_ACCOUNT = frozenset(_NOT_AN_ACCOUNT_LIST.split())
_PROFILE = {network: re.compile(rf"(?:https?://)?{pattern}", re.IGNORECASE) for network, pattern in PROFILES.items()}
_NETWORK_OF_HOST = {
    "instagram.com": "instagram", "instagr.am": "instagram", "twitter.com": "x", "x.com": "x",
    "facebook.com": "facebook", "fb.com": "facebook",
    "tiktok.com": "tiktok", "youtube.com": "youtube", "linkedin.com": "linkedin", "t.me": "telegram",
    "telegram.me": "telegram",
    "telegram.dog": "telegram", "snapchat.com": "snapchat", "reddit.com": "reddit", "github.com": "github",
    "twitch.tv": "twitch", "vk.com": "vk",
    "vk.ru": "vk", "ok.ru": "ok", "steamcommunity.com": "steam", "tumblr.com": "tumblr", "medium.com": "medium",
    "onlyfans.com": "onlyfans",
    "patreon.com": "patreon", "paypal.me": "paypal", "paypal.com": "paypal", "cash.app": "cash app",
    "venmo.com": "venmo", "discord.com": "discord",
    "discordapp.com": "discord", "threads.net": "threads", "threads.com": "threads", "bsky.app": "bluesky",
    "weibo.com": "weibo", "weibo.cn": "weibo",
    "soundcloud.com": "soundcloud", "spotify.com": "spotify", "strava.com": "strava", "kick.com": "kick",
}  # fmt: skip

# What people write before an account's name -> its network; "" where the word names none.
_LABELS: dict[str, str] = {
    "instagram": "instagram", "insta": "instagram", "ig": "instagram", "snapchat": "snapchat", "snap": "snapchat",
    "sc": "snapchat", "twitter": "x",
    "tiktok": "tiktok", "tik tok": "tiktok", "tt": "tiktok", "telegram": "telegram", "tg": "telegram",
    "discord": "discord", "skype": "skype",
    "kik": "kik", "facebook": "facebook", "fb": "facebook", "reddit": "reddit", "twitch": "twitch",
    "youtube": "youtube", "yt": "youtube",
    "steam": "steam", "xbox": "xbox", "gamertag": "xbox", "psn": "playstation", "github": "github",
    "linkedin": "linkedin", "vk": "vk",
    "onlyfans": "onlyfans", "venmo": "venmo", "cashapp": "cash app", "cash app": "cash app", "wechat": "wechat",
    "weixin": "wechat", "line id": "line",
    "kakao": "kakaotalk", "kakaotalk": "kakaotalk", "qq": "qq", "signal": "signal", "roblox": "roblox",
    "minecraft": "minecraft", "pinterest": "pinterest",
    "tumblr": "tumblr", "threads": "threads", "bluesky": "bluesky", "mastodon": "mastodon", "soundcloud": "soundcloud",
    "username": "", "user name": "", "user": "", "handle": "", "screen name": "", "screenname": "", "alias": "",
    "nickname": "", "nick": "", "aka": "",
    "benutzername": "", "nutzername": "", "pseudo": "", "pseudonyme": "", "usuario": "", "usuário": "", "utente": "",
    "gebruikersnaam": "",
    "nazwa użytkownika": "", "login": "", "ник": "", "никнейм": "", "логин": "", "инста": "instagram",
    "телеграм": "telegram", "телеграмм": "telegram",
    "тг": "telegram", "вк": "vk", "дискорд": "discord", "微信": "wechat", "微信号": "wechat", "微博": "weibo",
    "インスタ": "instagram", "ツイッター": "x",
}  # fmt: skip
_ANY_LABEL = "|".join(re.escape(label) for label in sorted(_LABELS, key=len, reverse=True))

PATTERNS: dict[str, re.Pattern[str]] = {
    "at": re.compile(
        r"(?<![\w@.\-/+%$])@(?P<name>[A-Za-z0-9_][A-Za-z0-9_.]{0,28}[A-Za-z0-9_])(?![\w@\-]|\.[A-Za-z]|/)"
    ),
    "fediverse": re.compile(
        r"(?<![\w@.\-/])@(?P<name>[A-Za-z0-9_.\-]{1,30}@(?:[a-z0-9\-]{1,63}\.){1,4}[a-z]{2,24})(?!\w)", re.IGNORECASE
    ),
    "discord": re.compile(r"(?<![\w#@])(?P<name>[\w.\-]{2,32}#\d{4})(?![\w#])"),
    "labelled": re.compile(
        rf"(?<![\w@./])(?P<label>{_ANY_LABEL})(?: ?(?:id|handle|name|username|user|acc|account|profile|profil|"
        rf"konto|compte|cuenta))?"
        rf" ?(?::|=|-|–|→|->|is|ist|：)\s{{0,2}}[@$]?(?P<name>{_NAME_LOWER})(?![\w@]|\.\w|[ ]?:)",
    ),
    "on network": re.compile(
        r"(?<![\w@./])@?(?P<name>[A-Za-z0-9_][A-Za-z0-9_.]{2,28}[A-Za-z0-9_]) (?:on|auf|sur|en|su|no|op) "
        r"(?P<label>insta|instagram|snap|snapchat|twitter|tiktok|"
        r"telegram|discord|reddit|twitch|ig|kik|skype|facebook)\b",
        re.IGNORECASE,
    ),
    "reddit": re.compile(r"(?<![\w./])/?u/(?P<name>[A-Za-z0-9_\-]{3,20})(?![\w/\-])"),
}

# After "@" in code and styles, and right after a label in ordinary sentences.
_CODE_WORDS_LIST = (
    "abstractmethod after aftereach all app apply author autowired bean before beforeeach cached_property channel "
    "charset classmethod component container dataclass decorator deprecated everyone exception extend font-face "
    "gmail here home hotmail import include inject injectable input keyframes layer least link lru_cache media "
    "mixin most outlook output overload override page param property pytest return returns see service since "
    "staticmethod supports tailwind test throws version work wraps yahoo "
)
_CODE_WORDS = frozenset(_CODE_WORDS_LIST.split())
_FILE_ENDINGS = frozenset({"js", "com", "org", "net", "py"})
_NOT_A_NAME_LIST = (
    "a account an and any are as at banned be been but by can com could deleted did do does down email for from get "
    "go had handle has have he her here him his how http https i id if in info into is it its just like link live "
    "lol me more my name never new no none not now null of off on one only or org our out over page password phone "
    "please private profile public she so some story sure that the their them then there these they this those to "
    "too unknown up us user username very was way we were what when where which who will with would www you your "
)
_NOT_A_NAME = frozenset(_NOT_A_NAME_LIST.split())
_WEAK_LABELS = frozenset(
    {"user", "login", "sc", "tt", "aka", "alias", "signal", "steam", "nick", "yt", "vk", "qq", "threads", "youtube"}
)


class HandleDetector:
    """Value: "network:name" in lower case, or "@name" where no network is said. Detail: the network."""

    name = "handle"

    def find(self, text: NormalisedText, context: ScanContext) -> Iterator[Candidate]:
        plain, lower = text.text, text.lower
        taken = Taken()
        for start, end in text.urls:
            taken.add(start, end)
        yield from _profiles(text)
        for candidate in _handles(plain, lower):
            if taken.take(candidate.start, candidate.end):
                yield candidate


def _profiles(text: NormalisedText) -> Iterator[Candidate]:
    for start, end in text.urls:
        address = text.text[start:end]
        network = _network_of(address.lower())
        if network is None:
            continue
        match = _PROFILE[network].match(address)
        if match is None:
            continue
        groups = match.groupdict()
        name = (groups.get("name") or groups.get("number") or groups.get("other") or "").rstrip(".-/")
        if not name or name.lower() in _NOT_AN_ACCOUNT:
            continue
        yield Candidate(
            "profile_url", start, end, f"{network}:{name.lower()}", network, 0.95,
            f"the address of one account's page on {network}"
        )  # fmt: skip


def _network_of(address: str) -> str | None:
    host = address.partition("://")[2] if "://" in address else address
    host, _, path = host.partition("/")
    labels = host.partition(":")[0].split(".")
    for length in (2, 3):
        known = _NETWORK_OF_HOST.get(".".join(labels[-length:]))
        if known:
            return known
    if "pinterest" in labels:
        return "pinterest"
    return "mastodon" if path.startswith("@") else None


def _handles(plain: str, lower: str) -> Iterator[Candidate]:
    if "@" in plain:
        for match in PATTERNS["fediverse"].finditer(plain):
            value = f"mastodon:{match['name'].lower()}"
            yield Candidate("handle", *match.span(), value, "mastodon", 0.95, "an account on a server of the fediverse")
    if "#" in plain:
        yield from _discord(plain, lower)
    for match in PATTERNS["labelled"].finditer(lower):
        yield from _labelled(match, plain, "a name after the word for an account")
    if any(word in lower for word in _ON_NETWORK):
        for match in PATTERNS["on network"].finditer(lower):
            if any(sign in match["name"] for sign in "_0123456789") or match.group().startswith("@"):
                yield from _labelled(match, plain, "a name with the network it is on", 0.8)
    if "u/" in plain:
        for match in PATTERNS["reddit"].finditer(plain):
            value = f"reddit:{match['name'].lower()}"
            yield Candidate("handle", *match.span(), value, "reddit", 0.9, "an account as Reddit writes them")
    if "@" in plain:
        yield from _at(plain)


_ON_NETWORK = (
    *("insta", "snap", "twitter", "tiktok", "telegram", "discord", "reddit", "twitch"),
    *("kik", "skype", " ig", "facebook"),
)


def _discord(plain: str, lower: str) -> Iterator[Candidate]:
    for match in PATTERNS["discord"].finditer(plain):
        labelled = "discord" in lower[max(0, match.start() - 40) : match.start()]
        if labelled or not match["name"].partition("#")[0].isdigit():
            confidence = 0.95 if labelled else 0.6
            reason = "a name with four digits, as Discord wrote accounts"
            yield Candidate("handle", *match.span(), f"discord:{match['name'].lower()}", "discord", confidence, reason)


def _at(plain: str) -> Iterator[Candidate]:
    for match in PATTERNS["at"].finditer(plain):
        name = match["name"].lower()
        if name.isdigit() or name.partition(".")[0] in _CODE_WORDS or name.rpartition(".")[2] in _FILE_ENDINGS:
            continue
        yield Candidate("handle", *match.span(), f"@{name}", "", 0.85, "a name after an @, as accounts are written")


def _labelled(match: re.Match[str], plain: str, reason: str, confidence: float = 0.9) -> Iterator[Candidate]:
    name, label = match["name"], match["label"].lower()
    if name in _NOT_A_NAME or len(name) < 3 or ".." in name or (name.isdigit() and label not in _NUMBERED):
        return
    # Letters alone could be any word: then only a bare entry counts ("insta: mira"), never the start of a sentence.
    if "@" not in match.group() and name.isalpha():
        if (
            label in _WEAK_LABELS
            or not _ENTRY_ENDS.match(plain, match.end("name"))
            or _JOINED_BY_WORD.search(match.group())
        ):
            return
        confidence = min(confidence, 0.7)
    network = _LABELS[label]
    start = match.start("name")
    if start and plain[start - 1] in "@$":
        start -= 1
    value = f"{network}:{name}" if network else f"@{name}"
    yield Candidate("handle", start, match.end("name"), value, network, confidence, reason)


_NUMBERED = frozenset({"qq", "wechat", "微信", "微信号", "steam", "vk", "вк", "telegram", "discord"})
_ENTRY_ENDS = re.compile(r"[ \t]{0,3}(?:$|[\n,;|/)])")
_JOINED_BY_WORD = re.compile(r"\b(?:is|ist)\s{0,2}[@$]?[\w.\-]+$| [-–] ")


DETECTOR = HandleDetector()
