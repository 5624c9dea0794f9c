"""Workplace, school and family: told by a phrase, so the span is the phrase with the thing it names.

Only phrases that tie the thing to a person count: "works at Hillside Clinic", "her daughter Mia, 7", "School: …". A
school or a company that is merely mentioned does not. A bare "his wife" identifies nobody and is left out.

Habits ("every morning", "gym at 6am", "usually parks at") are no kind of their own. ``routines`` finds them, for
``gravity``, because an address with a habit tells when somebody is there; a workplace or school phrase with one on its
line says "with a routine" in its ``detail``.

``detail``: "employer" or "colleague" for workplaces, "school" for schools, the relation for family ("parent", "spouse",
"child", "sibling", "partner", "relative"), each with ", minor" or ", with a routine" where the phrase says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from habeas.exposure.core.detectors import Candidate, ScanContext
from habeas.exposure.core.detectors.name import fold
from habeas.exposure.core.model import Kind
from habeas.exposure.core.normalise import NormalisedText
from habeas.exposure.core.spans import Taken


def _words_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


_LINE = r"(?:^|(?<=[\n|;•]))[ \t\-–*•>#=~_\[(]{0,8}"
_COLON = r"[ \t]{0,2}(?:\([^)\n]{1,20}\))?[ \t.]{0,20}(?::|=|：)[ \t]{0,6}"
_VALUE = r"(?P<named>[^\n|;]{2,80})"

# What is named after "works at": words up to a stop word or a mark.
_THING = r"(?P<named>[^\W_][^\n,;:!?()\"“”|]{1,70})"

_WORKPLACE_LABEL = re.compile(
    _LINE + r"(?:(?:current|place\sof)\s)?(?:employer|work(?:place|s\sat|s\sfor)?|job|company|office"
            r"|workplace\saddress|employment"
    r"|arbeitgeber|arbeitsplatz|arbeitsstelle|arbeitet\sbei|firma|employeur|(?:lieu\sde\s)?travail|travaille\schez"
    r"|entreprise"
    r"|empleador|(?:lugar\sde\s)?trabajo|trabaja\sen|empresa|werkgever|werk|werkt\sbij|datore\sdi\slavoro"
    r"|(?:posto\sdi\s)?lavoro|lavora\spresso"
    r"|empregador|(?:local\sde\s)?trabalho|pracodawca|miejsce\spracy|arbetsgivare|arbetsplats|arbejdsplads"
    r"|arbeidsgiver)"
    + _COLON + _VALUE,
    re.IGNORECASE,
)  # fmt: skip
_WORKPLACE = re.compile(
    r"\b(?:where\s(?:he|she|they)\sworks?\s?[:,\-–]|(?:works?|working|worked|is\semployed|got\sa\sjob|has\sa\sjob|teaches|nurse|teacher|manager|cashier"
    r"|clerk|engineer|waiter|waitress|bartender)"
    r"(?:\sas\s[^\n.,;]{2,30}?)?\s(?:at|for)"
    r"|(?:arbeitet|arbeite|jobbt|angestellt)(?:\s(?:jetzt|seit\s\w{1,12}(?:\sjahren)?"
    r"|als\s[^\n.,;]{2,25}?))?\s(?:bei(?:m)?|für|am|im|an\sder)"
    r"|(?:travaille(?:nt)?|bosse|employée?)(?:\scomme\s[^\n.,;]{2,25}?)?\s(?:chez|à|au|aux|pour|dans)"
    r"|(?:trabaja|trabajan|empleada?o?|curra)(?:\s(?:como|de)\s[^\n.,;]{2,25}?)?\s(?:en|para)"
    r"|(?:werkt|werken|werkzaam)(?:\sals\s[^\n.,;]{2,25}?)?\s(?:bij|voor|op|in)"
    r"|(?:lavora|lavorano)(?:\scome\s[^\n.,;]{2,25}?)?\s(?:presso|da|per|alla|al|in)"
    r"|(?:trabalha|trabalham)(?:\scomo\s[^\n.,;]{2,25}?)?\s(?:na|no|em|para)"
    r"|pracuje\s(?:w|dla)|(?:jobbar|arbetar)\s(?:på|hos|för)|(?:arbejder|arbeider|jobber)\s(?:hos|på|for))\s" + _THING
)
_COLLEAGUE = re.compile(
    r"\b(?:(?:his|her|their)\s(?:boss|manager|employer|workplace|supervisor|hr(?:\sdepartment)?|co-?workers?|work"
    r"|office)"
    r"|(?:sein|ihr|deren|dessen)(?:e|en|em)?\s(?:chef(?:in)?|arbeitgeber|arbeitsplatz|firma|kollegen|büro"
    r"|vorgesetzter?)"
    r"|(?:son|sa|ses|leur)\s(?:patronn?e?|employeur|bureau|boulot|entreprise|chef|collègues)"
    r"|sus?\s(?:jef[ea]|empresa|trabajo|empleador|oficina|compañeros\sde\strabajo)|(?:zijn|haar)\s(?:baas"
    r"|werkgever|kantoor|werk|collega's)"
    r"|(?:il\ssuo|la\ssua)\s(?:capo|datore\sdi\slavoro|ufficio|azienda)|(?:o\sseu|a\ssua|seu|sua)\s(?:chefe|patrão"
    r"|empregador|empresa|trabalho))"
    r"(?:\s(?:is|at|are|is\scalled|heißt|ist|ist\sbei(?:\sder)?|bei|est|à|chez|es|en|se\sllama|is|bij|heet|è|a|é"
    r"|na|no))\s" + _THING
)

_SCHOOLS = (
    r"(?:(?:high|middle|primary|elementary|secondary|grammar|nursery|grade|prep|boarding)\s)?(?:schools?|academy"
    r"|kindergarten|pre-?school|day-?care|nursery|college|university|uni|elementary|creche)"
    r"|(?:\w{0,20}(?:schule|gymnasium|kindergarten|kita|hort|universität)|uni|hochschule)"
    r"|(?:l['’])?(?:école|ecole|collège|lycée|maternelle|crèche|université)|(?:colegio|escuela|instituto|guardería"
    r"|universidad)"
    r"|(?:\w{0,20}school|kinderopvang|lyceum|universiteit)|(?:scuola|liceo|asilo|università)|(?:escola|colégio"
    r"|creche|universidade)|(?:szkoły|szkoła|przedszkola|liceum)"
)
_SCHOOL_LABEL = re.compile(
    _LINE + r"(?:(?:kids?|children|daughter|son|high|primary|elementary)(?:['’]s|s)?\s)?(?:schools?|university"
            r"|college|kindergarten|daycare|nursery|kita|schule|école|lycée|collège|université|colegio|escuela"
            r"|universidad|scuola|università|escola|universidade|szkoła|skola|skole)"
    + _COLON + _VALUE,
    re.IGNORECASE,
)  # fmt: skip
_SCHOOL = re.compile(
    r"\b(?P<verb>(?:goes|go|going|went|attends?|attending|attended|enrolled|studies|studying|student|pupil|drops?"
    r"|picks?|dropped|collects?)"
    r"|(?:geht|gehen|besucht|besuchen|schüler(?:in)?|studiert|eingeschult)|(?:va|vont|scolarisée?s?|étudie"
    r"|inscrite?s?|élève)"
    r"|(?:va|van|estudia|estudian|asiste|asisten|matriculad[oa]s?)|(?:gaat|gaan|zit|zitten|studeert)|(?:va|vanno"
    r"|frequenta|frequentano|studia)|(?:estuda|estudam|frequenta|vai)|(?:chodzi|chodzą))\b"
    r"(?P<named>[^\n.,;:!?()\"]{1,60}?\b(?:" + _SCHOOLS + r"))(?![^\W_])"
)
_SCHOOL_MORE = re.compile(r"(?:\s(?:of|de|du|von|am|an\sder|in|i)?\s?[A-ZÀ-Þ][\w'’\-]+){1,4}")
_BARE_SCHOOL = re.compile(
    r"(?:grund|haupt|real|hoch|gesamt|volks|berufs|musik|tanz|fahr|abend|förder)?(?:schule|gymnasium|kindergarten"
    r"|kita|hort|universität|uni|school|college|university)"
)
_SCHOOL_NAMED = re.compile(
    r"\b(?:[Hh]is|[Hh]er|[Tt]heir|[Kk]ids?|[Cc]hildren|[Dd]aughter|[Ss]on|[Ss]tudent|[Pp]upil"
    r"|[Pp]ick(?:ed)?[\s\-]up|[Dd]rop[\s\-]?off)\b[^\n.!?]{0,50}?"
    r"\b(?P<named>[A-ZÀ-Þ][\w'’.\-]+(?:\s[A-ZÀ-Þ][\w'’.\-]+){0,3}\s"
    r"(?:Elementary|Primary|Middle|High|Secondary|Grammar|Academy|Kindergarten|Nursery|Daycare|Preschool|School"
    r"|Grundschule"
    r"|Gymnasium|Realschule|Kita)(?:\sSchool)?)\b"
)
_CHILDREN = r"(?:his|her|their|the)\s(?:kids?|children|son|daughter)"
_SCHOOL_RUN = re.compile(
    r"\b(?:school\srun|(?:school\s)?pick[\s\-]?up\s(?:is\s)?at\s\d{1,2}(?::\d\d)?(?:\s?[ap]m)?"
    r"|(?:picks?|collects?)\s(?:up\s)?" + _CHILDREN + r"(?:\sup)?(?:\sfrom\s\w{1,20}(?:\s\w{1,20})?)?"
    r"(?:\s(?:every\sday\s)?at\s\d{1,2}(?::\d\d)?(?:\s?[ap]m)?)?)\b"
)

# Kin words: language forms -> relation. "c" marks words for children, who may be minors.
_KIN = {
    "spouse": (
        "wife|husband|spouse|hubby|ehefrau|ehemann|ehepartner|femme|mari|épouse|époux|mujer|esposa|esposo|marido"
        "|vrouw|echtgenoot|echtgenote|moglie|marito|mulher|żona|mąż|fru"
    ),
    "partner": (
        "girlfriend|boyfriend|fianc[eé]e?|partner|ex-wife|ex-husband|ex-girlfriend|ex-boyfriend|freundin"
        "|lebensgefährtin|lebensgefährte|verlobte|copine|copain|compagne|compagnon|novia|novio|pareja|vriendin"
        "|vriend|fidanzata|fidanzato|namorada|namorado"
    ),
    "parent": (
        "mother|father|mom|mum|mommy|dad|daddy|parents|stepmother|stepfather|mutter|vater|mama|papa|eltern|mère"
        "|père|maman|parents|madre|padre|padres|mamá|papá|moeder|vader|ouders|genitori|mamma|mãe|pai|pais|matka"
        "|ojciec|rodzice|mamma|pappa"
    ),
    "child": (
        "son|daughter|kids?|child|children|baby|toddler|stepson|stepdaughter|sohn|tochter|kind|kinder|baby|fils"
        "|fille|enfants?|bébé|hij[oa]s?|niñ[oa]s?|bebé|zoon|dochter|kinderen|figli[oa]?|bambin[oai]|filh[oa]s?"
        "|syn|córka|dzieci|dotter|datter|barn"
    ),
    "sibling": (
        "brother|sister|siblings?|bruder|schwester|geschwister|frère|sœur|soeur|herman[oa]s?|broer|zus|zusje"
        "|fratello|sorella|irmão|irmã|brat|siostra|bror|syster|søster"
    ),
    "relative": (
        "grandmother|grandfather|grandma|grandpa|grandparents|aunt|uncle|cousin|nephew|niece|in-laws"
        "|mother-in-law|oma|opa|tante|onkel|cousine|grand-mère|grand-père|oncle|abuel[oa]s?|t[ií][oa]|prim[oa]"
        "|nonn[oai]|zi[oa]|avós?|avó|tia|tio|family|familie|famille|familia|famiglia|relatives"
    ),
}  # fmt: skip
_RELATION = [(relation, re.compile(r"(?:" + words + r")$", re.IGNORECASE)) for relation, words in _KIN.items()]
_ANY_KIN = "|".join(_KIN.values())
_KIN_NAME = r"[A-ZÀ-ÖØ-ÞŁŚŻŠŽČ][^\W\d_]+(?:[\-'’][A-ZÀ-Þ]?[^\W\d_]+)?"
_AGE = (
    r"(?:,?\s?\(?(?:aged?\s|is\s)?(?P<age>\d{1,2})(?!\d|[:.]\d|\s?(?:am|pm|%|km|st\b|th\b))"
    r"(?:\s?(?:years?\sold|yrs?|y/?o|jahre(?:\salt)?|ans|años|jaar|anni|anos|lat|år)\b)?\)?)"
)
_FAMILY = re.compile(
    r"\b(?P<owner>his|her|their|my|our|\w[\w\-]{1,30}['’]s|sein(?:e[nrm]?)?|ihr(?:e[nrm]?)?|deren|dessen"
    r"|mein(?:e[nrm]?)?"
    r"|son|sa|ses|leurs?|mon|ma|mes|sus?|mis?|zijn|haar|hun|mijn|(?:il|la|i|le)\s(?:suo|sua|suoi|sue|mio|mia)"
    r"|su[oa]|suoi"
    r"|seus?|suas?|meus?|minhas?|jego|jej|hans|hennes|hendes)\s"
    r"(?:(?:little|young(?:er|est)?|old(?:er|est)?|elderly|step|kleine[rn]?|jüngste[rn]?|petite?|pequeñ[oa]|oude"
    r"|eldest|two"
    r"|three|twin|\d)\s){0,2}"
    r"(?P<kin>" + _ANY_KIN + r")\b"
    r"(?:(?P<contact>['’]s\s(?:name|number|phone|cell|address|house|school|work(?:place)?|email|facebook|instagram)"
    r"(?:\s(?:is|:))?\s?)|,?\s(?:(?:is\s)?(?:named|called)|is|names?(?:\sis)?|heißt|namens|s['’]appelle|appelée?"
    r"|se\sllama"
    r"|llamad[oa]|heet|genaamd|si\schiama|chama-se|chamad[oa]|ma\sna\simię))?"
)
_FAMILY_REST = re.compile(
    r"(?P<name>,?\s?\(?" + _KIN_NAME + r"(?:\s" + _KIN_NAME + r")?"
    r"(?:,?\s(?:and|und|et|y|en|e|i|&)\s" + _KIN_NAME + r"(?:\s" + _KIN_NAME + r")?)?)?" + _AGE + r"?"
)
_FAMILY_APPOSED = re.compile(
    r"\b(?P<kin>daughter|son|wife|husband|mother|father|sister|brother|Tochter|Sohn|Ehefrau|Ehemann|Mutter|Vater"
    r"|Schwester|Bruder|fille|fils|hija|hijo|dochter|zoon|figlia|figlio|filha"
    r"|filho)\s(?P<name>(?-i:[A-ZÀ-Þ])[^\W\d_]+(?:\s(?-i:[A-ZÀ-Þ])[^\W\d_]+)?)" + _AGE,
    re.IGNORECASE,
)
_FAMILY_LABEL = re.compile(
    _LINE
    + r"(?P<kin>"
    + _ANY_KIN
    + r"|maiden)(?:['’]?s)?(?:\s?(?:/\s?\w{2,12}|name|names|info|number|phone|address))?"
    + _COLON
    + _VALUE,
    re.IGNORECASE,
)
_STOP_AFTER = re.compile(
    r"\s(?:and|but|who|every|on|as|since|because|which|where|from|until|when|while|so|if|near|in\sthe|with|he|she"
    r"|they|his|her|their|und|aber|wo|seit|jeden|et|mais|où|depuis|tous|y|pero|donde|desde|todos|en\s(?:hij|zij)"
    r"|maar|waar|sinds|elke|ma|dove|ogni|mas|onde|call|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    r"|mon|fri|now|please|lol|btw|wohnt|habite|vive|woont|lives)\b",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"(?:me|you|him|them|us|it|everyone|everybody|anyone|free|night|home|all|least|best|times|once|scale|now"
    r"|a\sliving|that|this|what|both|most|some|any|the\s(?:moment|time|same|most|best|first|last|end|weekend)"
    r"|her\b|his\b|my\b|our\b|your\b|their\b|days?|hours?|years?|months?|weeks?|lui|moi|toi|eux|mí|ti|él|mij|jou"
    r"|den\s(?:moment|meisten)|n/?a|none|unknown|unemployed|\d)",
    re.IGNORECASE,
)
_NOT_A_PERSON_WORKS = re.compile(
    r"\b(?:it|this|that|which|what|nothing|method|trick|solution|code|system|button|link|app|phone|also|only)\s$",
    re.IGNORECASE,
)

ROUTINE = re.compile(
    r"\b(?:(?:every|each)\s(?:single\s)?(?:morning|evening|night|afternoon|day|week|weekday|weekend|monday|tuesday"
    r"|wednesday|thursday|friday|saturday|sunday)"
    r"|(?:usually|always|often)\s(?:parks?|walks?|runs?|jogs?|goes|leaves|gets|takes|comes|sits|eats|drinks|shops"
    r"|trains|alone)"
    r"|(?:gym|walks?\s(?:his|her|the|their)\sdog|jogs?|runs?|leaves?(?:\s(?:home|work|for\swork|the\shouse))?"
    r"|gets?\s(?:home|off\swork)|home\salone|shift\s(?:starts|ends))\s(?:at|around|from"
    r"|by)\s\d{1,2}(?::\d\d)?\s?(?:[ap]\.?m\.?|o['’]clock)?"
    r"|(?:jeden|immer\sam|täglich)\s(?:morgen|abend|tag|montag|dienstag|mittwoch|donnerstag|freitag|samstag"
    r"|sonntag|um)|(?:parkt|joggt|läuft)\s(?:immer|meistens|jeden)"
    r"|(?:tous\sles|chaque)\s(?:matins?|soirs?|jours?|lundis?|mardis?|mercredis?|jeudis?|vendredis?|samedis?"
    r"|dimanches?)"
    r"|(?:cada|todos\slos|todas\slas)\s(?:mañanas?|tardes?|noches?|días?|lunes|martes|miércoles|jueves|viernes"
    r"|sábados?|domingos?)"
    r"|(?:elke|iedere)\s(?:ochtend|avond|dag|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag)"
    r"|(?:ogni|tutte\sle|tutti\si)\s(?:mattin[ae]|ser[ae]|giorn[oi]|lunedì|martedì|mercoledì|giovedì|venerdì"
    r"|sabato|domenica)|(?:toda|todas\sas|todos\sos)\s(?:manhãs?|noites?|dias?|segunda|terça|quarta|quinta"
    r"|sexta))\b",
)


def routines(text: str) -> list[tuple[int, int]]:
    """Start and end of every habit the text tells ("every morning", "gym at 6am"), in its lower case."""
    return [match.span() for match in ROUTINE.finditer(text.lower())]


def _named(text: str, start: int, end: int) -> int:
    """Where the thing named in ``text[start:end]`` ends: before a stop word, a sentence end, or after six words."""
    piece = text[start:end]
    stop = _STOP_AFTER.search(piece)
    if stop:
        piece = piece[: stop.start()]
    sentence = re.search(r"[.](?=\s|$)", piece)
    while sentence and re.search(r"\b(?:St|Dr|Inc|Ltd|Co|Corp|Mr|Mrs)$", piece[: sentence.start()]):
        sentence = re.compile(r"[.](?=\s|$)").search(piece, sentence.end())
    if sentence:
        piece = piece[: sentence.start()]
    words = list(re.finditer(r"\S+", piece))
    if not words:
        return start
    first = next(
        (
            w
            for w in words
            if w.group().lower()
            not in {
                "the",
                "a",
                "an",
                "der",
                "dem",
                "den",
                "die",
                "das",
                "la",
                "le",
                "el",
                "los",
                "las",
                "de",
                "het",
                "il",
                "l'",
            }
        ),
        words[0],
    )
    most = 6
    if first.group()[0].isupper() or first.group()[0].isdigit():
        last = first
        for word in words[words.index(first) + 1 :][:most]:
            if word.group()[0].isupper() or word.group().lower() in {
                "of",
                "the",
                "&",
                "for",
                "de",
                "du",
                "des",
                "la",
                "der",
                "und",
                "van",
                "del",
                "di",
                "da",
                "do",
                "e",
            }:
                last = word if word.group()[0].isupper() else last
            else:
                break
        return start + last.end()
    last = words[min(len(words), words.index(first) + 3) - 1]
    return start + last.end()


def _with_routine(text: str, start: int, end: int) -> str:
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    line = text[max(line_start, start - 120) : min(line_end if line_end >= 0 else len(text), end + 120)]
    return ", with a routine" if ROUTINE.search(line.lower()) else ""


def _value(words: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", fold(words)))


_ARTICLES = re.compile(
    r"(?:(?:to|at|in|the|a|an|der|dem|den|die|das|auf|à|au|aux|la|le|en|el|al|naar|op|de|het|alla|al|il|na|no|em"
    r"|o)\s|l['’]){1,3}",
    re.IGNORECASE,
)


def _without_article(words: str) -> str:
    """The named thing without "to the", "en el", "à l'": so that the same place has the same value."""
    match = _ARTICLES.match(words)
    return words[match.end() :] if match and match.end() < len(words) else words


class CueDetector:
    """Phrases that tell where somebody works or learns, and who their family are."""

    name = "cue"

    def find(self, text: NormalisedText, context: ScanContext) -> Iterator[Candidate]:
        page = _Page(text.text, text.lower)
        yield from _workplaces(page)
        yield from _schools(page)
        yield from _families(page)


class _Page:
    """A text, its lower-case twin of the same length, and the words in it: patterns run over the twin, which is
    several times faster than ignoring case, and only where one of their words stands."""

    def __init__(self, text: str, lower: str) -> None:
        self.text, self.lower = text, lower
        self.words = frozenset(re.findall(r"[^\W\d_]+", lower))

    def has(self, words: frozenset[str]) -> bool:
        return not words.isdisjoint(self.words)


_WORK_WORDS = _words_of(
    "work works working worked employed job teaches nurse teacher manager cashier clerk engineer waiter waitress "
    "bartender"
    " arbeitet arbeite jobbt angestellt travaille travaillent bosse employé employée trabaja trabajan empleado "
    "empleada curra"
    " werkt werken werkzaam lavora lavorano trabalha trabalham pracuje jobbar arbetar arbejder arbeider jobber"
)
_BOSS_WORDS = _words_of(
    "boss manager employer workplace supervisor hr coworkers coworker workers work office chef chefin arbeitgeber "
    "arbeitsplatz"
    " firma kollegen büro vorgesetzter vorgesetzte patron patronne employeur bureau boulot entreprise collègues "
    "jefe jefa"
    " empresa trabajo empleador oficina compañeros baas werkgever kantoor werk collega capo datore ufficio "
    "azienda chefe patrão"
    " empregador trabalho"
)
_SCHOOL_VERBS = _words_of(
    "goes go going went attends attend attending attended enrolled studies studying student pupil drops drop "
    "picks pick dropped"
    " collects collect geht gehen besucht besuchen schüler schülerin studiert eingeschult va vont scolarisé scolarisée"
    " scolarisés étudie inscrit inscrite inscrits élève van estudia estudian asiste asisten matriculado "
    "matriculada gaat gaan"
    " zit zitten studeert vanno frequenta frequentano studia estuda estudam vai chodzi chodzą"
)
_SCHOOL_WORD = re.compile(
    r"school|academy|kindergarten|day-?care|nursery|college|\buni|elementary|cr[eè]che|schule|gymnasium|\bkita"
    r"|hort\b|[ée]cole|coll[èe]ge"
    r"|lycée|maternelle|colegio|escuela|instituto|guardería|opvang|lyceum|scuola|liceo|asilo|escola|colégio|szko"
    r"|przedszkol|liceum|pick"
)
_KIN_WORD = re.compile(r"\b(?:" + _ANY_KIN + r")\b")


def _found(
    page: _Page, kind: Kind, span: tuple[int, int], value: str, detail: str, confidence: float, reason: str
) -> Candidate:
    start, end = span
    if kind != "family":
        detail += _with_routine(page.text, start, end)
    return Candidate(kind, start, end, value, detail, confidence, reason)


def _labelled(page: _Page, pattern: re.Pattern[str]) -> Iterator[tuple[re.Match[str], tuple[int, int], str]]:
    """(match, span, value as written) of every "Label: value" line whose value names something."""
    for match in pattern.finditer(page.text):
        named = match.group("named").strip(" .,-")
        if len(named) < 2 or "@" in named or _NOTHING.fullmatch(named.lower()) or not any(map(str.isalpha, named)):
            continue
        start = match.start() + len(match.group()) - len(match.group().lstrip(" \t-–*•>#=~_[("))
        yield match, (start, match.start("named") + len(match.group("named").rstrip(" .,-"))), named


def _phrase(page: _Page, match: re.Match[str]) -> tuple[tuple[int, int], str] | None:
    """(span, named thing) of a phrase; None where what follows names nothing."""
    start, end = match.span("named")
    if _NOTHING.match(page.lower, start) and not page.text[start].isupper():
        return None
    stop = _named(page.text, start, end)
    named = page.text[start:stop].strip(" .-–")
    return ((match.start(), stop), named) if len(named) > 1 else None


def _proper(words: str) -> bool:
    return any(word[0].isupper() for word in words.split())


def _workplaces(page: _Page) -> Iterator[Candidate]:
    for _, span, named in _labelled(page, _WORKPLACE_LABEL):
        value = _value(_without_article(named))
        yield _found(page, "workplace", span, value, "employer", 0.9, "a label says where somebody works")
    for match in _WORKPLACE.finditer(page.lower) if page.has(_WORK_WORDS) else ():
        phrase = _phrase(page, match)
        if phrase and not _NOT_A_PERSON_WORKS.search(page.lower[max(0, match.start() - 14) : match.start()]):
            sure = 0.85 if _proper(phrase[1]) else 0.6
            value = _value(_without_article(phrase[1]))
            yield _found(page, "workplace", phrase[0], value, "employer", sure, "a phrase says where somebody works")
    for match in _COLLEAGUE.finditer(page.lower) if page.has(_BOSS_WORDS) else ():
        phrase = _phrase(page, match)
        if phrase and _proper(phrase[1]):
            value = _value(_without_article(phrase[1]))
            reason = "a phrase names somebody's boss, office or colleagues"
            yield _found(page, "workplace", phrase[0], value, "colleague", 0.75, reason)


def _schools(page: _Page) -> Iterator[Candidate]:
    if not _SCHOOL_WORD.search(page.lower):
        return
    for _, span, named in _labelled(page, _SCHOOL_LABEL):
        yield _found(page, "school", span, _value(named), "school", 0.88, "a label says where somebody goes to school")
    taken = Taken()
    for match in _SCHOOL.finditer(page.lower) if page.has(_SCHOOL_VERBS) else ():
        more = _SCHOOL_MORE.match(page.text, match.end())
        span = (match.start(), more.end() if more else match.end())
        words = page.text[match.start("named") : span[1]].strip()
        # German writes every noun with a capital: there a name needs two of them, or a compound ("Lindenschule").
        capitals = [word for word in words.split() if word[0].isupper()]
        names_one = len(capitals) > 1 or (capitals and not _BARE_SCHOOL.fullmatch(capitals[0].lower()))
        if not names_one and not _with_routine(page.text, *span):
            continue  # "goes to school" names no school
        taken.take(*span)
        value = _value(_without_article(words))
        sure = 0.85 if names_one else 0.55
        yield _found(page, "school", span, value, "school", sure, "a phrase says where somebody goes to school")
    for match in _SCHOOL_RUN.finditer(page.lower):
        reason = "a phrase tells when children are taken to or from school"
        yield Candidate(
            "school", match.start(), match.end(), _value(match.group()), "school, with a routine", 0.6, reason
        )
    for match in _SCHOOL_NAMED.finditer(page.text):
        span = match.span("named")
        if not taken.overlaps(*span):
            reason = "a named school stands beside a person or a child"
            yield _found(page, "school", span, _value(match.group("named")), "school", 0.7, reason)


def _relation(kin: str) -> str:
    return next((relation for relation, words in _RELATION if words.match(kin)), "relative")


_SMALL = re.compile(
    r"\b(?:kids?|baby|toddler|bébé|bebé|children|kinder|enfants|niñ[oa]s?|kinderen|bambin[oai]|little|petite?"
    r"|kleine[rn]?)\b",
    re.IGNORECASE,
)
_MY = _words_of("my our mon ma mes mi mis mijn meu minha mein meine meinen meiner meinem il\xa0mio")


def _minor(relation: str, phrase: str, age: str | None) -> str:
    if relation not in {"child", "sibling", "relative"}:
        return ""
    if age is not None:
        return ", minor" if int(age) < 18 else ""
    return ", minor" if relation == "child" and _SMALL.search(phrase) else ""


def _families(page: _Page) -> Iterator[Candidate]:
    if not _KIN_WORD.search(page.lower):
        return
    taken = Taken()
    for match, _, named in _labelled(page, _FAMILY_LABEL):
        relation = _relation(match.group("kin"))
        span = (match.start("kin"), match.start("named") + len(match.group("named").rstrip(" .,-")))
        years = re.search(r"(?<!\d)\d{1,2}(?![\d:])", named)
        detail = relation + _minor(relation, match.group(), years.group() if years else None)
        taken.take(*span)
        yield _found(
            page,
            "family",
            span,
            f"{relation}:{_value(named)}",
            detail,
            0.88,
            "a label names a member of somebody's family",
        )
    for match in _FAMILY.finditer(page.lower):
        rest = _FAMILY_REST.match(page.text, match.end())
        name, age = (rest.group("name"), rest.group("age")) if rest else (None, None)
        contact = match.group("contact")
        if not (name or age or contact) or taken.overlaps(*match.span()):
            continue  # "his wife" alone identifies nobody
        span = (match.start(), rest.end() if rest else match.end())
        relation = _relation(match.group("kin"))
        detail = relation + _minor(relation, page.text[span[0] : span[1]], age)
        sure = 0.7 if match.group("owner") in _MY else 0.9 if name else 0.75
        taken.take(*span)
        value = f"{relation}:{_value(name or age or contact or '')}"
        yield _found(page, "family", span, value, detail, sure, "a phrase names a member of somebody's family")
    for match in _FAMILY_APPOSED.finditer(page.text):
        if not taken.overlaps(*match.span()):
            relation = _relation(match.group("kin"))
            detail = relation + _minor(relation, match.group(), match.group("age"))
            value = f"{relation}:{_value(match.group('name'))}"
            yield _found(
                page,
                "family",
                match.span(),
                value,
                detail,
                0.85,
                "a phrase names a member of somebody's family, with an age",
            )


DETECTOR = CueDetector()
