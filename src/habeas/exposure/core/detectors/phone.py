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
from habeas.exposure.core.spans import Taken

# A chain of digit groups. Pieces of it are tried as numbers, so it may run over two numbers standing side by side.
_SEPARATOR = r"(?:\)[ ]{0,2}[\-./]?[ ]{0,2}|[ ]{1,2}[\-./(]?[ ]{0,2}|[\-./][ ]?\(?|\()"
PATTERNS: dict[str, re.Pattern[str]] = {
    "digits": re.compile(rf"(?<![\w])(?:\+[ ]?\+?|\(\+?[ ]?)?\d{{1,15}}(?:{_SEPARATOR}\d{{1,15}}){{0,12}}+(?!\d)"),
    "extension": re.compile(
        r"(?:[ ]{0,2}(?:;ext=|,?[ ]{0,2}(?:extension|ext|extn|poste|anexo|ramal|durchwahl|dw|interno|"
        r"int)\b\.?[ :#]{0,2})|[ ]?x[ ]?|[ ]#)"
        r"(\d{1,6})(?!\w)",
        re.IGNORECASE,
    ),
    "link": re.compile(
        r"(?:wa\.me/|tel:|sms:|callto:|whatsapp\.com/send/?\?phone=|viber://chat\?number=|t\.me/)(?:\+|"
        r"%2B)?(\d{7,15})(?!\d)",
        re.IGNORECASE,
    ),
}

# All words are applied to lower-case text.
# Words that say a telephone number follows. A caseworker reads in the reason which kind of word it was, not the word.
_LABEL_WORDS = (
    r"tele?(?:ph|f)(?:one?|oo?n|on|onos?|onum|onnummer|oonnummer|onszám|ono)?|téléphones?|teléfonos?|telèfon|tél|"
    r"tel|tlf|tfno|tfn|puh|puhelin|"
    r"tlfn|phones?|ph|fones?|mob(?:ile?|iles|iel|il|iltelefon|ilnummer)?|mobilnr|móvil(?:es)?|movil|cell(?:ulare|"
    r"ular|phone|ulaire|s)?|cel|"
    r"portables?|handy(?:nummer|nr)?|gsm|fax|telefax|landline|hotline|festnetz|komórka|kom|sms|whats ?app|wapp|wsp|"
    r"viber|signal|telegram|imo|wechat|"
    r"direct line|contact (?:number|no|nr)|(?:my|his|her|their|'s) (?:private |personal |new |direct )?(?:number|"
    r"digits|line|num)|"
    r"number to call|rufnummer|numéro de (?:tél|port)\w*|n[uú]mero de (?:tel|cel|móv)\w*|"
    r"call(?:ing|ed|s)?|ring|rings?|dial|text(?:ing|s)?|reach(?:ed)?|phoned?|message|messages to|answering(?: at)?|"
    r"llama(?:r|d|le)?|"
    r"appele[rz]?|joindre|anrufen|ruf|rufen|erreichen|erreichbar|chiama(?:re|te|telo|tela)?|ligar?|ligue|"
    r"bel(?:len)?|ring(?:a)?|zadzwoń|dzwoń(?:cie)?|"
    r"ara(?:yın)?|arayin|telefonu|numarası|hubungi|nomor|hp|no hp|no\.? ?tel|nomer|gọi|sđt|đt|điện thoại|simu|"
    r"namba|tawag|pozovi|volej(?:te)?|hívd|soita|burner"
)
# Words that also stand before other things; they count for less, unless a colon follows them.
_WEAK_LABEL_WORDS = (
    r"desk|office|home|direct|contact|line|numbers?|num|nummer|nr|n[°º]|numéros?|número|numero|numer|čísl[oa]|szám|"
    r"digits|hmu|reach|"
    r"bureau|büro|oficina|ufficio|kantoor|biuro|kontor|privat|work|h|w|m|c|t|p"
)
_LABEL = re.compile(rf"(?<![\w@])(?:{_LABEL_WORDS})(?![\w@])")
_WEAK_LABEL = re.compile(rf"(?<![\w@])(?:{_WEAK_LABEL_WORDS})(?![\w@])[^\d\n]{{0,12}}$")
_LABEL_WITH_COLON = re.compile(rf"(?<![\w@])(?:{_WEAK_LABEL_WORDS})(?:[ ](?:no|nr|num|number))?\.?[ ]?[:#=][ ]{{0,2}}$")
_LABEL_OTHER_SCRIPTS = re.compile(
    r"☎|📞|📱|📲|тел(?:ефон\w*)?\b|моб(?:ильн\w*)?\b|номер\w*|звони\w*|позвони\w*|τηλ\w*|κιν(?:ητό)?\b|هاتف|جوال|"
    r"موبايل|تلفون|رقم|اتصل|واتساب|"
    r"تلفن|شماره|موبایل|فون|נייד|טלפון|טל[\"']|電話|电话|手机|手機|携帯|連絡先|联系方式|聯絡|座机|전화|휴대폰|핸드폰|연락처|फ़ोन|फोन|मोबाइल|नंबर|"
    r"โทร|เบอร์|ফোন|மொபைல்|հեռ|ტელ",
)
_LABEL_AFTER = re.compile(
    r"^[ ,)\-/:(–]{0,3}(?:-?(?:office|fax|mobile|cell|home|work|desk|landline|whats ?app|tel|phone|mob|direct|m|h|"
    r"w)\b|is (?:his|her|their|my) "
    r"(?:number|phone|cell)|\(?(?:mobil|handy|privat|bureau|domicile|portable|casa|celular|móvil|oficina|cellulare|"
    r"ufficio))",
)
# What other numbers are called: right before the digits, they refute even a word for a telephone further off.
_OTHER_LABEL = re.compile(
    r"(?<![^\W_])(?:orders?|invoice|tracking|track|parcel|shipment|isbn|issn|doi|arxiv|version|ver|v|build|release|"
    r"ref|reference|case|ticket|"
    r"serial|sku|model|part|item|ids?|uid|imei|iccid|acct|account|konto|kontonummer|bank (?:account|code)|sort "
    r"code|routing|iban|bic|zip|postcode|plz|cep|otp|pin|"
    r"password|pw|cards?|cc|visa|mastercard|ssn|social security|passport|licen[cs]e|vat|tax|tin|ein|nino|nhs|bsn|"
    r"dni|nie|cpf|cnpj|rut|"
    r"pesel|nip|regon|siret|siren|aadhaar|aadhar|pan|curp|rfc|steuer-?id|personnummer|cpr|abn|acn|tfn|member|"
    r"customer|policy|"
    r"booking|confirmation|transaction|txn|commit|issue|bug|pull request|chapter|section|lot|flight|identity|"
    r"security|insurance|"
    r"population|salary|net worth|isin|tracking|reservation|membership|student|employee|staff|patient|medical "
    r"record|mrn|"
    r"bestellnummer|auftragsnummer|sendungsnummer|rechnung(?:snummer)?|kundennummer|aktenzeichen|commande|facture|"
    r"suivi|pedido|factura|"
    r"ordine|fattura|bestelling|factuur|zamówieni[ea]|faktura|заказ\w*|订单号?|注文番号|주문번호|patent|gps|lat|latitude|"
    r"coords?|coordinates|timestamp|"
    r"epoch|ean|upc|barcode|gtin|vin|permit|badge|docket|file|room|suite|unit|apt|mac|hash|hex|port|invoices)"
    r"(?:[ .:#]{0,2}(?:no|nr|num|numbers?|nummer|id|code|is|was|are|que es|es|ist|est)\b){0,3}['\"]?[ .:#=\-]{0,3}\(?$",
)
# What makes digits an amount, a year or a count, unless a word for a telephone is there.
_AMOUNT_BEFORE = re.compile(
    r"(?:(?<![^\W_])(?:score|won|lost|beat|price|cost|costs|paid|total|sum|worth|usd|eur|gbp|inr|rs|from|between|"
    r"since|in|year|years|pages?|pp|vol|volume|"
    r"no\. of|pr|sin|reg|code|part)[ .:#=\-]{0,3}|[#$€£¥₹₽@=_%*]|[\d.,],)[ ]?\(?$",
)
_UNIT_AFTER = re.compile(
    r"^(?:[ ]?(?:%|€|\$|£|¥|°|km\b|m\b|mm\b|cm\b|kg\b|g\b|gb\b|mb\b|kb\b|ms\b|px\b|usd\b|eur\b|euros?\b|dollars?\b|"
    r"bucks\b|pounds\b|views?\b|"
    r"followers?\b|subscribers?\b|likes?\b|points?\b|pts\b|votes?\b|people\b|users?\b|copies\b|miles?\b|hours?\b|"
    r"hrs?\b|mins?\b|minutes?\b|seconds?\b|"
    r"years?\b|days?\b|am\b|pm\b|million\b|billion\b|bytes?\b|times\b)|[.,:]\d|[A-Za-z_])",
)
_NOT_A_NUMBER = (
    re.compile(r"(?:19|20)\d\d[\-./ ](?:0?[1-9]|1[0-2])[\-./ ](?:0?[1-9]|[12]\d|3[01])(?:[ ]\d{1,2})?"),  # 2026-01-31
    re.compile(
        r"(?:0?[1-9]|[12]\d|3[01])[\-./ ]{1,2}(?:0?[1-9]|[12]\d|3[01])[\-./ ]{1,2}(?:19|20)\d\d(?:[ ]\d{1,2})?"
    ),  # 31.01.2026
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
    "US", "CA", "GB", "FR", "DE", "IT", "ES", "NL", "BR", "IN", "AU", "PL", "SE", "MX", "JP", "KR", "CN", "RU", "TR",
    "ZA", "BE", "CH", "AT", "NO", "DK",
    "FI", "PT", "IE", "CZ", "HU", "GR", "NZ", "SG", "HK", "ID", "PH", "UA", "RO", "IL", "AR", "CL", "CO",
)  # fmt: skip

# What in a text points to a region: country and town names, words of its language that stand in street lines and
# small sentences, its currency, its web domains, its script.
_WORD_CUES: dict[str, str] = {
    "US": "usa american texas california florida ohio michigan brooklyn chicago zip",
    "GB": "uk england london scotland wales britain manchester leeds postcode",
    "DE": "germany deutschland wohnt und ist der nicht berlin hamburg münchen straße strasse handy nummer",
    "FR": "france habite est chez rue les dans paris lyon appelez numéro portable",
    "IT": "italia italy abita via piazza della sono roma milano cellulare chiama",
    "ES": "españa spain vive calle avenida los madrid barcelona móvil teléfono",
    "NL": "nederland netherlands woont het een straat amsterdam rotterdam bel mobiel",
    "BR": "brasil brazil mora rua você não cpf bairro paulo celular ligue",
    "PT": "portugal lisboa porto morada telemóvel",
    "PL": "polska poland mieszka jest ul ulica warszawa kraków zadzwoń komórka",
    "SE": "sverige sweden bor och är stockholm gatan ring mobil göteborg",
    "DK": "danmark denmark bor og københavn vej ring",
    "NO": "norge norway bor og oslo gata veien",
    "FI": "suomi finland asuu ja helsinki katu puhelin soita",
    "IN": "india nagar mumbai delhi bengaluru bangalore aadhaar lakh crore pincode",
    "AU": "australia nsw vic qld sydney melbourne brisbane perth",
    "NZ": "zealand auckland aotearoa wellington",
    "CA": "canada ontario toronto quebec québec vancouver alberta montréal",
    "MX": "méxico mexico colonia cdmx curp",
    "AR": "argentina aires",
    "CL": "chile santiago rut",
    "CO": "colombia bogotá bogota medellín",
    "TR": "türkiye turkey istanbul ankara mahallesi sokak ve telefonu",
    "ID": "indonesia jalan jakarta yang dan nomor hubungi",
    "PH": "philippines manila barangay siya ang",
    "KE": "kenya nairobi simu",
    "NG": "nigeria lagos abuja naira",
    "ZA": "johannesburg capetown pretoria durban",
    "CZ": "česko czech praha bydlí telefonní",
    "HU": "magyarország hungary budapest utca lakik",
    "GR": "greece athens",
    "RU": "russia moscow москва россия",
    "UA": "ukraine kyiv київ україна",
    "JP": "japan tokyo osaka",
    "KR": "korea seoul busan",
    "CN": "china beijing shanghai changsha tianjin hunan",
    "HK": "hongkong kowloon",
    "TW": "taiwan taipei",
    "SG": "singapore",
    "IL": "israel aviv haifa jerusalem",
    "EG": "egypt cairo",
    "SA": "saudi riyadh",
    "IR": "iran tehran",
    "TH": "thailand bangkok",
    "VN": "vietnam hanoi",
    "CH": "switzerland schweiz suisse zürich chf",
    "AT": "austria österreich wien vienna",
    "BE": "belgium belgië belgique brussels bruxelles brussel",
    "IE": "ireland dublin eircode cork",
    "RO": "românia romania bucurești strada",
    "MY": "malaysia lumpur",
    "PK": "pakistan karachi lahore",
    "BD": "bangladesh dhaka",
    "AE": "dubai dhabi uae",
}
_REGIONS_OF_WORD: dict[str, list[str]] = {}
for _region, _words in _WORD_CUES.items():
    for _word in _words.split():
        _REGIONS_OF_WORD.setdefault(_word, []).append(_region)
_SCRIPT_CUES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), region)
    for pattern, region in (
        ("[а-яё]{3}", "RU"), ("[іїєґ]", "UA"), ("[α-ω]{3}", "GR"), ("[ぁ-んァ-ヶ]", "JP"), ("[가-힣]{2}", "KR"),
        ("[\u4e00-\u9fff]", "CN"), ("[\u4e00-\u9fff]", "JP"),
        ("[台臺灣]", "TW"), ("[א-ת]{2}", "IL"), ("[ء-ي]{2}", "EG"), ("[ء-ي]{2}", "SA"), ("[پچژگ]", "IR"),
        ("[ก-๙]{2}", "TH"),
        ("[đơưạảấầẩậắằẳặẹẻẽếềểệỉịọỏốồổộớờởợụủứừửựỳỵỷỹ]", "VN"), ("[\u0980-\u09ff]{2}", "BD"),
        ("[\u0900-\u097f]{2}", "IN"), ("₹", "IN"),
        ("₺", "TR"), ("₱", "PH"), ("₦", "NG"), ("£", "GB"), ("zł", "PL"),
    )
)  # fmt: skip
_DOMAIN_CUE = re.compile(
    r"\w\.(?:co\.)?(uk|de|fr|it|es|nl|br|pt|pl|se|dk|no|fi|in|au|nz|ca|mx|ar|cl|tr|id|ph|ke|ng|za|cz|hu|gr|ru|ua|"
    r"jp|kr|cn|hk|tw|sg|il|eg|sa|ir|th|"
    r"vn|ch|at|be|ie|ro|my|pk|bd|ae)\b(?!\.\w)"
)
_POSTCODE_CUE = re.compile(
    r"\b(?:(?P<US>(?:A[KLRZ]|C[AOT]|DC|FL|GA|I[ADLN]|K[SY]|LA|M[ADINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|"
    r"V[AT]|W[AIVY]),? \d{5})|"
    r"(?P<GB>[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})|(?P<CA>[A-Z]\d[A-Z] \d[A-Z]\d)|(?P<NL>\d{4} [A-Z]{2}))\b"
)
_HINTS_AT_MOST = 8
_TRIES_PER_CHAIN = 14
_LABEL_REACH = 40
_GROUP = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class _Layout:
    """How numbers that begin with ``leading`` are grouped.

    pattern: the significant number, one group of the match for each group of digits
    usual, carried: the order of those groups, "-" between; in ``carried`` the trunk prefix stands where it is written
    """

    pattern: re.Pattern[str]
    leading: re.Pattern[str] | None
    usual: tuple[str, ...]
    carried: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a region's number plan says. Compiled once from libphonenumber's metadata."""

    region: str
    country_code: int
    valid: re.Pattern[str]
    lengths: frozenset[int]
    prefix: re.Pattern[str] | None
    rewrite: str | None
    trunk: str
    layouts: tuple[_Layout, ...]


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
    kinds = [data.fixed_line, data.mobile, data.toll_free, data.premium_rate]
    kinds += [data.shared_cost, data.personal_number, data.voip, data.uan]
    patterns = [kind.national_number_pattern for kind in kinds if kind and kind.national_number_pattern]
    lengths = {length for kind in kinds if kind for length in kind.possible_length if length > 0}
    if data.general_desc:
        lengths |= {length for length in data.general_desc.possible_length if length > 0}
    layouts = []
    for form in data.number_format:
        if form.pattern and form.format:
            leading = form.leading_digits_pattern[-1] if form.leading_digits_pattern else None
            rule = form.national_prefix_formatting_rule or ""
            layouts.append(
                _Layout(
                    re.compile(form.pattern),
                    re.compile(leading) if leading else None,
                    _digit_groups(form.format),
                    _digit_groups(form.format.replace("\\1", rule, 1)) if rule else (),
                )
            )
    return _Plan(
        region=region,
        country_code=data.country_code or 0,
        valid=re.compile("|".join(f"(?:{pattern})" for pattern in patterns)),
        lengths=frozenset(lengths),
        prefix=re.compile(data.national_prefix_for_parsing) if data.national_prefix_for_parsing else None,
        rewrite=data.national_prefix_transform_rule,
        trunk=_trunk_digit(layouts),
        layouts=tuple(layouts),
    )


@lru_cache(maxsize=1)
def _regions_of_code() -> dict[int, tuple[str, ...]]:
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    return {
        code: tuple(str(code) if region == "001" else region for region in regions)
        for code, regions in COUNTRY_CODE_TO_REGION_CODE.items()
    }


# Numbers kept free for stories, tests and exercises: plans do not hold them, yet they are written as any other number.
# Source: NANPA (555-0100 to 0199); Ofcom, numbers for drama use; ACMA, numbers for use in films; Arcep, decision
# 2018-0881; Bundesnetzagentur, Rufnummern für Medienproduktionen; PTS, telefonnummer för böcker och filmer.
_FICTIONAL: dict[int, re.Pattern[str]] = {
    1: re.compile(r"[2-9]\d\d55501\d\d"),
    44: re.compile(
        r"7700900\d{3}|2079460\d{3}|1(?:1[3-8]|21|31|41|51|61)4960\d{3}|1914980\d{3}|1632960\d{3}|2896496\d{3}|"
        r"2890180\d{3}|2920180\d{3}|"
        r"3069990\d{3}|8081570\d{3}|9098790\d{3}"
    ),
    61: re.compile(r"[2378](?:5550|7010)\d{4}|491570\d{3}|1800160401|180097571[01]|130097570\d"),
    33: re.compile(r"(?:19900|26191|35301|46571|53649|63998)\d{4}"),
    49: re.compile(
        r"3023125\d{3}|699000\d{4}|4066969\d{3}|2214710\d{3}|8999998\d{3}|171392\d{5}|17[26]\d0?40690\d{2}|"
        r"1523(?:1|)2?5\d{5}"
    ),
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
    """The digits without what is dialled first inside the country, and as they stand."""
    match = plan.prefix.match(digits) if plan.prefix else None
    if match and 0 < match.end() < len(digits):
        rest = digits[match.end() :]
        if plan.rewrite and match.lastindex and match.group(match.lastindex):
            yield match.expand(plan.rewrite) + rest
        elif match.end() <= 2:
            # Longer prefixes choose a carrier, and make a number out of too many digits.
            yield rest
    yield digits


def _trunk_digit(layouts: Sequence[_Layout]) -> str:
    """The digit that every layout of a region puts first, or ""."""
    first = {layout.carried[0][:1] if layout.carried else "" for layout in layouts if len(layout.usual) > 1}
    return first.pop() if len(first) == 1 and first <= set("0123456789") else ""


def _digit_groups(form: str) -> tuple[str, ...]:
    r"""The groups of a layout: "(0\1) \2-\3" becomes ("0\1", "\2", "\3")."""
    return tuple(re.findall(r"(?:\\\d|\d)+", form))


def _groups_as_written(plan: _Plan, national: str, groups: Sequence[str]) -> bool:
    """Whether the digits are grouped as people of the region write them."""
    for layout in plan.layouts:
        if layout.leading and not layout.leading.match(national):
            continue
        match = layout.pattern.fullmatch(national)
        if match is None:
            continue
        usual = [_fill(group, match) for group in layout.usual]
        if list(groups[-len(usual) :]) == usual:
            return len(groups) == len(usual) or (len(groups) == len(usual) + 1 and len(groups[0]) <= 3)
        carried = [_fill(group, match) for group in layout.carried]
        return bool(carried) and list(groups) == carried
    return False


def _fill(group: str, match: re.Match[str]) -> str:
    return re.sub(r"\\(\d)", lambda number: match.group(int(number.group(1))) or "", group)


class PhoneDetector:
    """Value: E.164, with ";ext=" where an extension is written; digits where no region fits. Detail: region."""

    name = "phone"

    def find(self, text: NormalisedText, context: ScanContext) -> Iterator[Candidate]:
        plain = text.text
        hints: tuple[str, ...] | None = None
        elsewhere = Taken()
        for start, end in text.urls:
            elsewhere.add(start, end)
        for match in PATTERNS["link"].finditer(plain):
            elsewhere.take(*match.span(1))
            yield from _linked(match)
        for match in PATTERNS["digits"].finditer(plain):
            written = match.group()
            if sum(map(str.isdigit, written)) < 6 or elsewhere.overlaps(*match.span()):
                continue
            if hints is None:
                hints = _region_hints(text, context)
            yield from _pieces(text, match, hints)


def _linked(match: re.Match[str]) -> Iterator[Candidate]:
    known = _international(match.group(1))
    if known:
        region, value = known
        yield Candidate(
            "phone", match.start(1), match.end(1), value, region, 0.97,
            f"a valid number of {region} inside a link that calls or writes to it",
        )  # fmt: skip


def _region_hints(text: NormalisedText, context: ScanContext) -> tuple[str, ...]:
    """Regions that the caller and the text point to, most often first."""
    weights: dict[str, float] = {}

    def point_to(region: str, weight: float) -> None:
        weights[region] = weights.get(region, 0.0) + weight

    for word in text.words & _REGIONS_OF_WORD.keys():
        for region in _REGIONS_OF_WORD[word]:
            point_to(region, 1 / len(_REGIONS_OF_WORD[word]))
    if not text.text.isascii():
        for pattern, region in _SCRIPT_CUES:
            if pattern.search(text.lower):
                point_to(region, 1)
    for domain in set(_DOMAIN_CUE.findall(text.lower)):
        point_to("GB" if domain == "uk" else domain.upper(), 2)
    for postcode in _POSTCODE_CUE.finditer(text.text):
        point_to(str(postcode.lastgroup), 2)
    hinted = sorted(weights, key=lambda region: (-weights[region], region))
    return tuple(dict.fromkeys((*context.regions, *hinted)))[:_HINTS_AT_MOST]


def _pieces(text: NormalisedText, match: re.Match[str], hints: tuple[str, ...]) -> Iterator[Candidate]:
    """The longest runs of whole groups that are numbers, from the left."""
    groups = list(_GROUP.finditer(text.text, *match.span()))
    first, tries_left = 0, _TRIES_PER_CHAIN
    # Many single digits are a table or a list, or one number written digit by digit.
    whole_only = sum(group.end() - group.start() == 1 for group in groups) > 4
    while first < len(groups) and tries_left and not (whole_only and first):
        for last in range(len(groups) - 1, first - 1, -1):
            digits = sum(group.end() - group.start() for group in groups[first : last + 1])
            if not 6 <= digits <= 17 or not tries_left or (whole_only and last < len(groups) - 1):
                continue
            tries_left -= 1
            candidate = _judge(text, groups, first, last, hints)
            if candidate is not None:
                yield candidate
                first = last
                break
        first += 1


def _judge(
    text: NormalisedText, chain: list[re.Match[str]], first: int, last: int, hints: tuple[str, ...]
) -> Candidate | None:
    """chain: groups of digits that stand together; first, last: those tried as one number"""
    plain = text.text
    groups = chain[first : last + 1]
    start, end = groups[0].start(), groups[-1].end()
    lead = plain[max(0, start - 3) : start]
    plus = lead.rstrip().endswith("+")
    if plus:
        start -= len(lead) - lead.rindex("+")
    if start and plain[start - 1] == "(" and ")" in plain[start:end]:
        start -= 1
    written = plain[start:end]
    if not plus and any(form.fullmatch(written) for form in _NOT_A_NUMBER):
        return None
    before = text.lower[max(0, start - _LABEL_REACH) : start]
    after = text.lower[end : end + 24]
    # A word speaks of the digits right beside it, and of a part of them only where a blank ends the part.
    label = _label_beside(before if first == 0 else "", after if last == len(chain) - 1 else "")
    if label and last < len(chain) - 1 and plain[end : chain[last + 1].start()].strip():
        label = None
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
                reason = f"the country code of {region} and digits enough, though no plan has such a number{said}"
                return "" if region.isdigit() else region, f"+{number}", 0.8 if label else 0.65, reason
    if plus:
        return None
    national = _in_regions(digits, tuple(groups), label is not None, hints)
    if national is not None:
        region, value, as_written, hinted = national
        what = f"a valid number of {region}" if region else "digits grouped as in several countries' telephone numbers"
        if label in ("before", "after"):
            return region, value, 0.95 if as_written and region else 0.9, what + said
        if as_written and _is_telling(written, groups, hinted):
            there = ", grouped as people write it there" if region else ""
            return region, value, 0.85 if hinted or label else 0.8 if region else 0.7, what + there + said
        if (label or hinted) and region:
            grouped = len(groups) >= 3 and len(digits) >= 9
            confidence = 0.7 if label or digits.startswith("0") else 0.65 if grouped else 0.4
            return (
                region,
                value,
                confidence,
                f"digits that could be a number of {region}{said or ', to which the text points'}",
            )
        return None
    if len(digits) >= 11 and label and (known := _international(digits)):
        return known[0], known[1], 0.9, f"a valid number of {known[0]} with its country code{said}"
    return _unplanned(digits, groups, label, before)


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
    return (digits >= 9 and (len(groups) >= 3 or written.startswith(("0", "(")))) or (
        hinted and digits == 8 and len(groups) == 4
    )


def _unplanned(digits: str, groups: list[str], label: str | None, before: str) -> tuple[str, str, float, str] | None:
    """A number that no plan knows: only where a word for a telephone stands right beside it."""
    if label not in ("before", "after") or not 6 <= len(digits) <= 15 or len(set(digits)) < 2:
        return None
    if label == "before" and not _labelled_closely(before, groups, digits):
        return None
    reason = f"digits of the length of a telephone number{_SAID[label]}; no number plan settles the country"
    return "", digits, 0.8 if len(digits) >= 7 else 0.6, reason


def _labelled_closely(before: str, groups: list[str], digits: str) -> bool:
    """The less the digits look like a telephone number, the closer its word must stand."""
    if len(digits) >= 9 and len(groups) >= 3:
        return True
    close = before[-22:] if len(digits) >= 7 else before[-12:]
    if len(digits) < 7 and ":" not in before[-3:]:
        return False
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


@lru_cache(maxsize=4096)
def _in_regions(
    digits: str, groups: tuple[str, ...], label: bool, hints: tuple[str, ...]
) -> tuple[str, str, bool, bool] | None:
    """(region, E.164, grouped as written there, whether something pointed to the region)

    Where nothing points to a region and the grouping is that of several countries, the region is "" and the value the
    digits as they stand: a wrong country would be worse than none.
    """
    pointed_to = [found for region in hints if (found := _in_region(region, digits, groups, label, hinted=True))]
    for found in pointed_to:
        if found[2]:
            return found
    if pointed_to:
        return pointed_to[0]
    others = [found for region in _TOP_REGIONS if (found := _in_region(region, digits, groups, label, hinted=False))]
    written = [found for found in others if found[2] and len(groups) > 1] if len(digits) >= 7 else []
    if written:
        countries = {_plan_of(found[0]).country_code for found in written}
        typical = written if len(countries) == 1 else [found for found in written if _speaks_for(found[0], digits)]
        return typical[0] if typical else ("", digits, True, False)
    if label and len(groups) == 1:
        return next((found for found in others if _speaks_for(found[0], digits)), None)
    return None


def _in_region(
    region: str, digits: str, groups: tuple[str, ...], label: bool, *, hinted: bool
) -> tuple[str, str, bool, bool] | None:
    plan = _plan(region)
    if plan is None:
        return None
    # Where a trunk digit is always written, digits without it are no number of that region as people write it.
    if plan.trunk and not digits.startswith(plan.trunk) and not (label and hinted):
        return None
    national = _national(plan, digits)
    if national is None:
        return None
    return region, f"+{plan.country_code}{national}", _groups_as_written(plan, national, groups), hinted


def _plan_of(region: str) -> _Plan:
    plan = _plan(region)
    if plan is None:
        raise KeyError(f"libphonenumber has no number plan for {region}: take it out of the list of regions")
    return plan


# Digits so typical of one country that it may be named without another hint: ten in North America, British mobiles
# and London, Japanese mobiles.
_TYPICAL: dict[str, re.Pattern[str]] = {
    "US": re.compile(r"1?[2-9]\d{9}"),
    "CA": re.compile(r"1?[2-9]\d{9}"),
    "GB": re.compile(r"07\d{9}|020[378]\d{7}"),
    "JP": re.compile(r"0[789]0[1-9]\d{7}"),
}


def _speaks_for(region: str, digits: str) -> bool:
    return region in _TYPICAL and _TYPICAL[region].fullmatch(digits) is not None


DETECTOR = PhoneDetector()
