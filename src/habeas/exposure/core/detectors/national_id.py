"""Numbers a state gives to a person: identity, insurance, tax, passport, driving licence.

A check digit alone proves nothing: of random nine-digit strings, 94 in 100 pass for the number of some country. A
number is taken only where a word for it, or its country, stands within sixty characters, or where its layout is
unmistakable. Digits and words are looked for first; python-stdnum is asked only about what is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

from habeas.exposure.core.detectors import Candidate, ScanContext
from habeas.exposure.core.normalise import NormalisedText
from habeas.exposure.core.spans import Taken

_REACH = 60


@dataclass(frozen=True, slots=True)
class IdKind:
    """One kind of number.

    name:    as a caseworker calls it; becomes the detail
    country: ISO 3166-1 alpha-2, "" where many countries use it
    shape:   regular expression of the number as written
    labels:  regular expression of its names; always in lower case, applied to lower-case text
    module:  python-stdnum module that checks it, or "" where nothing can be checked
    test:    what that module checks
    alone:   the layout is so particular that a number that passes its check needs no word beside it
    """

    name: str
    country: str
    shape: str
    labels: str
    module: str = ""
    alone: bool = False
    test: str = "the check digit holds"


_D = r"[ .\-]?"  # between groups

KINDS: tuple[IdKind, ...] = (
    IdKind(
        "US Social Security number",
        "US",
        r"(?!000|666|9\d\d)\d{3}([ \-]?)(?!00)\d\d\1(?!0000)\d{4}",
        r"ssn|s\.s\.n|social(?: sec(?:urity)?)?(?: (?:no|num|number))?|soc\b",
        "us.ssn",
        test="it lies in a range that is issued",
    ),
    IdKind(
        "US taxpayer number (ITIN)",
        "US",
        r"9\d{2}[ \-]?(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])[ \-]?\d{4}",
        r"itin|taxpayer id\w*|tax ?id",
        "us.itin",
        test="it lies in a range that is issued",
    ),
    IdKind(
        "Canadian Social Insurance Number",
        "CA",
        r"[1-79]\d{2}[ \-]?\d{3}[ \-]?\d{3}",
        r"sin\b|social insurance|assurance sociale|nas\b",
        "ca.sin",
    ),
    IdKind(
        "British National Insurance number",
        "GB",
        r"(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]",
        r"nino\b|national ins(?:urance)?|ni (?:no|number|num)|n\.i\.",
    ),
    IdKind("British NHS number", "GB", rf"\d{{3}}{_D}\d{{3}}{_D}\d{{4}}", r"nhs\b", "gb.nhs"),
    IdKind(
        "German tax identification number",
        "DE",
        r"[1-9]\d ?\d{3} ?\d{3} ?\d{3}",
        r"steuer-?(?:id\w*|nummer|nr)|idnr|tax id|tin\b|steuerliche id\w*",
        "de.idnr",
    ),
    IdKind(
        "German identity card number",
        "DE",
        r"[CFGHJKLMNPRTVWXYZ\d]{9}\d?D?",
        r"personalausweis\w*|ausweis(?:nummer|nr|-nr)?\b|perso\b",
    ),
    IdKind(
        "German pension insurance number",
        "DE",
        r"\d{2} ?\d{6} ?[A-Z] ?\d{3}",
        r"(?:sozial|renten)versicherungs\w*|sv-?n(?:umme)?r\b|rvnr",
    ),
    IdKind(
        "French social security number (NIR)",
        "FR",
        r"[1-478] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3}(?: ?\d{2})?",
        r"nir\b|s[ée]cu(?:rit[ée] sociale)?\b|n[°o]? ?(?:de )?s[ée]cu|insee|carte vitale",
        "fr.nir",
    ),
    IdKind(
        "Dutch citizen service number (BSN)",
        "NL",
        r"\d{3,4}[ .]?\d{2}[ .]?\d{3}|\d{9}",
        r"bsn\b|burgerservice\w*|sofi-?(?:nummer)?",
        "nl.bsn",
    ),
    IdKind(
        "Spanish identity number (DNI)",
        "ES",
        r"\d{1,2}\.?\d{3}\.?\d{3}[ \-]?[A-HJ-NP-TV-Z]",
        r"dni\b|d\.n\.i|nif\b|documento nacional",
        "es.dni",
    ),
    IdKind(
        "Spanish foreigner's number (NIE)", "ES", r"[XYZ][ \-]?\d{7}[ \-]?[A-HJ-NP-TV-Z]", r"nie\b|n\.i\.e", "es.nie"
    ),
    IdKind(
        "Italian tax code",
        "IT",
        r"[A-Z]{6} ?[0-9LMNP-V]{2} ?[ABCDEHLMPRST][0-9LMNP-V]{2} ?[A-Z][0-9LMNP-V]{3} ?[A-Z]",
        r"codice fiscale|cod\.? ?fisc\w*|c\.?f\.?\b",
        "it.codicefiscale",
        True,
    ),
    IdKind("Polish PESEL", "PL", r"\d{11}", r"pesel\w*", "pl.pesel"),
    IdKind("Polish tax number (NIP)", "PL", r"\d{3}-?\d{3}-?\d{2}-?\d{2}|\d{3}-\d{2}-\d{2}-\d{3}", r"nip\b", "pl.nip"),
    IdKind(
        "Swedish personal number",
        "SE",
        r"(?:19|20)?\d{6}[\-+]?\d{4}",
        r"person-?(?:nummer|nr)|personal (?:identity )?number|samordningsnummer|pnr\b",
        "se.personnummer",
    ),
    IdKind(
        "Danish CPR number",
        "DK",
        r"\d{6}[ \-]?\d{4}",
        r"cpr\b[ -]?(?:nummer|nr)?|personnummer",
        "dk.cpr",
        test="its date of birth is possible",
    ),
    IdKind(
        "Norwegian birth number",
        "NO",
        r"\d{6} ?\d{5}",
        r"f[øo]dsels(?:nummer|nr)|personnummer|fnr\b|d-nummer",
        "no.fodselsnummer",
    ),
    IdKind(
        "Finnish personal identity code",
        "FI",
        r"\d{6}[\-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]",
        r"hetu\b|henkil[öo]tunnus|sotu\b|personbeteckning",
        "fi.hetu",
        True,
    ),
    IdKind("Icelandic identity number", "IS", r"\d{6}-?\d{4}", r"kennit(?:ala|ölu)|kt\b", "is_.kennitala"),
    IdKind(
        "Belgian national number",
        "BE",
        r"\d{2}\.?\d{2}\.?\d{2}[ \-]?\d{3}\.?\d{2}",
        r"rijksregister\w*|registre national|num[ée]ro national|insz\b|niss\b|national number|rrn\b",
        "be.nn",
    ),
    IdKind("Irish PPS number", "IE", r"\d{7}[A-W][A-IW]?", r"pps[n]?\b|personal public service", "ie.pps"),
    IdKind(
        "Portuguese tax number (NIF)", "PT", r"[1-35-9]\d{2} ?\d{3} ?\d{3}", r"nif\b|contribuinte|n\.i\.f", "pt.nif"
    ),
    IdKind(
        "Portuguese citizen card number",
        "PT",
        r"\d{8} ?\d ?[A-Z]{2}\d",
        r"cart[ãa]o de cidad[ãa]o|cc\b|bilhete de identidade",
        "pt.cc",
    ),
    IdKind(
        "Austrian social insurance number",
        "AT",
        r"\d{4} ?\d{6}",
        r"svnr\b|vnr\b|sozialversicherung\w*|versicherungsnummer",
        "at.vnr",
    ),
    IdKind(
        "Swiss AHV number",
        "CH",
        r"756\.?\d{4}\.?\d{4}\.?\d{2}",
        r"ahv\w*|avs\b|sozialversicherung\w*|numéro avs",
        "ch.ssn",
        True,
    ),
    IdKind("Brazilian CPF", "BR", r"\d{3}\.?\d{3}\.?\d{3}[\-/ ]?\d{2}", r"cpf\b|cadastro de pessoa", "br.cpf"),
    IdKind("Brazilian identity card (RG)", "BR", r"\d{1,2}\.?\d{3}\.?\d{3}-?[\dX]", r"rg\b|registro geral"),
    IdKind(
        "Mexican CURP",
        "MX",
        r"[A-Z][AEIOUX][A-Z]{2}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[HMX][A-Z]{2}[B-DF-HJ-NP-TV-Z]{3}[A-Z\d]\d",
        r"curp\b",
        "mx.curp",
        True,
    ),
    IdKind(
        "Mexican RFC", "MX", r"[A-ZÑ&]{3,4}[ \-]?\d{6}[ \-]?[A-Z\d]{3}", r"rfc\b", "mx.rfc", test="its date is possible"
    ),
    IdKind("Argentine DNI", "AR", r"\d{1,2}\.?\d{3}\.?\d{3}", r"dni\b|documento"),
    IdKind("Argentine CUIT or CUIL", "AR", r"(?:20|23|24|27|30|33)-?\d{8}-?\d", r"cui[tl]\b", "ar.cuit"),
    IdKind("Chilean RUT", "CL", r"\d{1,2}\.?\d{3}\.?\d{3}-?[\dK]", r"rut\b|run\b", "cl.rut"),
    IdKind("Colombian cédula", "CO", r"\d{1,3}(?:\.?\d{3}){2,3}", r"c[ée]dula|c\.c\."),
    IdKind("Ecuadorian cédula", "EC", r"\d{10}", r"c[ée]dula|ci\b", "ec.ci"),
    IdKind("Peruvian DNI", "PE", r"\d{8}-?[\dA-K]?", r"dni\b", "pe.cui"),
    IdKind("Uruguayan cédula", "UY", r"\d\.?\d{3}\.?\d{3}-?\d", r"c[ée]dula|ci\b"),
    IdKind("Venezuelan cédula", "VE", r"[VE]-?\d{1,2}\.?\d{3}\.?\d{3}", r"c[ée]dula|ci\b"),
    IdKind("Indian Aadhaar number", "IN", r"[2-9]\d{3}[ \-]?\d{4}[ \-]?\d{4}", r"aadhaa?r|आधार|uidai", "in_.aadhaar"),
    IdKind(
        "Indian PAN",
        "IN",
        r"[A-Z]{3}[PCHABGJLFT][A-Z]\d{4}[A-Z]",
        r"pan\b|permanent account",
        "in_.pan",
        test="its letters are in use",
    ),
    IdKind("Indian voter number (EPIC)", "IN", r"[A-Z]{3}\d{7}", r"epic\b|voter id", "in_.epic"),
    IdKind(
        "Pakistani CNIC",
        "PK",
        r"\d{5}-?\d{7}-?\d",
        r"cnic\b|nic\b|identity card",
        "pk.cnic",
        test="its region is in use",
    ),
    IdKind(
        "Chinese resident identity number",
        "CN",
        r"[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]",
        r"身份证\w*|身分證\w*|identity (?:card|number)|id (?:card|number|no)",
        "cn.ric",
        True,
    ),
    IdKind("Taiwanese identity number", "TW", r"[A-Z][12489]\d{8}", r"身分證\w*|taiwan\w* id"),
    IdKind("Hong Kong identity card", "HK", r"[A-Z]{1,2}\d{6} ?\([\dA]\)", r"hkid|身份證\w*|identity card", "", True),
    IdKind(
        "Korean resident registration number",
        "KR",
        r"\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[ \-]?[1-8]\d{6}",
        r"주민(?:등록)?번호|주민등록|resident registration|rrn\b",
        "kr.rrn",
    ),
    IdKind("Japanese My Number", "JP", r"\d{4}[ \-]?\d{4}[ \-]?\d{4}", r"マイナンバー|個人番号|my number", "jp.in_"),
    IdKind("Singaporean NRIC or FIN", "SG", r"[STFGM]\d{7}[A-Z]", r"nric\b|fin\b|identity card"),
    IdKind(
        "Malaysian NRIC",
        "MY",
        r"\d{6}[ \-]?\d{2}[ \-]?\d{4}",
        r"nric\b|ic\b|mykad|kad pengenalan",
        "my.nric",
        test="its date and place of birth are possible",
    ),
    IdKind(
        "Thai identity number",
        "TH",
        r"\d[ \-]?\d{4}[ \-]?\d{5}[ \-]?\d{2}[ \-]?\d",
        r"เลข(?:ประจำตัว|บัตร)\w*|บัตรประชาชน|thai id|national id|id (?:card|number)",
        "th.pin",
    ),
    IdKind(
        "Indonesian NIK",
        "ID",
        r"\d{16}",
        r"nik\b|ktp\b|nomor induk",
        "id.nik",
        test="its date and place of birth are possible",
    ),
    IdKind("Vietnamese citizen number", "VN", r"\d{12}|\d{9}", r"cccd\b|cmnd\b|căn cước|chứng minh nhân dân"),
    IdKind("Philippine identity number", "PH", r"\d{4}-?\d{4}-?\d{4}(?:-?\d{4})?", r"philsys|philid|umid|sss\b"),
    IdKind(
        "South African identity number",
        "ZA",
        r"\d{6} ?\d{4} ?[01]\d{2}",
        r"id (?:number|no|num|nr)|identity number|rsa id|sa id|id\b",
        "za.idnr",
    ),
    IdKind("Nigerian identification number", "NG", r"\d{11}", r"nin\b|bvn\b|national identification"),
    IdKind("Kenyan identity number", "KE", r"\d{7,8}", r"kenyan? id|kitambulisho"),
    IdKind("Egyptian national number", "EG", r"[23]\d{13}", r"الرقم القومي|national id"),
    IdKind("Turkish identity number", "TR", r"[1-9]\d{10}", r"tc(?:kn)?\b|t\.c\.|kimlik\w*", "tr.tckimlik"),
    IdKind(
        "Israeli identity number",
        "IL",
        r"\d{8,9}",
        r"תעודת זהות|ת[\"']?ז|teudat zehut|israeli id|t\.?z\.?\b",
        "il.idnr",
    ),
    IdKind("Emirates identity number", "AE", r"784-?\d{4}-?\d{7}-?\d", r"emirates id|هوية", "", True),
    IdKind("Saudi identity number", "SA", r"[12]\d{9}", r"iqama|هوية|رقم الهوية|saudi id"),
    IdKind("Iranian national code", "IR", r"\d{3}-?\d{6}-?\d", r"کد ملی|شماره ملی|melli"),
    IdKind("Australian tax file number", "AU", r"\d{3} ?\d{3} ?\d{2,3}", r"tfn\b|tax file", "au.tfn"),
    IdKind("Australian Medicare number", "AU", r"[2-6]\d{3} ?\d{5} ?\d(?:[ \-/]?\d)?", r"medicare"),
    IdKind("New Zealand IRD number", "NZ", r"\d{2,3}[ \-]?\d{3}[ \-]?\d{3}", r"ird\b", "nz.ird"),
    IdKind("Romanian CNP", "RO", r"[1-9]\d{12}", r"cnp\b|cod numeric", "ro.cnp"),
    IdKind("Czech birth number", "CZ", r"\d{6}/?\d{3,4}", r"rodn[éeý]\w* [čc][íi]sl\w*|r\.?[čc]\.?", "cz.rc"),
    IdKind("Slovak birth number", "SK", r"\d{6}/?\d{3,4}", r"rodn[éeý]\w* [čc][íi]sl\w*", "sk.rc"),
    IdKind("Bulgarian EGN", "BG", r"\d{10}", r"egn\b|егн", "bg.egn"),
    IdKind("Estonian personal code", "EE", r"[1-8]\d{10}", r"isikukood\w*|personal code", "ee.ik"),
    IdKind("Lithuanian personal code", "LT", r"[1-6]\d{10}", r"asmens kod\w*|personal code", "lt.asmens"),
    IdKind("Latvian personal code", "LV", r"\d{6}-?\d{5}", r"personas kod\w*|personal code"),
    IdKind("Croatian OIB", "HR", r"\d{11}", r"oib\b", "hr.oib"),
    IdKind("Slovenian EMŠO", "SI", r"\d{13}", r"em[šs]o\b", "si.emso"),
    IdKind("Serbian JMBG", "RS", r"\d{13}", r"jmbg\b|јмбг"),
    IdKind("Hungarian tax number", "HU", r"8\d{9}", r"ad[óo]azonos[íi]t[óo]\w*"),
    IdKind("Hungarian social security number (TAJ)", "HU", r"\d{3}[ \-]?\d{3}[ \-]?\d{3}", r"taj\b"),
    IdKind("Greek AMKA", "GR", r"\d{11}", r"amka\b|αμκα", "gr.amka"),
    IdKind("Greek tax number (AFM)", "GR", r"\d{9}", r"afm\b|αφμ|α\.φ\.μ", "gr.vat"),
    IdKind("Ukrainian tax number", "UA", r"\d{10}", r"іпн|рнокпп|идентификационный код|ідентифікаційн\w*", "ua.rntrc"),
    IdKind("Russian tax number (INN)", "RU", r"\d{12}", r"inn\b|инн", "ru.inn"),
    IdKind("Russian pension number (SNILS)", "RU", r"\d{3}-?\d{3}-?\d{3}[ \-]?\d{2}", r"снилс|snils"),
    IdKind("Russian passport", "RU", r"\d{2} ?\d{2} ?\d{6}", r"паспорт\w*"),
    IdKind(
        "passport number",
        "",
        r"(?=[A-Z]{0,3}\d|[A-Z0-9]*\d{3})[A-Z0-9]{1,3}[ \-]?\d{5,8}[A-Z]?|[A-Z0-9]{2}\d{2}[A-Z]{2}\d{5}|"
        r"[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ\d]{8}",
        r"passports?|pasaporte|passeport|passaporto|passaporte|reisepass\w*|paspoort\w*|paszport\w*|pasaport\w*|"
        r"pass-?(?:nummer|nr)|paspor\b|护照\w*|パスポート|여권|جواز",
    ),
    IdKind(
        "driving licence number",
        "",
        r"[A-Z]{0,5}-?\d(?:[A-Z0-9]|[ \-](?=[A-Z]?\d)){4,17}",
        r"driv(?:er'?s?|ing) ?licen[cs]e|driver'?s? id|dl\b ?(?:no|number|#|:)|f[üu]hrerschein\w*|permis de "
        r"conduire|"
        r"carn[eé] de conducir|licencia de conducir|patente di guida|rijbewijs\w*|prawo jazdy|carta de "
        r"condu[çc][ãa]o|cnh\b|k[öo]rkort\w*",
    ),
)

# Words that name a national number without saying whose: then the region hints and the check digit must agree.
_GENERIC = re.compile(
    r"(?<![a-z0-9])(?:(?:national|personal|citizen|identity|identification|tax|social|insurance) ?(?:id|identity|"
    r"identification|insurance|security)?"
    r"(?: (?:card|number|no|num|code))|\bid(?: card)? ?(?:number|no|num|nr|#)|\bid ?[:#]|documento(?: de "
    r"identidad)?|carta d'identit[àa]|"
    r"carte d'identité|pi[èe]ce d'identité|num[ée]ro d'identité)"
)

# A caseworker's country words, for generic labels.
_COUNTRY_WORDS: dict[str, str] = {
    "US": r"u\.?s\.?a?\b|american|united states", "GB": r"\buk\b|british|britain|united kingdom",
    "DE": r"german|deutsch", "FR": r"french|france|français",
    "NL": r"dutch|netherlands|nederland", "ES": r"spanish|spain|españ", "IT": r"italian|italy|italia",
    "PL": r"polish|poland|polsk", "SE": r"swed|sverige|svensk",
    "DK": r"danish|denmark|dansk", "NO": r"norw|norge|norsk", "FI": r"finn|finland|suom", "BE": r"belgi",
    "IE": r"irish|ireland", "PT": r"portug",
    "AT": r"austria|österreich", "CH": r"swiss|switzerland|schweiz|suisse", "BR": r"brazil|brasil",
    "MX": r"mexic|méxic", "AR": r"argentin", "CL": r"chile",
    "CO": r"colombia", "IN": r"\bindia", "CN": r"chin[ae]|中国", "TW": r"taiwan|台灣|臺灣", "KR": r"korea|한국",
    "JP": r"japan|日本", "SG": r"singapor", "TH": r"thai",
    "ID": r"indonesia", "MY": r"malaysia", "ZA": r"south africa", "TR": r"turk|türk", "IL": r"israel",
    "AU": r"australia", "NZ": r"new zealand", "CA": r"canad",
    "RO": r"romania|român", "CZ": r"czech|česk", "SK": r"slovak|slovensk", "BG": r"bulgaria", "EE": r"eston|eesti",
    "LT": r"lithuan|lietuv", "LV": r"latvia",
    "HR": r"croatia|hrvat", "SI": r"sloven", "RS": r"serbia|srbij", "GR": r"greek|greece|ελλ",
    "UA": r"ukrain|україн", "RU": r"russia|росси", "PK": r"pakistan",
}  # fmt: skip

# Enough digits close together to be a number at all.
_DIGIT_SPOT = re.compile(r"(?:\d[ .\-/+()]{0,2}[A-Za-z]{0,4}[ .\-/()]?){4,40}+")
_SSN_LAYOUT = re.compile(r"(?<![\w.+\-/])(?!000|666|9\d\d)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?![\w]|-\d)")
_OTHER_NUMBER = re.compile(
    r"\b(?:order|invoice|tracking|ref|reference|isbn|case|ticket|serial|part|model|version|build|item|"
    r"sku)\b[^\d]{0,14}$"
)
# Sample numbers that were printed on cards and forms; they belong to nobody.
_SSN_SAMPLES = frozenset({"078-05-1120", "219-09-9999", "457-55-5462"})


@lru_cache(maxsize=128)
def _shape(kind: IdKind) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9])(?:{kind.shape})(?![A-Za-z0-9])", re.IGNORECASE)


@lru_cache(maxsize=1)
def _labels() -> tuple[re.Pattern[str], tuple[tuple[re.Pattern[str], IdKind], ...]]:
    """(any label at all, label of each kind)"""
    each = tuple((re.compile(kind.labels), kind) for kind in KINDS)
    return re.compile(r"(?<![a-z0-9\u00e0-\u024f])(?:" + "|".join(kind.labels for kind in KINDS) + ")"), each


@lru_cache(maxsize=128)
def _checker(module: str) -> Any:
    try:
        return import_module(f"stdnum.{module}")
    except ModuleNotFoundError:
        return None


def _check_digit_holds(kind: IdKind, value: str) -> bool | None:
    """Whether the number passes the country's check; None where there is no check to ask."""
    if not kind.module:
        return None
    checker = _checker(kind.module)
    return None if checker is None else bool(checker.is_valid(value))


class NationalIdDetector:
    """Value: letters and digits only, in capitals. Detail: which number it is."""

    name = "national_id"

    def find(self, text: NormalisedText, context: ScanContext) -> Iterator[Candidate]:
        plain, lower = text.text, text.lower
        taken = Taken()
        for candidate in self._labelled(plain, lower, context):
            if taken.take(candidate.start, candidate.end):
                yield candidate
        for candidate in _by_layout(plain, lower):
            if taken.take(candidate.start, candidate.end):
                yield candidate

    def _labelled(self, plain: str, lower: str, context: ScanContext) -> Iterator[Candidate]:
        any_label, each_label = _labels()
        for stretch_start, stretch_end in _stretches(plain):
            stretch = lower[stretch_start:stretch_end]
            found: list[tuple[float, int, Candidate]] = []
            for spot in any_label.finditer(stretch):
                for pattern, kind in each_label:
                    label = pattern.match(stretch, spot.start())
                    if label:
                        found.extend(_beside(plain, kind, (stretch_start + label.start(), stretch_start + label.end())))
            for label in _GENERIC.finditer(stretch):
                place = stretch_start + label.start(), stretch_start + label.end()
                found.extend(_generic(plain, lower, place, context))
            # Two countries may share a word and a layout: then the one the case points to.
            found.sort(key=lambda one: (-one[0], _country_rank(one[2], context), one[1], one[2].start, one[2].detail))
            for _, _, candidate in found:
                yield candidate


_COUNTRY_OF = {kind.name: kind.country for kind in KINDS}


def _country_rank(candidate: Candidate, context: ScanContext) -> int:
    country = _COUNTRY_OF[candidate.detail]
    return context.regions.index(country) if country in context.regions else len(context.regions)


def _stretches(plain: str) -> list[tuple[int, int]]:
    """The parts of the text within reach of digits, merged."""
    merged: list[tuple[int, int]] = []
    for spot in _DIGIT_SPOT.finditer(plain):
        start, end = max(0, spot.start() - _REACH), min(len(plain), spot.end() + _REACH)
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _beside(plain: str, kind: IdKind, label: tuple[int, int]) -> Iterator[tuple[float, int, Candidate]]:
    """(weight, distance, candidate): the nearest number of the kind after its label, else before it."""
    start, end = label
    after = _shape(kind).search(plain, end, min(len(plain), end + _REACH + 30))
    if after and after.start() - end <= _REACH and not _crosses_line(plain, end, after.start()):
        yield from _accept(kind, after, after.start() - end, plain)
        return
    before = max(_shape(kind).finditer(plain, max(0, start - _REACH), start), key=re.Match.end, default=None)
    if before and start - before.end() <= 25 and not _crosses_line(plain, before.end(), start):
        yield from _accept(kind, before, start - before.end() + 5, plain)


def _crosses_line(plain: str, start: int, end: int) -> bool:
    """Two lines on, a label no longer speaks of the digits."""
    return plain.count("\n", start, end) > 1


def _accept(kind: IdKind, match: re.Match[str], distance: int, plain: str) -> Iterator[tuple[float, int, Candidate]]:
    written = match.group()
    if sum(map(str.isdigit, written)) < 4:
        return
    holds = _check_digit_holds(kind, written)
    if holds:
        confidence, reason = 0.97, f"a {kind.name}: the word for it stands beside it, and {kind.test}"
    elif holds is None:
        confidence, reason = (
            (0.88 if distance <= 25 else 0.7),
            f"a {kind.name}: right layout beside the word for it (it has no check digit that we could test)",
        )
    elif distance <= 25:
        confidence, reason = (
            0.6,
            f"probably a {kind.name}: the word for it stands beside it, but its check digit does not hold",
        )
    else:
        return
    yield confidence, distance, _candidate(kind, match, confidence, reason)


def _candidate(kind: IdKind, match: re.Match[str], confidence: float, reason: str) -> Candidate:
    value = re.sub(r"[^A-Z0-9]", "", match.group().upper())
    return Candidate("national_id", match.start(), match.end(), value, kind.name, confidence, _article(reason))


def _article(reason: str) -> str:
    return re.sub(r"\ba (?=[AEIOaeio])", "an ", reason, count=1)


def _generic(
    plain: str, lower: str, label: tuple[int, int], context: ScanContext
) -> Iterator[tuple[float, int, Candidate]]:
    start, end = label
    nearby = lower[max(0, start - _REACH) : end + _REACH]
    named = [country for country, words in _COUNTRY_WORDS.items() if re.search(words, nearby)]
    for kind in KINDS:
        if not kind.module or (kind.country not in named and kind.country not in context.regions):
            continue
        match = _shape(kind).search(plain, end, min(len(plain), end + _REACH))
        if match and match.start() - end <= 30 and _check_digit_holds(kind, match.group()):
            cue = "the text names the country" if kind.country in named else "the case points to the country"
            reason = f"a {kind.name}: it follows a general word for such numbers, {cue}, and {kind.test}"
            yield 0.85, match.start() - end, _candidate(kind, match, 0.85, reason)


_ALONE = tuple(kind for kind in KINDS if kind.alone)


def _by_layout(plain: str, lower: str) -> Iterator[Candidate]:
    for match in _SSN_LAYOUT.finditer(plain):
        if match.group() in _SSN_SAMPLES or len(set(match.group())) < 4:
            continue
        if _OTHER_NUMBER.search(lower, max(0, match.start() - 30), match.start()):
            continue
        reason = "digits in the layout of a US Social Security number, in a range that is issued"
        yield Candidate(
            "national_id",
            match.start(),
            match.end(),
            match.group().replace("-", ""),
            "US Social Security number",
            0.85,
            reason,
        )
    for kind in _ALONE:
        for match in _alone_shape(kind).finditer(plain):
            holds = _check_digit_holds(kind, match.group())
            if holds or (holds is None and _letters_make_it(kind, match.group())):
                checked = f", and {kind.test}" if holds else ""
                yield _candidate(
                    kind, match, 0.93 if holds else 0.85, f"a {kind.name}: nothing else has this layout{checked}"
                )


@lru_cache(maxsize=32)
def _alone_shape(kind: IdKind) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.\-/])(?:{kind.shape})(?![\w]|-\w)", re.IGNORECASE)


def _letters_make_it(kind: IdKind, written: str) -> bool:
    return "(" in written or written.startswith("784-")


DETECTOR = NationalIdDetector()
