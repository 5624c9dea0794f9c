"""Telephone numbers of every country.

Digits with the blanks, dots, dashes and brackets of a telephone number are gathered by our own pattern; the number
plans of libphonenumber decide. Asked in turn: the country code, where one is written; the regions the caller or the
text points to; a short list of large ones. Without a country code and without a word such as "call" beside it, the
digits must also be grouped as people of that region group them: valid by plan alone is what order numbers are, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from habeas.exposure.core.detectors import Candidate, ScanContext
from habeas.exposure.core.normalise import NormalisedText

# A chain of digit groups. Pieces of it are tried as numbers, so it may run over two numbers standing side by side.
_SEPARATOR = r"(?:\)[ ]{0,2}[\-./]?[ ]{0,2}|[ ]{1,2}[\-./(]?[ ]{0,2}|[\-./][ ]?\(?|\()"
PATTERNS: dict[str, re.Pattern[str]] = {
    "digits": re.compile(rf"(?<![\w])(?:\+[ ]?\+?|\(\+?[ ]?)?\d{{1,15}}(?:{_SEPARATOR}\d{{1,15}}){{0,12}}+(?!\d)"),
    "extension": re.compile(
        r"(?:[ ]{0,2}(?:;ext=|,?[ ]{0,2}(?:extension|ext|extn|poste|anexo|ramal|durchwahl|dw|interno|int)\b\.?[ :#]{0,2})|[ ]?x[ ]?|[ ]#)"
        r"(\d{1,6})(?!\w)",
        re.IGNORECASE,
    ),
    "link": re.compile(
        r"(?:wa\.me/|tel:|sms:|callto:|whatsapp\.com/send/?\?phone=|viber://chat\?number=|t\.me/)(?:\+|%2B)?(\d{7,15})(?!\d)",
        re.IGNORECASE,
    ),
}

# Words that say a telephone number follows. A caseworker reads in the reason which kind of word it was, not the word.
_LABEL_WORDS = (
    r"tele?(?:ph|f)(?:one?|oo?n|on|onos?|onum|onnummer|oonnummer|onszám|ono)?|téléphones?|teléfonos?|telèfon|tél|tel|tlf|tfno|tfn|puh|puhelin|"
    r"tlfn|phones?|ph|fones?|mob(?:ile?|iles|iel|il|iltelefon|ilnummer)?|mobilnr|móvil(?:es)?|movil|cell(?:ulare|ular|phone|ulaire|s)?|cel|"
    r"portables?|handy(?:nummer|nr)?|gsm|fax|telefax|landline|hotline|festnetz|komórka|kom|sms|whats ?app|wapp|wsp|viber|signal|telegram|imo|wechat|"
    r"direct line|contact (?:number|no|nr)|(?:my|his|her|their|'s) (?:private |personal |new |direct )?(?:number|digits|line|num)|"
    r"number to call|rufnummer|numéro de (?:tél|port)\w*|n[uú]mero de (?:tel|cel|móv)\w*|"
    r"call(?:ing|ed|s)?|ring|rings?|dial|text(?:ing|s)?|reach(?:ed)?|phoned?|message|messages to|answering(?: at)?|llama(?:r|d|le)?|"
    r"appele[rz]?|joindre|anrufen|ruf|rufen|erreichen|erreichbar|chiama(?:re|te|telo|tela)?|ligar?|ligue|bel(?:len)?|ring(?:a)?|zadzwoń|dzwoń(?:cie)?|"
    r"ara(?:yın)?|arayin|telefonu|numarası|hubungi|nomor|hp|no hp|no\.? ?tel|nomer|gọi|sđt|đt|điện thoại|simu|namba|tawag|pozovi|volej(?:te)?|hívd|soita|burner"
)
# Words that also stand before other things; they count for less, unless a colon follows them.
_WEAK_LABEL_WORDS = (
    r"desk|office|home|direct|contact|line|numbers?|num|nummer|nr|n[°º]|numéros?|número|numero|numer|čísl[oa]|szám|digits|hmu|reach|"
    r"bureau|büro|oficina|ufficio|kantoor|biuro|kontor|privat|work|h|w|m|c|t|p"
)
_LABEL = re.compile(rf"(?<![\w@])(?:{_LABEL_WORDS})(?![\w@])", re.IGNORECASE)
_WEAK_LABEL = re.compile(rf"(?<![\w@])(?:{_WEAK_LABEL_WORDS})(?![\w@])[^\d\n]{{0,12}}$", re.IGNORECASE)
_LABEL_WITH_COLON = re.compile(rf"(?<![\w@])(?:{_WEAK_LABEL_WORDS})(?:[ ](?:no|nr|num|number))?\.?[ ]?[:#=][ ]{{0,2}}$", re.IGNORECASE)
_LABEL_OTHER_SCRIPTS = re.compile(
    r"☎|📞|📱|📲|тел(?:ефон\w*)?\b|моб(?:ильн\w*)?\b|номер\w*|звони\w*|позвони\w*|τηλ\w*|κιν(?:ητό)?\b|هاتف|جوال|موبايل|تلفون|رقم|اتصل|واتساب|"
    r"تلفن|شماره|موبایل|فون|נייד|טלפון|טל[\"']|電話|电话|手机|手機|携帯|連絡先|联系方式|聯絡|座机|전화|휴대폰|핸드폰|연락처|फ़ोन|फोन|मोबाइल|नंबर|"
    r"โทร|เบอร์|ফোন|மொபைல்|հեռ|ტელ",
    re.IGNORECASE,
)
_LABEL_AFTER = re.compile(
    r"^[ ,)\-/:(–]{0,3}(?:-?(?:office|fax|mobile|cell|home|work|desk|landline|whats ?app|tel|phone|mob|direct|m|h|w)\b|is (?:his|her|their|my) "
    r"(?:number|phone|cell)|\(?(?:mobil|handy|privat|bureau|domicile|portable|casa|celular|móvil|oficina|cellulare|ufficio))",
    re.IGNORECASE,
)
# What other numbers are called: right before the digits, they refute even a word for a telephone further off.
_OTHER_LABEL = re.compile(
    r"\b(?:orders?|invoice|tracking|track|parcel|shipment|isbn|issn|doi|arxiv|version|ver|v|build|release|ref|reference|case|ticket|"
    r"serial|sku|model|part|item|ids?|uid|imei|iccid|acct|account|konto|kontonummer|bank|sort code|routing|iban|bic|zip|postcode|plz|cep|otp|pin|"
    r"password|pw|cards?|cc|visa|mastercard|ssn|social security|passport|licen[cs]e|vat|tax|tin|ein|nino|nhs|bsn|dni|nie|cpf|cnpj|rut|"
    r"pesel|nip|regon|siret|siren|aadhaar|aadhar|pan|curp|rfc|steuer-?id|personnummer|cpr|abn|acn|tfn|member|customer|policy|"
    r"booking|confirmation|transaction|txn|commit|issue|bug|pull request|chapter|section|lot|flight|identity|security|insurance|"
    r"population|salary|net worth|isin|tracking|reservation|membership|student|employee|staff|patient|medical record|mrn|"
    r"bestellnummer|auftragsnummer|sendungsnummer|rechnung(?:snummer)?|kundennummer|aktenzeichen|commande|facture|suivi|pedido|factura|"
    r"ordine|fattura|bestelling|factuur|zamówieni[ea]|faktura|заказ\w*|订单号?|注文番号|주문번호|patent|gps|lat|latitude|coords?|coordinates|timestamp|"
    r"epoch|ean|upc|barcode|gtin|vin|permit|badge|docket|file|room|suite|unit|apt|mac|hash|hex|port|invoices)"
    r"(?:[ .:#]{0,2}(?:no|nr|num|numbers?|nummer|id|code|is|was|are|que es|es|ist|est)\b){0,3}['\"]?[ .:#=\-]{0,3}\(?$",
    re.IGNORECASE,
)
# What makes digits an amount, a year or a count, unless a word for a telephone is there.
_AMOUNT_BEFORE = re.compile(
    r"(?:\b(?:score|won|lost|beat|price|cost|costs|paid|total|sum|worth|usd|eur|gbp|inr|rs|from|between|since|in|year|years|pages?|pp|vol|volume|"
    r"no\. of|pr|sin|reg|code|part)[ .:#=\-]{0,3}|[#$€£¥₹₽@=_%*]|[\d.,],)[ ]?\(?$",
    re.IGNORECASE,
)
_UNIT_AFTER = re.compile(
    r"^(?:[ ]?(?:%|€|\$|£|¥|°|km\b|m\b|mm\b|cm\b|kg\b|g\b|gb\b|mb\b|kb\b|ms\b|px\b|usd\b|eur\b|euros?\b|dollars?\b|bucks\b|pounds\b|views?\b|"
    r"followers?\b|subscribers?\b|likes?\b|points?\b|pts\b|votes?\b|people\b|users?\b|copies\b|miles?\b|hours?\b|hrs?\b|mins?\b|minutes?\b|seconds?\b|"
    r"years?\b|days?\b|am\b|pm\b|million\b|billion\b|bytes?\b|times\b)|[.,:]\d|[A-Za-z_])",
    re.IGNORECASE,
)
_NOT_A_NUMBER = (
    re.compile(r"(?:19|20)\d\d[\-./ ](?:0?[1-9]|1[0-2])[\-./ ](?:0?[1-9]|[12]\d|3[01])(?:[ ]\d{1,2})?"),  # 2026-01-31
    re.compile(r"(?:0?[1-9]|[12]\d|3[01])[\-./ ]{1,2}(?:0?[1-9]|[12]\d|3[01])[\-./ ]{1,2}(?:19|20)\d\d(?:[ ]\d{1,2})?"),  # 31.01.2026
    re.compile(r"(?:1[5-9]|20)\d\d[ ]?[\-/][ ]?(?:1[5-9]|20)\d\d"),  # 1990-1995
    re.compile(r"(?:19|20)\d{6}(?:[ \-]?[0-2]\d[0-5]\d(?:[0-5]\d)?)?"),  # 20260131, and with a time
    re.compile(r"\d{1,3}(?:([ .])\d{3}){1,4}(?<=000)"),  # 1 250 000
    re.compile(r"97[89][ \-]?\d(?:[ \-]?\d){8}[ \-]?\d"),  # ISBN-13
    re.compile(r"\d{1,3}(?:\.\d{1,3}){3}"),  # an internet address
    re.compile(r"\d{5}-\d{4}"),  # ZIP+4
)

_SCORE = re.compile(r"\d{1,2}(?:[ ]?[\-/.][ ]?\d{1,2}){1,4}")

# Asked in this order where nothing points to a region; large and with layouts of their own.
_TOP_REGIONS = (
    "US", "GB", "FR", "DE", "IT", "ES", "NL", "BR", "IN", "AU", "PL", "SE", "MX", "JP", "KR", "CN", "RU", "TR", "ZA", "BE", "CH", "AT", "NO", "DK",
    "FI", "PT", "IE", "CZ", "HU", "GR", "NZ", "SG", "HK", "ID", "PH", "UA", "RO", "IL", "AR", "CL", "CO",
)  # fmt: skip

# What in a text points to a region: words that stand in street lines, currencies and country names.
_REGION_CUES: dict[str, re.Pattern[str]] = {
    region: re.compile(pattern, re.IGNORECASE)
    for region, pattern in {
        "US": r"\b(?:usa|u\.s\.a?\.?|united states|(?:AL|AZ|CA|CO|FL|GA|IL|MA|MD|MI|MN|NC|NJ|NY|NV|OH|PA|TN|TX|VA|WA|WI) \d{5})\b|\$\d",
        "GB": r"\b(?:uk|united kingdom|england|london|scotland|wales|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})\b|£\d|\.co\.uk\b",
        "DE": r"(?:straße|strasse|str\.|\bplatz\b)|\b(?:germany|deutschland|wohnt|der|und|ist)\b|\.de\b",
        "FR": r"\b(?:rue|avenue de|boulevard|france|habite|est|chez|le|et)\b|\.fr\b",
        "IT": r"\b(?:via|piazza|italia|italy|abita|il|è|di)\b|\.it\b",
        "ES": r"\b(?:calle|avenida|plaza|españa|spain|vive|el|los|y)\b|\.es\b",
        "NL": r"\b(?:nederland|netherlands|woont|het|een|en)\b|(?:straat|gracht|laan|weg)\b|\.nl\b",
        "BR": r"\b(?:rua|brasil|brazil|cpf|mora|você|não)\b|r\$\s?\d|\.com\.br\b",
        "PT": r"\b(?:portugal|lisboa|porto|morada|rua)\b|\.pt\b",
        "PL": r"\b(?:ul\.|polska|poland|mieszka|jest|i)\b|\bzł\b|\.pl\b",
        "SE": r"\b(?:sverige|sweden|bor|och|är)\b|(?:gatan|vägen)\b|\.se\b",
        "DK": r"\b(?:danmark|denmark|bor|og|er)\b|(?:gade|vej)\b|\.dk\b",
        "NO": r"\b(?:norge|norway|bor|og|er)\b|(?:gata|veien)\b|\.no\b",
        "FI": r"\b(?:suomi|finland|asuu|ja|on)\b|(?:katu|tie)\b|\.fi\b",
        "IN": r"\b(?:india|nagar|mumbai|delhi|bengaluru|aadhaar|lakh|crore)\b|₹|\.in\b",
        "AU": r"\b(?:australia|nsw|vic|qld|sydney|melbourne)\b|\.com\.au\b",
        "NZ": r"\b(?:new zealand|auckland|aotearoa)\b|\.co\.nz\b",
        "CA": r"\b(?:canada|ontario|toronto|quebec|[A-Z]\d[A-Z] ?\d[A-Z]\d)\b|\.ca\b",
        "MX": r"\b(?:méxico|mexico|colonia|cdmx|curp)\b|\.mx\b",
        "AR": r"\b(?:argentina|buenos aires)\b|\.ar\b",
        "CL": r"\b(?:chile|santiago|rut)\b|\.cl\b",
        "CO": r"\b(?:colombia|bogotá|bogota)\b|\.com\.co\b",
        "TR": r"\b(?:türkiye|turkey|istanbul|mahallesi|sokak|cad\.?|ve|bir)\b|₺|\.tr\b",
        "ID": r"\b(?:indonesia|jalan|jl\.|jakarta|yang|dan)\b|\bRp\b|\.id\b",
        "PH": r"\b(?:philippines|manila|barangay|ang|siya)\b|₱|\.ph\b",
        "KE": r"\b(?:kenya|nairobi)\b|\.co\.ke\b",
        "NG": r"\b(?:nigeria|lagos|abuja|naira)\b|₦|\.ng\b",
        "ZA": r"\b(?:south africa|johannesburg|cape town)\b|\.co\.za\b",
        "CZ": r"\b(?:česko|czech|praha|bydlí)\b|\bkč\b|\.cz\b",
        "HU": r"\b(?:magyarország|hungary|budapest|utca|lakik)\b|\.hu\b",
        "GR": r"[α-ω]{3}|\b(?:greece|athens)\b|\.gr\b",
        "RU": r"[а-яё]{3}|\b(?:russia|moscow)\b|\.ru\b",
        "UA": r"[іїєґ]|\b(?:ukraine|kyiv)\b|\.ua\b",
        "JP": r"[ぁ-んァ-ヶ]|\b(?:japan|tokyo)\b|\.jp\b",
        "KR": r"[가-힣]|\b(?:korea|seoul)\b|\.kr\b",
        "CN": r"[\u4e00-\u9fff]|\b(?:china|beijing|shanghai|yuan|province|district)\b|\.cn\b",
        "HK": r"\b(?:hong kong|kowloon)\b|\.hk\b",
        "TW": r"[台臺]|\b(?:taiwan|taipei)\b|\.tw\b",
        "SG": r"\bsingapore\b|\.sg\b",
        "IL": r"[א-ת]|\b(?:israel|tel aviv)\b|\.il\b",
        "EG": r"[ء-ي]|\b(?:egypt|cairo)\b|\.eg\b",
        "SA": r"[ء-ي]|\b(?:saudi|riyadh)\b|\.sa\b",
        "IR": r"[پچژگ]|\b(?:iran|tehran)\b|\.ir\b",
        "TH": r"[ก-๙]|\b(?:thailand|bangkok)\b|\.th\b",
        "VN": r"[đơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]|\b(?:vietnam|hanoi)\b|\.vn\b",
        "CH": r"\b(?:switzerland|schweiz|suisse|zürich|chf)\b|\.ch\b",
        "AT": r"\b(?:austria|österreich|wien|vienna)\b|\.at\b",
        "BE": r"\b(?:belgium|belgië|belgique|brussels|bruxelles|brussel)\b|\.be\b",
        "IE": r"\b(?:ireland|dublin|eircode)\b|\.ie\b",
        "RO": r"\b(?:românia|romania|bucurești|strada)\b|\.ro\b",
        "MY": r"\b(?:malaysia|kuala lumpur)\b|\.my\b",
        "PK": r"\b(?:pakistan|karachi|lahore)\b|\.pk\b",
        "BD": r"[\u0980-\u09ff]|\b(?:bangladesh|dhaka)\b|\.bd\b",
        "AE": r"\b(?:dubai|abu dhabi|uae)\b|\.ae\b",
    }.items()
}  # fmt: skip
_HINTS_AT_MOST = 8
_LABEL_REACH = 40
_GROUP = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a region's number plan says. Compiled once from libphonenumber's metadata."""

    region: str
    country_code: int
    valid: re.Pattern[str]
    lengths: frozenset[int]
    prefix: re.Pattern[str] | None
    rewrite: str | None
    groupings: tuple[tuple[re.Pattern[str], tuple[re.Pattern[str], ...], str, str | None], ...]


@lru_cache(maxsize=256)
def _plan(region: str) -> _Plan | None:
    from phonenumbers import PhoneMetadata

    data = PhoneMetadata.metadata_for_region(region, None)
    if data is None:
        try:
            data = PhoneMetadata.metadata_for_nongeo_region(int(region), None)
        except ValueError:
            return None
    if data is None:
        return None
    kinds = [
        data.fixed_line, data.mobile, data.toll_free, data.premium_rate, data.shared_cost, data.personal_number, data.voip, data.uan,
    ]  # fmt: skip
    patterns = [kind.national_number_pattern for kind in kinds if kind and kind.national_number_pattern]
    lengths = {length for kind in kinds if kind for length in kind.possible_length if length > 0}
    if data.general_desc:
        lengths |= {length for length in data.general_desc.possible_length if length > 0}
    formats = []
    for form in data.number_format:
        leading = tuple(re.compile(pattern) for pattern in form.leading_digits_pattern[-1:])
        if form.pattern and form.format:
            formats.append((re.compile(form.pattern), leading, form.format, form.national_prefix_formatting_rule))
    return _Plan(
        region=region,
        country_code=data.country_code or 0,
        valid=re.compile("|".join(f"(?:{pattern})" for pattern in patterns)),
        lengths=frozenset(lengths),
        prefix=re.compile(data.national_prefix_for_parsing) if data.national_prefix_for_parsing else None,
        rewrite=data.national_prefix_transform_rule,
        groupings=tuple(formats),
    )


@lru_cache(maxsize=1)
def _regions_of_code() -> dict[int, tuple[str, ...]]:
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    return {
        code: tuple(str(code) if region == "001" else region for region in regions)
        for code, regions in COUNTRY_CODE_TO_REGION_CODE.items()
    }


# Numbers kept free for stories, tests and exercises: plans do not hold them, yet they are written as any other number.
# Source: NANPA (555-0100 to 0199); Ofcom, numbers for drama use; ACMA, numbers for use in films; Arcep, decision 2018-0881;
# Bundesnetzagentur, Rufnummern für Medienproduktionen; PTS, telefonnummer för användning i böcker och filmer.
_FICTIONAL: dict[int, re.Pattern[str]] = {
    1: re.compile(r"[2-9]\d\d55501\d\d"),
    44: re.compile(
        r"7700900\d{3}|2079460\d{3}|1(?:1[3-8]|21|31|41|51|61)4960\d{3}|1914980\d{3}|1632960\d{3}|2896496\d{3}|2890180\d{3}|2920180\d{3}|"
        r"3069990\d{3}|8081570\d{3}|9098790\d{3}"
    ),
    61: re.compile(r"[2378](?:5550|7010)\d{4}|491570\d{3}|1800160401|180097571[01]|130097570\d"),
    33: re.compile(r"(?:19900|26191|35301|46571|53649|63998)\d{4}"),
    49: re.compile(r"3023125\d{3}|699000\d{4}|4066969\d{3}|2214710\d{3}|8999998\d{3}|171392\d{5}|17[26]\d0?40690\d{2}|1523(?:1|)2?5\d{5}"),
    46: re.compile(r"701740(?:6[0-9]{2})|31390060?\d{1,2}|4062804\d{2}|846500[4-9]\d{2}|98031992\d{1,2}"),
    353: re.compile(r"2091[0-9]\d{4}"),
}


def _is_fictional(plan: _Plan, national: str) -> bool:
    kept_free = _FICTIONAL.get(plan.country_code)
    return kept_free is not None and kept_free.fullmatch(national) is not None


def _national(plan: _Plan, digits: str) -> str | None:
    """The significant number of digits written the national way, or None where the plan has no such number."""
    for candidate in _readings(plan, digits):
        if (len(candidate) in plan.lengths and plan.valid.fullmatch(candidate)) or _is_fictional(plan, candidate):
            return candidate
    return None


def _readings(plan: _Plan, digits: str) -> Iterator[str]:
    if plan.prefix is not None:
        match = plan.prefix.match(digits)
        if match and match.end() and match.end() < len(digits):
            if plan.rewrite and match.lastindex and match.group(match.lastindex):
                yield match.expand(plan.rewrite) + digits[match.end() :]
            elif not match.lastindex or not match.group(match.lastindex):
                yield digits[match.end() :]
            else:
                yield digits[match.end() :]
    yield digits


def _groups_as_written(plan: _Plan, national: str, groups: Sequence[str]) -> bool:
    """Whether the digits are grouped as people of the region write them."""
    written = "-".join(groups)
    for pattern, leading, form, rule in plan.groupings:
        if leading and not leading[0].match(national):
            continue
        match = pattern.fullmatch(national)
        if not match:
            continue
        usual = "-".join(_GROUP.findall(match.expand(form.replace("$", "\\"))))
        if written.endswith(usual):
            rest = written[: -len(usual)].strip("-")
            return rest == "" or len(rest) <= 3
        if rule and written.replace("-", "").endswith(national):
            # The first group carries the trunk prefix: 06-12-34-56-78.
            carried = _GROUP.findall(match.expand(re.sub(r"\$1", r"\\1", form.replace("$1", rule.replace("$FG", "$1"))).replace("$", "\\")))
            if "-".join(carried) == written:
                return True
        return False
    return False


class PhoneDetector:
    """Value: E.164, with ";ext=" where an extension is written; national digits where no region fits. Detail: region."""

    name = "phone"

    def find(self, text: NormalisedText, context: ScanContext) -> Iterator[Candidate]:
        plain = text.text
        hints: tuple[str, ...] | None = None
        for match in PATTERNS["link"].finditer(plain):
            yield from _linked(match)
        for match in PATTERNS["digits"].finditer(plain):
            written = match.group()
            if sum(map(str.isdigit, written)) < 6 or any(first <= match.start() < last for first, last in text.urls):
                continue
            if hints is None:
                hints = _region_hints(text, context)
            yield from _pieces(plain, match, hints)


def _linked(match: re.Match[str]) -> Iterator[Candidate]:
    known = _international(match.group(1))
    if known:
        region, value = known
        yield Candidate(
            "phone", match.start(1), match.end(1), value, region, 0.97,
            f"a valid number of {region} inside a link that calls or writes to it",
        )  # fmt: skip


def _region_hints(text: NormalisedText, context: ScanContext) -> tuple[str, ...]:
    hints = [region.upper() for region in context.regions]
    plain = text.text[:20_000]
    weighed = sorted(
        ((len(pattern.findall(plain)), region) for region, pattern in _REGION_CUES.items()), key=lambda pair: (-pair[0], pair[1])
    )
    hints.extend(region for count, region in weighed if count)
    return tuple(dict.fromkeys(hints))[:_HINTS_AT_MOST]


def _pieces(plain: str, match: re.Match[str], hints: tuple[str, ...]) -> Iterator[Candidate]:
    """The longest runs of whole groups that are numbers, from the left."""
    groups = list(_GROUP.finditer(plain, *match.span()))
    first = 0
    while first < len(groups):
        for last in range(len(groups) - 1, first - 1, -1):
            digits = sum(group.end() - group.start() for group in groups[first : last + 1])
            if not 6 <= digits <= 17:
                continue
            candidate = _judge(plain, groups[first : last + 1], match.start(), first == 0, last == len(groups) - 1, hints)
            if candidate is not None:
                yield candidate
                first = last
                break
        first += 1


def _judge(
    plain: str, groups: list[re.Match[str]], chain_start: int, is_first: bool, is_last: bool, hints: tuple[str, ...]
) -> Candidate | None:
    start, end = groups[0].start(), groups[-1].end()
    lead = plain[max(0, start - 3) : start]
    plus = lead.rstrip().endswith("+")
    if plus:
        start -= len(lead) - lead.rindex("+")
    if start and plain[start - 1] == "(" and (")" in plain[start:end] or plus):
        start -= 1
    written = plain[start:end]
    if not plus and any(form.fullmatch(written) for form in _NOT_A_NUMBER):
        return None
    before = plain[max(0, start - _LABEL_REACH) : start]
    after = plain[end : end + 24]
    label = _label_beside(before, after) if is_first or is_last else None
    if not plus and (_OTHER_LABEL.search(before) or (not label and _AMOUNT_BEFORE.search(before))):
        return None
    if not label and not plus and _SCORE.fullmatch(written) and not written.startswith("0"):
        return None
    extension = PATTERNS["extension"].match(plain, end)
    if not extension and _UNIT_AFTER.match(after) and not (label and after[:1] in ".,:"):
        return None
    if not label and not plus and before[-1:] in _GLUE and not before.endswith(("//", " -", " /", " .")):
        return None
    digits = [group.group() for group in groups]
    found = _identify("".join(digits), digits, written, plus, label, hints, extension is not None, before)
    if found is None:
        return None
    region, value, confidence, reason = found
    if extension:
        end = extension.end()
        value += f";ext={extension.group(1)}"
        confidence = max(confidence, 0.85)
    return Candidate("phone", start, end, value, region, confidence, reason)


_GLUE = frozenset("/-._=&#")


def _label_beside(before: str, after: str) -> str | None:
    """Where a word for a telephone stands: "before", "after", "near" for a word that has other uses, or None."""
    line = before.removesuffix("\n").rpartition("\n")[2]
    if _LABEL.search(line) or _LABEL_WITH_COLON.search(line) or _LABEL_OTHER_SCRIPTS.search(line):
        return "before"
    if _LABEL_AFTER.match(after):
        return "after"
    return "near" if _WEAK_LABEL.search(line) else None


def _identify(
    digits: str,
    groups: list[str],
    written: str,
    plus: bool,
    label: str | None,
    hints: tuple[str, ...],
    extended: bool,
    before: str,
) -> tuple[str, str, float, str] | None:
    """(region, value, confidence, reason)"""
    said = _SAID[label]
    if plus or (digits.startswith("00") and len(digits) >= 9):
        for reading in (written, _TRUNK_ZERO.sub("", written)):
            known = _international(reading if plus else "".join(_GROUP.findall(reading))[2:])
            if known:
                confidence = 0.98 if label else 0.95 if plus else 0.85
                return known[0], known[1], confidence, f"a valid number of {known[0]} with its country code{said}"
        if 10 <= len(digits) <= 16 and (plus or label or (len(groups) >= 3 and extended)):
            number = digits if plus else digits[2:]
            code = _code_of(number)
            if code:
                region = _regions_of_code()[code][0]
                reason = f"the country code of {region} and as many digits as a number has, though its plan has no such number{said}"
                return "" if region.isdigit() else region, f"+{number}", 0.8 if label else 0.65, reason
    if plus:
        return None
    national = _in_regions(digits, groups, label, hints)
    if national is not None:
        region, value, as_written, hinted = national
        if label in ("before", "after"):
            return region, value, 0.95 if as_written else 0.9, f"a valid number of {region}{said}"
        if as_written and _is_telling(written, groups, hinted):
            return region, value, 0.85 if hinted or label else 0.8, f"a valid number of {region}, grouped as people write it there{said}"
        if label or hinted:
            confidence = 0.7 if label or digits.startswith("0") else 0.4
            return region, value, confidence, f"digits that could be a number of {region}{said or ', to which the text points'}"
        return None
    if len(digits) >= 11 and label and (known := _international(digits)):
        return known[0], known[1], 0.9, f"a valid number of {known[0]} with its country code{said}"
    return _unplanned(digits, label, before)


_SAID = {
    None: "",
    "before": ", after a word for a telephone",
    "after": ", before a word for a telephone",
    "near": ", after a word that often stands before a number",
}
_TRUNK_ZERO = re.compile(r"\(0\)|(?<=\d) 0(?=\d)")


def _is_telling(written: str, groups: list[str], hinted: bool) -> bool:
    """Whether the grouping alone speaks for a telephone: two bare groups are also a house number and what follows."""
    if len(groups) == 1:
        return False
    digits = sum(map(len, groups))
    return (digits >= 9 and (len(groups) >= 3 or written.startswith(("0", "(")))) or (hinted and digits == 8 and len(groups) == 4)


def _unplanned(digits: str, label: str | None, before: str) -> tuple[str, str, float, str] | None:
    """A number that no plan knows: only where a word for a telephone stands right beside it."""
    if label not in ("before", "after") or not 6 <= len(digits) <= 15 or len(set(digits)) < 2:
        return None
    if label == "before" and not (_labelled_closely(before) and (len(digits) >= 7 or ":" in before[-3:])):
        return None
    reason = f"digits of the length of a telephone number{_SAID[label]}; no number plan settles the country"
    return "", digits, 0.8 if len(digits) >= 7 else 0.6, reason


def _labelled_closely(before: str) -> bool:
    close = before[-22:]
    return bool(_LABEL.search(close) or _LABEL_OTHER_SCRIPTS.search(close) or _LABEL_WITH_COLON.search(close))


def _code_of(number: str) -> int | None:
    """The country code that digits begin with."""
    return next((int(number[:n]) for n in (1, 2, 3) if int(number[:n]) in _regions_of_code()), None)


def _international(text: str) -> tuple[str, str] | None:
    """(region, E.164) of digits that begin with a country code, or None."""
    digits = "".join(_GROUP.findall(text))
    codes = _regions_of_code()
    if digits.startswith("0"):
        return None
    for length in (1, 2, 3):
        for region in codes.get(int(digits[:length] or 0), ()):
            plan = _plan(region)
            if plan is None:
                continue
            national = _national(plan, digits[length:])
            if national is not None:
                return region, f"+{plan.country_code}{national}"
    return None


def _in_regions(
    digits: str, groups: list[str], label: str | None, hints: tuple[str, ...]
) -> tuple[str, str, bool, bool] | None:
    """(region, E.164, grouped as written there, whether something pointed to the region)"""
    fallback: tuple[str, str, bool, bool] | None = None
    for region in dict.fromkeys((*hints, *_TOP_REGIONS)):
        plan = _plan(region)
        if plan is None or (len(digits) < 7 and region not in hints):
            continue
        national = _national(plan, digits)
        if national is None:
            continue
        hinted = region in hints
        as_written = _groups_as_written(plan, national, groups)
        found = region, f"+{plan.country_code}{national}", as_written, hinted
        if as_written and (len(groups) > 1 or hinted):
            return found
        if fallback is None and (hinted or (label and _speaks_for(region, digits))):
            fallback = found
    return fallback


def _speaks_for(region: str, digits: str) -> bool:
    """Whether ungrouped digits are so typical of a large region that it may be named without another hint."""
    if region == "US":
        return len(digits) == 10 or (len(digits) == 11 and digits.startswith("1"))
    return region in ("GB", "FR", "DE") and len(digits) in (10, 11) and digits.startswith("0")


DETECTOR = PhoneDetector()
