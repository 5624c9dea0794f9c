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
from habeas.exposure.core.normalise import NormalisedText

_LINE = r"(?:^|(?<=[\n|;•]))[ \t\-–*•>#=~_\[(]{0,8}"
_COLON = r"[ \t]{0,2}(?:\([^)\n]{1,20}\))?[ \t.]{0,20}(?::|=|：)[ \t]{0,6}"
_VALUE = r"(?P<named>[^\n|;]{2,80})"

# What is named after "works at": words up to a stop word or a mark.
_THING = r"(?P<named>[^\W_][^\n,;:!?()\"“”|]{1,70})"

_WORKPLACE_LABEL = re.compile(
    _LINE + r"(?:(?:current|place\sof)\s)?(?:employer|work(?:place|s\sat|s\sfor)?|job|company|office|workplace\saddress|employment"
    r"|arbeitgeber|arbeitsplatz|arbeitsstelle|arbeitet\sbei|firma|employeur|(?:lieu\sde\s)?travail|travaille\schez|entreprise"
    r"|empleador|(?:lugar\sde\s)?trabajo|trabaja\sen|empresa|werkgever|werk|werkt\sbij|datore\sdi\slavoro|(?:posto\sdi\s)?lavoro|lavora\spresso"
    r"|empregador|(?:local\sde\s)?trabalho|pracodawca|miejsce\spracy|arbetsgivare|arbetsplats|arbejdsplads|arbeidsgiver)"
    + _COLON + _VALUE,
    re.IGNORECASE,
)  # fmt: skip
_WORKPLACE = re.compile(
    r"\b(?:(?:works?|working|worked|is\semployed|got\sa\sjob|has\sa\sjob|teaches|nurse|teacher|manager|cashier|clerk|engineer|waiter|waitress|bartender)"
    r"(?:\sas\s[^\n.,;]{2,30}?)?\s(?:at|for)"
    r"|(?:arbeitet|arbeite|jobbt|angestellt)(?:\s(?:jetzt|seit\s\w{1,12}(?:\sjahren)?|als\s[^\n.,;]{2,25}?))?\s(?:bei(?:m)?|für|am|im|an\sder)"
    r"|(?:travaille(?:nt)?|bosse|employée?)(?:\scomme\s[^\n.,;]{2,25}?)?\s(?:chez|à|au|aux|pour|dans)"
    r"|(?:trabaja|trabajan|empleada?o?|curra)(?:\s(?:como|de)\s[^\n.,;]{2,25}?)?\s(?:en|para)"
    r"|(?:werkt|werken|werkzaam)(?:\sals\s[^\n.,;]{2,25}?)?\s(?:bij|voor|op|in)"
    r"|(?:lavora|lavorano)(?:\scome\s[^\n.,;]{2,25}?)?\s(?:presso|da|per|alla|al|in)"
    r"|(?:trabalha|trabalham)(?:\scomo\s[^\n.,;]{2,25}?)?\s(?:na|no|em|para)"
    r"|pracuje\s(?:w|dla)|(?:jobbar|arbetar)\s(?:på|hos|för)|(?:arbejder|arbeider|jobber)\s(?:hos|på|for))\s" + _THING,
    re.IGNORECASE,
)
_COLLEAGUE = re.compile(
    r"\b(?:(?:his|her|their)\s(?:boss|manager|employer|workplace|supervisor|hr(?:\sdepartment)?|co-?workers?|work|office)"
    r"|(?:sein|ihr|deren|dessen)(?:e|en|em)?\s(?:chefin?|arbeitgeber|arbeitsplatz|firma|kollegen|büro|vorgesetzter?)"
    r"|(?:son|sa|ses|leur)\s(?:patronn?e?|employeur|bureau|boulot|entreprise|chef|collègues)"
    r"|sus?\s(?:jef[ea]|empresa|trabajo|empleador|oficina|compañeros\sde\strabajo)|(?:zijn|haar)\s(?:baas|werkgever|kantoor|werk|collega's)"
    r"|(?:il\ssuo|la\ssua)\s(?:capo|datore\sdi\slavoro|ufficio|azienda)|(?:o\sseu|a\ssua|seu|sua)\s(?:chefe|patrão|empregador|empresa|trabalho))"
    r"(?:\s(?:is|at|are|is\scalled|heißt|ist|bei|est|à|chez|es|en|se\sllama|is|bij|heet|è|a|é|na|no))\s" + _THING,
    re.IGNORECASE,
)

_SCHOOLS = (
    r"(?:(?:high|middle|primary|elementary|secondary|grammar|nursery|grade|prep|boarding)\s)?(?:schools?|academy|kindergarten|pre-?school|day-?care|nursery|college|university|uni|elementary|creche)"
    r"|(?:\w{0,20}(?:schule|gymnasium|kindergarten|kita|hort|universität)|uni|hochschule)"
    r"|(?:l['’])?(?:école|ecole|collège|lycée|maternelle|crèche|université)|(?:colegio|escuela|instituto|guardería|universidad)"
    r"|(?:\w{0,20}school|kinderopvang|lyceum|universiteit)|(?:scuola|liceo|asilo|università)|(?:escola|colégio|creche|universidade)|(?:szkoły|szkoła|przedszkola|liceum)"
)
_SCHOOL_LABEL = re.compile(
    _LINE + r"(?:(?:kids?|children|daughter|son|high|primary|elementary)(?:['’]s|s)?\s)?(?:schools?|university|college|kindergarten|daycare|nursery|kita|schule|école|lycée|collège|université|colegio|escuela|universidad|scuola|università|escola|universidade|szkoła|skola|skole)"
    + _COLON + _VALUE,
    re.IGNORECASE,
)  # fmt: skip
_SCHOOL = re.compile(
    r"\b(?:(?:goes|go|going|went|attends?|attending|attended|enrolled|studies|studying|student|pupil|drops?|picks?|dropped|collects?)"
    r"|(?:geht|gehen|besucht|besuchen|schüler(?:in)?|studiert|eingeschult)|(?:va|vont|scolarisée?s?|étudie|inscrite?s?|élève)"
    r"|(?:va|van|estudia|estudian|asiste|asisten|matriculad[oa]s?)|(?:gaat|gaan|zit|zitten|studeert)|(?:va|vanno|frequenta|frequentano|studia)|(?:estuda|estudam|frequenta|vai)|(?:chodzi|chodzą))\b"
    r"(?P<named>[^\n.,;:!?()\"]{1,60}?\b(?:"
    + _SCHOOLS
    + r"))(?![^\W_])(?P<more>(?:\s(?:of|de|du|von|am|an\sder|in|i)?\s?(?-i:[A-ZÀ-Þ])[\w'’\-]+){0,4})",
    re.IGNORECASE,
)
_SCHOOL_NAMED = re.compile(
    r"\b(?:(?:his|her|their|kids?|children|daughter|son|student|pupil|picked?[\s\-]up|drop[\s\-]?off|pick[\s\-]?up)\b[^\n.!?]{0,50}?)\b(?P<named>(?-i:[A-ZÀ-Þ])[\w'’.\-]+(?:\s(?-i:[A-ZÀ-Þ])[\w'’.\-]+){0,3}\s"
    r"(?:Elementary|Primary|Middle|High|Secondary|Grammar|Academy|Kindergarten|Nursery|Daycare|Preschool|School|Grundschule|Gymnasium|Realschule|Kita)(?:\sSchool)?)\b"
    r"|\b(?P<run>(?:school\srun|(?:school\s)?pick[\s\-]?up\s(?:is\s)?at\s\d{1,2}(?::\d\d)?(?:\s?[ap]m)?|(?:picks?|collects?)\s(?:up\s)?(?:his|her|their|the)\s(?:kids?|children|son|daughter)(?:\sup)?(?:\sfrom\s\w{1,20}(?:\s\w{1,20})?)?(?:\s(?:every\sday\s)?at\s\d{1,2}(?::\d\d)?(?:\s?[ap]m)?)?))",
    re.IGNORECASE,
)

# Kin words: language forms -> relation. "c" marks words for children, who may be minors.
_KIN = {
    "spouse": "wife|husband|spouse|hubby|ehefrau|ehemann|ehepartner|femme|mari|épouse|époux|mujer|esposa|esposo|marido|vrouw|echtgenoot|echtgenote|moglie|marito|mulher|żona|mąż|fru",
    "partner": "girlfriend|boyfriend|fianc[eé]e?|partner|ex-wife|ex-husband|ex-girlfriend|ex-boyfriend|freundin|lebensgefährtin|lebensgefährte|verlobte|copine|copain|compagne|compagnon|novia|novio|pareja|vriendin|vriend|fidanzata|fidanzato|namorada|namorado",
    "parent": "mother|father|mom|mum|mommy|dad|daddy|parents|stepmother|stepfather|mutter|vater|mama|papa|eltern|mère|père|maman|parents|madre|padre|padres|mamá|papá|moeder|vader|ouders|genitori|mamma|mãe|pai|pais|matka|ojciec|rodzice|mamma|pappa",
    "child": "son|daughter|kids?|child|children|baby|toddler|stepson|stepdaughter|sohn|tochter|kind|kinder|baby|fils|fille|enfants?|bébé|hij[oa]s?|niñ[oa]s?|bebé|zoon|dochter|kinderen|figli[oa]?|bambin[oai]|filh[oa]s?|syn|córka|dzieci|dotter|datter|barn",
    "sibling": "brother|sister|siblings?|bruder|schwester|geschwister|frère|sœur|soeur|herman[oa]s?|broer|zus|zusje|fratello|sorella|irmão|irmã|brat|siostra|bror|syster|søster",
    "relative": "grandmother|grandfather|grandma|grandpa|grandparents|aunt|uncle|cousin|nephew|niece|in-laws|mother-in-law|oma|opa|tante|onkel|cousine|grand-mère|grand-père|oncle|abuel[oa]s?|t[ií][oa]|prim[oa]|nonn[oai]|zi[oa]|avós?|avó|tia|tio|family|familie|famille|familia|famiglia|relatives",
}  # fmt: skip
_RELATION = [(relation, re.compile(r"(?:" + words + r")$", re.IGNORECASE)) for relation, words in _KIN.items()]
_ANY_KIN = "|".join(_KIN.values())
_KIN_NAME = r"(?-i:[A-ZÀ-ÖØ-ÞŁŚŻŠŽČ])[^\W\d_]+(?:[\-'’](?-i:[A-ZÀ-Þ])?[^\W\d_]+)?"
_AGE = r"(?:,?\s?\(?(?:aged?\s|is\s)?(?P<age>\d{1,2})\)?(?!\d|[:.]\d|\s?(?:am|pm|%|km|st\b|th\b))(?:\s?(?:years?\sold|yrs?|y/?o|jahre(?:\salt)?|ans|años|jaar|anni|anos|lat|år))?)"
_FAMILY = re.compile(
    r"\b(?P<owner>his|her|their|my|our|(?-i:[A-ZÀ-Þ])[\w\-]{1,30}['’]s|sein(?:e[nrm]?)?|ihr(?:e[nrm]?)?|deren|dessen|mein(?:e[nrm]?)?|son|sa|ses|leurs?|mon|ma|mes|sus?|mis?|zijn|haar|hun|mijn|(?:il|la|i|le)\s(?:suo|sua|suoi|sue|mio|mia)|su[oa]|suoi|seus?|suas?|meus?|minhas?|jego|jej|hans|hennes|hendes|the)\s"
    r"(?:(?:little|young(?:er|est)?|old(?:er|est)?|elderly|step|kleine[rn]?|jüngste[rn]?|petite?|pequeñ[oa]|kleine|oude|eldest|two|three|twin|\d)\s){0,2}"
    r"(?P<kin>" + _ANY_KIN + r")\b"
    r"(?:(?P<contact>['’]s\s(?:name|number|phone|cell|address|house|school|work(?:place)?|email|facebook|instagram)(?:\s(?:is|:))?\s?)|,?\s(?:(?:is\s)?(?:named|called)|is|names?(?:\sis)?|heißt|namens|s['’]appelle|appelée?|se\sllama|llamad[oa]|heet|genaamd|si\schiama|chama-se|chamad[oa]|ma\sna\simię))?"
    r"(?P<name>,?\s?\(?" + _KIN_NAME + r"(?:\s" + _KIN_NAME + r")?(?:,?\s(?:and|und|et|y|en|e|i|&)\s" + _KIN_NAME + r"(?:\s" + _KIN_NAME + r")?)?)?"
    + _AGE + r"?",
    re.IGNORECASE,
)  # fmt: skip
_FAMILY_APPOSED = re.compile(
    r"\b(?P<kin>daughter|son|wife|husband|mother|father|sister|brother|Tochter|Sohn|Ehefrau|Ehemann|Mutter|Vater|Schwester|Bruder|fille|fils|hija|hijo|dochter|zoon|figlia|figlio|filha|filho)\s(?P<name>(?-i:[A-ZÀ-Þ])[^\W\d_]+(?:\s(?-i:[A-ZÀ-Þ])[^\W\d_]+)?)"
    + _AGE,
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
    r"\s(?:and|but|who|every|on|as|since|because|which|where|from|until|when|while|so|if|near|in\sthe|with|he|she|they|his|her|their|und|aber|wo|seit|jeden|et|mais|où|depuis|tous|y|pero|donde|desde|todos|en\s(?:hij|zij)|maar|waar|sinds|elke|ma|dove|ogni|mas|onde|call|monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|fri|now|please|lol|btw|wohnt|habite|vive|woont|lives)\b",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"(?:me|you|him|them|us|it|everyone|everybody|anyone|free|night|home|all|least|best|times|once|scale|now|a\sliving|that|this|what|both|most|some|any|the\s(?:moment|time|same|most|best|first|last|end|weekend)|her\b|his\b|my\b|our\b|your\b|their\b|days?|hours?|years?|months?|weeks?|lui|moi|toi|eux|mí|ti|él|mij|jou|den\s(?:moment|meisten)|n/?a|none|unknown|unemployed|\d)",
    re.IGNORECASE,
)
_NOT_A_PERSON_WORKS = re.compile(
    r"\b(?:it|this|that|which|what|nothing|method|trick|solution|code|system|button|link|app|phone|also|only)\s$",
    re.IGNORECASE,
)

ROUTINE = re.compile(
    r"\b(?:(?:every|each)\s(?:single\s)?(?:morning|evening|night|afternoon|day|week|weekday|weekend|monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
    r"|(?:usually|always|often)\s(?:parks?|walks?|runs?|jogs?|goes|leaves|gets|takes|comes|sits|eats|drinks|shops|trains|alone)"
    r"|(?:gym|walks?\s(?:his|her|the|their)\sdog|jogs?|runs?|leaves?(?:\s(?:home|work|for\swork|the\shouse))?|gets?\s(?:home|off\swork)|home\salone|shift\s(?:starts|ends))\s(?:at|around|from|by)\s\d{1,2}(?::\d\d)?\s?(?:[ap]\.?m\.?|o['’]clock)?"
    r"|(?:jeden|immer\sam|täglich)\s(?:morgen|abend|tag|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|um)|(?:parkt|joggt|läuft)\s(?:immer|meistens|jeden)"
    r"|(?:tous\sles|chaque)\s(?:matins?|soirs?|jours?|lundis?|mardis?|mercredis?|jeudis?|vendredis?|samedis?|dimanches?)"
    r"|(?:cada|todos\slos|todas\slas)\s(?:mañanas?|tardes?|noches?|días?|lunes|martes|miércoles|jueves|viernes|sábados?|domingos?)"
    r"|(?:elke|iedere)\s(?:ochtend|avond|dag|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag)"
    r"|(?:ogni|tutte\sle|tutti\si)\s(?:mattin[ae]|ser[ae]|giorn[oi]|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica)|(?:toda|todas\sas|todos\sos)\s(?:manhãs?|noites?|dias?|segunda|terça|quarta|quinta|sexta))\b",
    re.IGNORECASE,
)


def routines(text: str) -> list[tuple[int, int]]:
    """Start and end of every habit the text tells ("every morning", "gym at 6am")."""
    return [match.span() for match in ROUTINE.finditer(text)]


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
    return ", with a routine" if ROUTINE.search(line) else ""


def _value(words: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", fold(words)))


_ARTICLES = re.compile(
    r"(?:(?:to|at|in|the|a|an|der|dem|den|die|das|auf|à|au|aux|la|le|en|el|al|naar|op|de|het|alla|al|il|na|no|em|o)\s|l['’]){1,3}",
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
        yield from _workplaces(text.text)
        yield from _schools(text.text)
        yield from _families(text.text)


def _phrase(text: str, match: re.Match[str]) -> tuple[int, int, str] | None:
    """(start, end, named thing) of a phrase; None where what follows names nothing."""
    start, end = match.span("named")
    if _NOTHING.match(text, start) and not text[start].isupper():
        return None
    stop = _named(text, start, end)
    named = text[start:stop].strip(" .-–")
    if len(named) < 2:
        return None
    return match.start(), stop, named


def _workplaces(text: str) -> Iterator[Candidate]:
    for match in _WORKPLACE_LABEL.finditer(text):
        named = match.group("named").strip(" .,-")
        if len(named) < 2 or _NOTHING.fullmatch(named) or "@" in named or not any(letter.isalpha() for letter in named):
            continue
        start = match.start() + len(match.group()) - len(match.group().lstrip(" \t-–*•>#=~_[("))
        end = match.start("named") + len(match.group("named").rstrip(" .,-"))
        yield Candidate(
            "workplace",
            start,
            end,
            _value(_without_article(named)),
            "employer" + _with_routine(text, start, end),
            0.9,
            "a label says where somebody works",
        )
    for match in _WORKPLACE.finditer(text):
        if _NOT_A_PERSON_WORKS.search(text[max(0, match.start() - 14) : match.start()]):
            continue
        phrase = _phrase(text, match)
        if phrase:
            start, end, named = phrase
            proper = any(word[0].isupper() for word in named.split())
            yield Candidate(
                "workplace",
                start,
                end,
                _value(_without_article(named)),
                "employer" + _with_routine(text, start, end),
                0.85 if proper else 0.6,
                "a phrase says where somebody works",
            )
    for match in _COLLEAGUE.finditer(text):
        phrase = _phrase(text, match)
        if phrase and any(word[0].isupper() for word in phrase[2].split()):
            start, end, named = phrase
            yield Candidate(
                "workplace",
                start,
                end,
                _value(_without_article(named)),
                "colleague" + _with_routine(text, start, end),
                0.75,
                "a phrase names somebody's boss, office or colleagues",
            )


def _schools(text: str) -> Iterator[Candidate]:
    for match in _SCHOOL_LABEL.finditer(text):
        named = match.group("named").strip(" .,-")
        if len(named) < 2 or "@" in named or _NOTHING.fullmatch(named):
            continue
        start = match.start() + len(match.group()) - len(match.group().lstrip(" \t-–*•>#=~_[("))
        end = match.start("named") + len(match.group("named").rstrip(" .,-"))
        yield Candidate(
            "school",
            start,
            end,
            _value(named),
            "school" + _with_routine(text, start, end),
            0.88,
            "a label says where somebody goes to school",
        )
    taken: list[tuple[int, int]] = []
    for match in _SCHOOL.finditer(text):
        words = (match.group("named") + match.group("more")).strip()
        proper = any(word[0].isupper() for word in words.split())
        german = bool(re.search(r"\b(?:geht|gehen|besucht|besuchen)\b", match.group(), re.IGNORECASE))
        # "goes to school" names no school; a name, or the habit with it, does.
        if (german and len([word for word in words.split() if word[0].isupper()]) < 2) or (not proper and not german):
            if not _with_routine(text, match.start(), match.end()):
                continue
            confidence = 0.55
        else:
            confidence = 0.85
        taken.append(match.span())
        yield Candidate(
            "school",
            match.start(),
            match.end(),
            _value(_without_article(words)),
            "school" + _with_routine(text, *match.span()),
            confidence,
            "a phrase says where somebody goes to school",
        )
    for match in _SCHOOL_NAMED.finditer(text):
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        if match.group("run"):
            yield Candidate(
                "school",
                *match.span("run"),
                _value(match.group("run")),
                "school, with a routine",
                0.6,
                "a phrase tells when children are taken to or from school",
            )
        else:
            yield Candidate(
                "school",
                match.start("named"),
                match.end("named"),
                _value(match.group("named")),
                "school" + _with_routine(text, *match.span("named")),
                0.7,
                "a named school stands beside a person or a child",
            )


def _relation(kin: str) -> str:
    return next((relation for relation, words in _RELATION if words.match(kin)), "relative")


_SMALL = re.compile(
    r"\b(?:kids?|baby|toddler|bébé|bebé|children|kinder|enfants|niñ[oa]s?|kinderen|bambin[oai]|little|petite?|kleine[rn]?)\b",
    re.IGNORECASE,
)


def _minor(relation: str, phrase: str, age: str | None) -> str:
    if relation not in {"child", "sibling", "relative"}:
        return ""
    if age is not None:
        return ", minor" if int(age) < 18 else ""
    return ", minor" if relation == "child" and _SMALL.search(phrase) else ""


def _families(text: str) -> Iterator[Candidate]:
    taken: list[tuple[int, int]] = []
    for match in _FAMILY_LABEL.finditer(text):
        named = match.group("named").strip(" .,-")
        if len(named) < 2 or _NOTHING.fullmatch(named) or not any(letter.isalpha() for letter in named):
            continue
        relation = _relation(match.group("kin"))
        start = match.start("kin")
        end = match.start("named") + len(match.group("named").rstrip(" .,-"))
        age = re.search(r"(?<!\d)\d{1,2}(?![\d:])", named)
        taken.append((start, end))
        yield Candidate(
            "family",
            start,
            end,
            f"{relation}:{_value(named)}",
            relation + _minor(relation, match.group(), age.group() if age else None),
            0.88,
            "a label names a member of somebody's family",
        )
    for match in _FAMILY.finditer(text):
        if match.group("owner").lower() == "the" or any(s < match.end() and match.start() < e for s, e in taken):
            continue
        named, age, contact = match.group("name"), match.group("age"), match.group("contact")
        lowered = match.group("owner").lower()
        # "son" is a child in English and "his" in French; "mi" and "ma" are too short to trust without a name.
        if not named and not age and not contact:
            continue
        if lowered in {"i", "le", "la"}:
            continue
        relation = _relation(match.group("kin"))
        end = match.end()
        phrase = match.group()
        value = _value(named or age or contact or "")
        taken.append((match.start(), end))
        first_person = lowered in {
            "my",
            "our",
            "mon",
            "ma",
            "mes",
            "mi",
            "mis",
            "mijn",
            "meu",
            "minha",
        } or lowered.startswith("mein")
        yield Candidate(
            "family", match.start(), end, f"{relation}:{value}", relation + _minor(relation, phrase, age),
            0.7 if first_person else 0.9 if named else 0.75, "a phrase names a member of somebody's family",
        )  # fmt: skip
    for match in _FAMILY_APPOSED.finditer(text):
        if any(s < match.end() and match.start() < e for s, e in taken):
            continue
        relation = _relation(match.group("kin"))
        yield Candidate(
            "family",
            match.start(),
            match.end(),
            f"{relation}:{_value(match.group('name'))}",
            relation + _minor(relation, match.group(), match.group("age")),
            0.85,
            "a phrase names a member of somebody's family, with an age",
        )


DETECTOR = CueDetector()
