"""Postal addresses, by the grammars of about thirty countries.

An address grows from a core (a street word beside a house number, a post box, or a bare "word number" next to a
postcode) along its tail (unit, place, region, postcode, country; commas, lines and field labels between them). How
much of it stands decides the confidence: street, number, postcode and place 0.95, street and number 0.7; a street
alone counts only after words such as "lives on".

The value is ``number|street|postcode|country``, folded so that rewriting (St or Street, Str. or Straße, accents,
case, number before or after) leaves it unchanged. The country is a guess from postcode form and street language.

Every pattern runs over bounded pieces and never restarts from an earlier one, so the time is linear in the text.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from habeas.exposure.core.detectors import Candidate, ScanContext
from habeas.exposure.core.normalise import NormalisedText
from habeas.exposure.core.spans import Taken
from habeas.kernel.jurisdictions import countries


def _set(words: str) -> frozenset[str]:
    """The words of a blank-separated list."""
    return frozenset(words.split())


# --------------------------------------------------------------------------------------------- street words

# English street types: what people write -> one form. "weak" ones are everyday words too and need more beside them.
_EN_TYPES = {
    "street": "st street str strt",
    "avenue": "ave avenue av aven avn",
    "road": "rd road",
    "lane": "ln lane",
    "drive": "dr drive drv",
    "boulevard": "blvd boulevard boul",
    "court": "ct court crt",
    "place": "pl place plc",
    "terrace": "ter terrace terr tce",
    "crescent": "cres crescent cr cresc",
    "square": "sq square",
    "highway": "hwy highway",
    "parkway": "pkwy parkway pky",
    "circle": "cir circle",
    "trail": "trl trail",
    "close": "close cl",
    "grove": "grove gr grv",
    "gardens": "gardens gdns garden",
    "mews": "mews",
    "way": "way wy",
    "row": "row",
    "walk": "walk wlk",
    "hill": "hill",
    "park": "park",
    "rise": "rise",
    "view": "view vw",
    "green": "green",
    "parade": "parade pde",
    "quay": "quay",
    "wharf": "wharf",
    "alley": "alley aly",
    "plaza": "plaza plz",
    "path": "path",
    "pike": "pike turnpike tpke",
    "loop": "loop",
    "run": "run",
    "pass": "pass",
    "cove": "cove cv",
    "point": "point pt",
    "bend": "bend",
    "crossing": "crossing xing",
    "heights": "heights hts",
    "expressway": "expressway expy",
    "freeway": "freeway fwy",
    "broadway": "broadway",
    "esplanade": "esplanade",
    "promenade": "promenade",
    "mount": "mount",
    "vale": "vale",
    "villas": "villas",
    "cottages": "cottages",
    "drove": "drove",
    "gate": "gate",
    "nagar": "nagar",
    "marg": "marg",
    "colony": "colony",
    "layout": "layout",
    "ridge": "ridge rdg",
    "chase": "chase",
    "croft": "croft",
    "dale": "dale",
    "fields": "fields",
    "common": "common",
    "acre": "acres",
    "glen": "glen",
    "hollow": "hollow holw",
    "bypass": "bypass",
    "strand": "strand",
    "falls": "falls fls",
    "ville": "ville vl",
    "cliffs": "cliffs",
    "village": "village vlg",
    "isle": "isle",
    "island": "island is",
    "centre": "centre center ctr",
    "cross": "cross",
    "meadow": "meadow meadows mdw mdws",
    "mill": "mill mills",
    "knoll": "knoll knolls",
    "lodge": "lodge",
    "orchard": "orchard",
    "spring": "springs spgs",
    "station": "station",
    "valley": "valley",
    "vista": "vista",
    "landing": "landing",
    "harbor": "harbor harbour hbr",
    "forge": "forge",
    "causeway": "causeway",
    "ferry": "ferry",
    "circus": "circus",
    "approach": "approach",
    "yard": "yard",
    "quadrant": "quadrant",
    "ride": "ride",
    "paddock": "paddock paddocks",
    "bank": "bank",
    "brow": "brow",
    "brae": "brae",
    "wynd": "wynd",
    "dene": "dene",
    "garth": "garth",
    "heath": "heath",
    "reach": "reach",
    "wood": "wood woods",
    "lea": "lea ley",
    "end": "end",
    "arcade": "arcade",
    "trace": "trace",
    "spur": "spur",
    "summit": "summit",
    "manor": "manor",
    "oval": "oval",
}  # fmt: skip
_EN_TYPE = {short: full for full, forms in _EN_TYPES.items() for short in forms.split()}
_EN_WEAK = _set(
    "falls ville cliffs village isle island centre cross meadow mill knoll lodge orchard spring station valley vista "
    "landing harbor forge causeway ferry circus approach yard quadrant ride paddock bank brow brae wynd dene "
    "garth heath "
    "reach wood lea end arcade trace spur summit manor oval "
    "court place way row walk hill park rise view green path run pass point bend gate fields common loop chase "
    "mount cove circle square close plaza glen ridge hollow dale strand pike trail"
)
_EN_STOP = _set(
    "on in at to from for with was were is are am be been by as it that this these those and or but not so if "
    "then than my your his her their our its we you he she they i a an into onto over under off out up down about "
    "after before between during until since per via vs versus times days weeks months years hours minutes "
    "seconds people men women kids children stores shops miles km metres meters feet percent points goals games "
    "votes cars houses homes more less least most new other different old next last first second third million "
    "billion thousand hundred dollars pounds euros of-the-year who which what where when why how all any each "
    "every some no both few many several will would can could should may might must do does did has have had got "
    "get lives live lived living located"
)
_DIRECTIONS = {
    "n": "north", "s": "south", "e": "east", "w": "west", "ne": "northeast", "nw": "northwest", "se": "southeast",
    "sw": "southwest", "north": "north", "south": "south", "east": "east", "west": "west",
    "northeast": "northeast", "northwest": "northwest", "southeast": "southeast", "southwest": "southwest",
}  # fmt: skip

# Types that close a compound word ("Hauptstraße", "Kerkstraat", "Storgatan"): family, folded ending -> one form.
_COMPOUND = {
    "de": "strasse=strasse straße=strasse str.=strasse str=strasse weg=weg allee=allee platz=platz gasse=gasse"
    " ring=ring damm=damm ufer=ufer steig=steig chaussee=chaussee stieg=stieg pfad=pfad hof=hof markt=markt"
    " graben=graben zeile=zeile promenade=promenade wall=wall twiete=twiete stiege=stiege park=park berg=berg"
    " siedlung=siedlung kamp=kamp brink=brink lände=lande gürtel=gurtel kai=kai bruecke=brucke brücke=brucke"
    " grund=grund winkel=winkel bogen=bogen wiese=wiese wiesen=wiesen feld=feld strässle=strassle rain=rain",
    "nl": "straat=straat str.=straat laan=laan plein=plein gracht=gracht kade=kade singel=singel dijk=dijk pad=pad"
    " steeg=steeg dreef=dreef plantsoen=plantsoen baan=baan lei=lei haven=haven wal=wal hof=hof weg=weg markt=markt"
    " burgwal=burgwal erf=erf",
    "sv": "gatan=gatan vägen=vagen gränd=grand torget=torget stigen=stigen backen=backen allén=allen "
          "esplanaden=esplanaden",
    "da": "vej=vej gade=gade allé=alle stræde=straede torv=torv vænge=vaenge parken=parken toften=toften bakken=bakken"
    " vejen=vejen gaden=gaden boulevard=boulevard plads=plads",
    "no": "veien=veien vegen=vegen gata=gata gaten=gaten gate=gate vei=vei veg=veg stien=stien bakken=bakken"
    " torg=torg plass=plass brygge=brygge svingen=svingen faret=faret jordet=jordet tunet=tunet kroken=kroken "
    "stykket=stykket lyngen=lyngen løkka=lokka myra=myra flata=flata toppen=toppen engen=engen dalen=dalen "
    "haugen=haugen lia=lia åsen=asen",
    "fi": "katu=katu tie=tie kuja=kuja polku=polku kaari=kaari katu.=katu",
    "hu": "utca=utca",
}  # fmt: skip
_ENDINGS: dict[str, tuple[str, str]] = {}
for _family, _forms in _COMPOUND.items():
    for _pair in _forms.split():
        _ending, _, _form = _pair.partition("=")
        _ENDINGS.setdefault(_ending, (_family, _form))

# Types that stand before the name ("rue de la Paix", "Calle Mayor", "Via Roma", "ul. Długa"): family, form.
_PREFIX = {
    "fr": "rue=rue r.=rue avenue=avenue av.=avenue av=avenue ave=avenue boulevard=boulevard bd=boulevard bd.=boulevard"
    " bld=boulevard blvd=boulevard place=place pl.=place chemin=chemin ch.=chemin che=chemin impasse=impasse "
    "imp.=impasse"
    " allée=allee allee=allee allées=allees quai=quai cours=cours route=route rte=route rte.=route square=square"
    " passage=passage sentier=sentier ruelle=ruelle villa=villa résidence=residence residence=residence hameau=hameau"
    " faubourg=faubourg esplanade=esplanade chaussée=chaussee chaussee=chaussee clos=clos venelle=venelle"
    " lotissement=lotissement rang=rang montée=montee côte=cote",
    "es": "calle=calle c/=calle c.=calle cl.=calle cll=calle avenida=avenida avda=avenida avda.=avenida av.=avenida"
    " avd.=avenida plaza=plaza pza=plaza pza.=plaza plza.=plaza paseo=paseo pº=paseo p.º=paseo pso.=paseo camino=camino"
    " cno.=camino ronda=ronda carrer=carrer rúa=rua rua=rua travesía=travesia travesia=travesia carretera=carretera"
    " ctra=carretera ctra.=carretera callejón=callejon glorieta=glorieta passeig=passeig avinguda=avinguda"
    " plaça=placa bulevar=bulevar carrera=carrera cra=carrera cra.=carrera kr=carrera transversal=transversal"
    " diagonal=diagonal jirón=jiron jr.=jiron pasaje=pasaje psje.=pasaje calzada=calzada prolongación=prolongacion"
    " andador=andador corredor=corredor retorno=retorno eje=eje circuito=circuito privada=privada cerrada=cerrada "
    "urbanización=urbanizacion cuesta=cuesta",
    "it": "via=via viale=viale v.le=viale corso=corso c.so=corso piazza=piazza p.za=piazza p.zza=piazza "
          "piazzale=piazzale"
    " p.le=piazzale vicolo=vicolo largo=largo strada=strada lungomare=lungomare salita=salita contrada=contrada"
    " località=localita rotonda=rotonda stretto=stretto incrocio=incrocio canale=canale calata=calata borgo=borgo "
    "traversa=traversa lungotevere=lungotevere",
    "pt": "rua=rua r.=rua avenida=avenida av.=avenida av=avenida praça=praca praca=praca travessa=travessa tv.=travessa"
    " alameda=alameda al.=alameda estrada=estrada largo=largo rodovia=rodovia rod.=rodovia quinta=quinta beco=beco"
    " calçada=calcada quadra=quadra vila=vila jardim=jardim morro=morro chácara=chacara sítio=sitio lagoa=lagoa "
    "setor=setor parque=parque loteamento=loteamento condomínio=condominio fazenda=fazenda pátio=patio "
    "recanto=recanto residencial=residencial trecho=trecho estação=estacao favela=favela feira=feira "
    "núcleo=nucleo vereda=vereda passarela=passarela campo=campo ladeira=ladeira praceta=praceta viela=viela",
    "pl": "ul.=ulica ul=ulica ulica=ulica al.=aleja aleja=aleja aleje=aleja pl.=plac plac=plac os.=osiedle "
          "osiedle=osiedle"
    " rynek=rynek skwer=skwer",
    "tr": "sokak=sokak cadde=cadde",
}  # fmt: skip
_PREFIXES: dict[str, tuple[str, str]] = {}
for _family, _forms in _PREFIX.items():
    for _pair in _forms.split():
        _word, _, _form = _pair.partition("=")
        _PREFIXES.setdefault(_word, (_family, _form))
# The same word stands before the name in several languages; the rest of the address decides.
_SHARED_PREFIX = {
    "rua": ("pt", "es"), "av.": ("fr", "es", "pt"), "av": ("fr", "pt", "es"), "avenida": ("es", "pt"),
    "largo": ("it", "pt"),
    "al.": ("pl", "pt"), "pl.": ("pl", "fr"), "avenue": ("fr", "en"), "place": ("fr", "en"), "ave": ("fr", "en"),
    "boulevard": ("fr", "en"), "square": ("fr", "en"), "route": ("fr", "en"), "r.": ("pt", "fr"), "plaza": ("es", "en"),
}  # fmt: skip

_UNIT_WORDS = _set(
    "apt apartment appartment appartamento edif edificio ed conjunto rd flr pob box mailstop unit suite ste flat "
    "floor fl rm room lot bldg building penthouse ph basement bsmt "
    "level lvl studio block tower trlr spc space dept wing whg wohnung stock etage og eg ug dg stiege tür tuer "
    "top hinterhaus vorderhaus hh vh aufgang bte boîte boite bus appt appartement app étage bât bat bâtiment "
    "batiment esc escalier porte hall piso puerta pta planta esc escalera bajo bloque portal izda izq dcha depto "
    "departamento dpto interior int oficina interno scala piano pal palazzina apto andar bloco sala casa lote "
    "fração lok lokal lgh lägenhet tv th mf leil h verdieping begane house door hno"
)
# A unit word that is an everyday word too needs its number right after it.
_BARE_UNITS = _set("basement penthouse bajo eg dg hinterhaus vorderhaus tv th mf upper lower rear front")
_NUMBER_MARKS = _set("no n nr nº n° nº. número numero num núm nummer # numéro núm. num. nr. no. n.º nro nro.")

_STATES = {
    "alabama": "al", "alaska": "ak", "arizona": "az", "arkansas": "ar", "california": "ca", "colorado": "co",
    "connecticut": "ct", "delaware": "de", "florida": "fl", "georgia": "ga", "hawaii": "hi", "idaho": "id",
    "illinois": "il", "indiana": "in", "iowa": "ia", "kansas": "ks", "kentucky": "ky", "louisiana": "la", "maine": "me",
    "maryland": "md", "massachusetts": "ma", "michigan": "mi", "minnesota": "mn", "mississippi": "ms", "missouri": "mo",
    "montana": "mt", "nebraska": "ne", "nevada": "nv", "new hampshire": "nh", "new jersey": "nj", "new mexico": "nm",
    "new york": "ny", "north carolina": "nc", "north dakota": "nd", "ohio": "oh", "oklahoma": "ok", "oregon": "or",
    "pennsylvania": "pa", "rhode island": "ri", "south carolina": "sc", "south dakota": "sd", "tennessee": "tn",
    "texas": "tx", "utah": "ut", "vermont": "vt", "virginia": "va", "washington": "wa", "west virginia": "wv",
    "wisconsin": "wi", "wyoming": "wy", "district of columbia": "dc",
}  # fmt: skip
_US_CODES = frozenset(_STATES.values()) | {"pr", "vi", "gu", "aa", "ae", "ap"}
_CA_CODES = _set("ab bc mb nb nl ns nt nu on pe qc sk yt")
_AU_CODES = _set("nsw vic qld tas act")  # sa, wa and nt are others' codes too: they need their postcode
_AU_ALL = _AU_CODES | {"sa", "wa", "nt"}
_BR_CODES = _set("ac al ap am ba ce df es go ma mt ms mg pa pb pr pe pi rj rn rs ro rr sc sp se to")

_COUNTRIES = {
    "US": "usa|u.s.a.|us|united states|united states of america|estados unidos",
    "GB": "uk|u.k.|united kingdom|england|scotland|wales|northern ireland|great britain",
    "IE": "ireland|éire|irland|irlande",
    "DE": "germany|deutschland|allemagne|alemania|duitsland|germania|alemanha",
    "AT": "austria|österreich|autriche|oostenrijk",
    "CH": "switzerland|schweiz|suisse|svizzera|zwitserland|suiza",
    "FR": "france|frankreich|francia|frankrijk|frança",
    "BE": "belgium|belgique|belgië|belgie|belgien|bélgica|belgio",
    "NL": "netherlands|the netherlands|nederland|niederlande|pays-bas|holland|países bajos",
    "LU": "luxembourg|luxemburg",
    "ES": "spain|españa|espagne|spanien|spanje|spagna|espanha",
    "IT": "italy|italia|italien|italie|italië|itália",
    "PT": "portugal",
    "PL": "poland|polska|polen|pologne|polonia",
    "SE": "sweden|sverige|schweden|suède",
    "DK": "denmark|danmark|dänemark|danemark",
    "NO": "norway|norge|norwegen|norvège",
    "FI": "finland|suomi|finnland",
    "CZ": "czech republic|czechia|tschechien|česko",
    "CA": "canada|kanada",
    "AU": "australia|australien",
    "NZ": "new zealand|neuseeland",
    "BR": "brazil|brasil|brasilien",
    "MX": "mexico|méxico|mexiko",
    "AR": "argentina",
    "CO": "colombia",
    "CL": "chile",
    "IN": "india|indien|bharat",
    "ZA": "south africa",
    "JP": "japan",
    "KR": "south korea|korea",
    "HK": "hong kong",
    "SG": "singapore",
    "GR": "greece",
    "TR": "turkey|türkiye",
    "": "tunisia|slovenia|hungary|iceland|greenland|estonia|croatia|latvia|lithuania|romania|serbia|uruguay|peru",
}  # fmt: skip
# Countries that are first names, states of others or everyday words.
_OTHER_WORDS = frozenset({"jordan", "chad", "georgia", "guinea", "mali", "niger", "turkey", "jersey", "oman", "togo"})
# Every other country is read, so that an address goes on over it, but tells nothing of how streets are written.
_COUNTRY = {name: "" for full in countries().values() for name in (full.lower(),) if name not in _OTHER_WORDS} | {
    name: code for code, names in _COUNTRIES.items() for name in names.split("|")
}

_POSTCODE_LABEL = re.compile(
    r"(?:c\.?\s?p\.?|cep|cap|plz|pin|pincode|pin\s?code|zip|zip\s?code|post\s?code|postal\s?code|postcode|postleitzahl"
    r"|code\s?postal|código\s?postal|kod\s?pocztowy|postnr\.?|eircode)\s{0,3}[:.\-–]?\s{0,3}(?=[\dA-Z〒])",
    re.IGNORECASE,
)
# Postcodes whose form alone tells the country.
_OWN_POSTCODES = (
    (
        "GB",
        re.compile(r"(?:GIR\s?0AA|[A-PR-UWYZ][A-HK-Y]?\d[A-HJKPSTUW\d]?\s{0,2}\d[ABD-HJLNP-UW-Z]{2})\b", re.IGNORECASE),
    ),
    ("CA", re.compile(r"[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ \-]?\d[ABCEGHJ-NPRSTV-Z]\d\b", re.IGNORECASE)),
    ("IE", re.compile(r"(?:[AC-FHKNPRTV-Y]\d\d|D6W)[ \-]?[\dAC-FHKNPRTV-Y]{4}\b")),
    ("NL", re.compile(r"(?:NL-?\s?)?[1-9]\d{3}\s?(?!SA|SD|SS)[A-Z]{2}\b(?![^\W\d_])")),
    ("PL", re.compile(r"(?:PL-?\s?)?\d\d-\d{3}\b(?!-)")),
    ("PT", re.compile(r"(?:PT?-?\s?)?[1-9]\d{3}-\d{3}\b(?!-)")),
    ("BR", re.compile(r"\d{5}-\d{3}\b(?!-)")),
    ("US", re.compile(r"\d{5}-\d{4}\b(?!-)")),
    ("JP", re.compile(r"〒\s?\d{3}-?\d{4}\b")),
)
_COUNTRY_LETTERS = re.compile(r"(DE?|FR?|IT?|ES?|AT?|CH|BE?|LU?|DK|NO?|SE?|FIN?|CZ|SK|HU?|GR|HR|SI)[\-–]\s?(?=\d{3,5})")
_LETTERS_COUNTRY = {
    "D": "DE",
    "F": "FR",
    "I": "IT",
    "E": "ES",
    "A": "AT",
    "B": "BE",
    "L": "LU",
    "N": "NO",
    "S": "SE",
    "FIN": "FI",
}
_DIGIT_POSTCODE = re.compile(r"(?:\d{3} \d{2}|\d{3}\s\d{3}|\d{8}|\d{4,6})(?![\w\-]|[.,:/]\d)")
_LOWER_NL = re.compile(r"[1-9]\d{3}\s?[a-z]{2}\b")

_TOKEN = re.compile(
    r"\n|[cC]/(?=\s?[^\W\d_])|[^\W\d_](?:/(?=\d))|\d+(?:[.,]\d+)*[^\W\d_]{0,3}(?:[\-–/]\d+[^\W\d_]{0,2})*"
    r"|[dlDL]['’](?=[^\W\d_])|[nN][º°]|(?:[vcpVCP]\.(?=(?:le|so|za|zza|º)\b))?[^\W\d_]+(?:['’\-][^\W\d_]+)*[.º]?|〒"
    r"|[^\w\s]|_+"
)
_HOUSE = re.compile(r"#?\d{1,6}(?:bis|ter|[^\W\d_]{0,2})(?:[\-–/]\d{1,5}[^\W\d_]?){0,2}$")
_ORDINAL = re.compile(r"\d{1,3}(?:st|nd|rd|th)$", re.IGNORECASE)
_NO_HOUSE = re.compile(
    r"\d{1,3}(?:st|nd|rd|th|am|pm|km|kg|mm|cm|gb|mb|ml|hz|pt|px|k|m|ème|eme|er|º)$|0+$", re.IGNORECASE
)

# Before a number these say that it numbers something else.
_NUMBERS_OTHERS = _set(
    "room chapter section article verse psalm season episode page line flight platform route exit bus tram volume "
    "vol version act scene figure table question level part step day week grade class seat psalms kapitel seite "
    "raum zimmer artikel absatz satz paragraph linie gleis bahn folge staffel teil chapitre page salle ligne "
    "capítulo página línea hoofdstuk pagina lijn order invoice ticket case docket ref top size model type score "
    "won lost beat aged age alter jan feb mar apr may jun jul aug sep sept oct nov dec january february march "
    "april june july august september october november december januar februar märz mai juni juli oktober "
    "dezember janvier février mars avril juin juillet août septembre octobre novembre décembre enero febrero "
    "marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre version isbn tel phone fax mobile "
    "ext"
)
_AROUND_CURRENCY = frozenset("$€£¥%+")
_PARTICLES = _set(
    "de du des la le les l' d' l’ d’ der den dem die das van von zu zum zur am an im in auf unter aan op het 't "
    "ten ter del los las el y e da do dos das di dei degli delle della dell' sur sous aux au et à lès the of and "
    "upon w na i"
)
_MONTHS = _set(
    "januar februar märz april mai juni juli august september oktober november dezember janvier février mars "
    "avril juin juillet août septembre octobre novembre décembre enero febrero marzo abril mayo junio julio "
    "agosto septiembre octubre noviembre diciembre aprile maggio giugno luglio settembre ottobre novembre "
    "dicembre gennaio febbraio maja listopada stycznia maio junho julho setembro outubro abril novembro dezembro "
    "janeiro fevereiro marso"
)
_COMPOUND_WEAK = _set(
    "svingen faret jordet tunet kroken stykket lyngen løkka myra flata toppen engen dalen haugen lia åsen "
    "weg ring hof markt park berg pad gate tie wall damm wal lei haven baan feld grund kai rain kamp wiese wiesen "
    "bogen winkel bakken plass veg vei torg erf kaari promenade siedlung steig pfad graben ufer zeile brink "
    "parken dijk boulevard plads esplanaden backen polku"
)  # fmt: skip
_NOT_STREETS = _set(
    "arbeitsplatz parkplatz spielplatz sportplatz sitzplatz stellplatz umweg ausweg hinweg rückweg rueckweg "
    "heimweg flughafen bahnhof hafen friedhof spring string during bring nothing tie duty gateway sprint weg "
    "boring training meeting vertrieb montag dienstag plats startplatz tabellenplatz listenplatz rang bisweg "
    "supermarkt marathon"
)
_PREFIX_WEAK = _set(
    "quadra vila jardim morro chácara sítio lagoa setor parque loteamento condomínio fazenda pátio recanto "
    "residencial trecho estação favela feira núcleo vereda passarela campo andador corredor retorno eje circuito "
    "privada "
    "rotonda stretto incrocio canale "
    "cours passage place route strada largo quinta villa côte rang clos borgo diagonal cuesta av ave kr r. rua "
    "al. pl. square ch. che via corso salita residence résidence place square interior località camino ronda "
    "plaza traversa jr. cl. c. ch rynek boulevard os. avenue"
)
_PLACE_STOP = _set(
    "phone tel telephone telefon mobile cell handy email e-mail mail name age dob born birth birthday fax website "
    "web instagram twitter facebook employer work works job school his her he she they the this that call please "
    "if when and or but not dm ssn ip also we i you my our their it is was mother father wife husband number "
    "contact parents geboren geb geburtsdatum arbeitgeber und oder sie er ich wir teléfono telefono móvil correo "
    "nombre nacido téléphone portable courriel né née tél et telefoon geboortedatum naam werkgever mr mrs ms dr "
    "monday tuesday wednesday thursday friday saturday sunday thanks thank best regards"
)
_FIELD = re.compile(
    r"(?:street(?:\s?address)?|house(?:\s?(?:no|number))?|city|town|village|county|state|province|region|country"
    r"|postcode"
    r"|post\s?code|postal\s?code|zip(?:\s?code)?|plz|ort|stadt|wohnort|land|bundesland|straße|strasse|hausnummer|ville"
    r"|code\s?postal|pays|rue|ciudad|localidad|provincia|código\s?postal|c\.?p\.?|cp|país|municipio|woonplaats"
    r"|plaats|straat"
    r"|huisnummer|città|comune|provincia|cap|paese|cidade|bairro|estado|cep|país|miasto|kod(?:\s?pocztowy)?|kraj|ulica"
    r"|apt|unit|suite|address\s?(?:line\s?)?[12]|line\s?[12]|pin(?:code)?|eircode|suburb)\s{0,3}[:=]\s{0,3}",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:(?<=\n)|(?<=^)|(?<=[,;|•\-*>(\]]\s)|(?<=[,;|•*>(\]]))(?:[\s\-*•>#=~_|\[(]{0,6})"
    r"(?P<label>(?:(?:home|house|current|last\s?known|street|postal|mailing|residential|physical|full|known"
    r"|private|work|old|prev(?:ious)?)"
    r"\s{0,2}){0,2}(?:address(?:es)?|addy|addr|residence|lives(?:\s(?:at|in))?|location|home)"
    r"|(?:wohn|privat|haus|post|heim)?(?:adresse|anschrift)|wohnort|wohnhaft|wohnt"
    r"|(?:adresse)(?:\s(?:postale|personnelle|actuelle|privée|du domicile))?|domicile|habite|résidence"
    r"|(?:dirección|direccion|domicilio|vive(?:\sen)?)(?:\s(?:particular|postal|actual))?"
    r"|(?:huis|woon|thuis|post)?adres|woont|indirizzo(?:\s(?:di casa|privato))?|residenza|abita|recapito|endereço"
    r"|endereco|morada|mora"
    r"|adres(?:\s(?:zamieszkania|domowy))?|zamieszkały|adress|hemadress|bostad|bopæl|bosted|hjemmeadresse|osoite"
    r"|kotiosoite"
    r"|street|straße|strasse|rue|calle|straat|via|住所|地址|주소)\s{0,3}(?:\([^)\n]{1,20}\)\s{0,2})?(?::|=|："
    r"|\s[–-])[ \t]{0,4}",
    re.IGNORECASE,
)
_CUE = re.compile(
    r"\b(?:(?:he|she|they|family|parents|mother|mom|mum|dad|who|that|currently|now|still)?\s?(?:lives?|living|live"
    r"|stays?|staying|resides?|residing|located|based)"
    r"\s(?:at|on|in|near|over\s(?:at|on))|(?:house|flat|apartment|place|home|residence)\s(?:is\s)?(?:at|on)"
    r"|address\sis|addy\sis|moved\s(?:in)?to|house\snumber|find\s(?:him|her|them)\sat|come\sto|visit\s(?:him|her"
    r"|them)?\s?(?:at)?|go\sto|show\sup\sat|meet\sat|parked\s(?:on|at|outside)"
    r"|(?:wohnt|wohne|wohnen|lebt|wohnhaft|gemeldet|zuhause|zu\shause)(?:\s(?:jetzt|aktuell|in|an|am|im|auf|unter"
    r"|bei|der|dem|ist))*|adresse\s(?:ist|lautet)"
    r"|(?:habite|habitent|vit|réside|demeure|loge|domicilié[e]?)(?:\s(?:au|à|a|aux|dans|sur|chez))?|adresse\sest"
    r"|(?:vive|viven|reside|domiciliad[oa])(?:\s(?:en|con))?(?:\s(?:la|el))?|dirección\ses"
    r"|(?:woont|wonen|verblijft)(?:\s(?:op|aan|in|bij))?(?:\s(?:de|het))?|adres\sis"
    r"|(?:abita|abitano|risiede|vive)(?:\s(?:in|a|al))?|(?:mora|moram|reside|vive)(?:\s(?:na|no|em))?"
    r"|(?:mieszka)(?:\s(?:na|przy|w))?|(?:bor|bosatt)(?:\s(?:på|i|ved))?)\W{0,4}$",
    re.IGNORECASE,
)
_CUE_AHEAD = re.compile(
    r"\b(?:lives?|living|live|stays?|resides?|house\sis|home\sis|wohnt|woont|habite|vive|abita|mora|parked"
    r"|parks)\s(?:right\s|just\s)?(?:at|on|off|in der|in|am|an der|rue|aan de|op de|na|en la)\s(?:the\s)?"
    r"(?=[A-ZÀ-Þ])"
)
_POST_BOX = re.compile(
    r"\b(?:p\.?\s?o\.?\s?box|post\s?office\sbox|postfach|postbus|apartado(?:\sde\scorreos)?|casella\spostale"
    r"|caixa\spostal"
    r"|c\.\s?p\.|skrytka\spocztowa|postboks|b\.?\s?p\.?|boîte\spostale|locked\sbag|gpo\sbox|psc"
    r"|unit(?=\s\d{4}\sbox)|cmr)"
    r"(?:\s(?:no|nr|n)\.?)?\s{0,2}[:#]?\s{0,2}(?P<number>\d{1,6}(?:\s\d{2,4}\b)?)(?:,?\sbox\s(?P<box>\d{1,6}))?",
    re.IGNORECASE,
)
_EAST = re.compile(
    r"(?:〒?\s?\d{3}-\d{4}\s{0,3})?(?:[\u4e00-\u9fff]{2,3}[都道府県])?[\u4e00-\u9fff]{1,8}[市区郡町村][\u3040-\u30ff\u4e00-\u9fffヶ]{1,12}"
    r"(?:(?:\d{1,4}|[一二三四五六七八九十]{1,2})(?:丁目|番地?|号|の|[-－ー−])?){1,5}"
    r"|(?:[\u4e00-\u9fff]{2,8}[省市区區县縣]){0,4}[\u4e00-\u9fff]{1,8}(?:路|街|道|巷|大道"
    r"|胡同)\d{1,5}[号號](?:[\u4e00-\u9fff\d]{0,8}\d{1,5}[室楼樓层單元单号號座])?(?:\d{1,5}室)?"
    r"|(?:[가-힣]{2,8}(?:특별시|광역시|도|시)\s)?(?:[가-힣]{1,6}[시군구]\s){0,2}[가-힣\d]{1,12}(?:로"
    r"|길)(?:\s?\d{1,3}번?길)?\s\d{1,4}(?:-\d{1,4})?"
)
_ROMAJI = re.compile(
    r"\b\d{1,3}(?:-\d{1,3}){1,2},?\s[A-Z][a-z]+(?:[ \-][A-Za-z]+){0,2},\s[A-Z][a-z]+-(?:ku|shi|machi|cho"
    r"|gun)(?:,\s[A-Z][a-z]+){0,2}(?:,?\s〒?\d{3}-\d{4})?(?:,\sJapan)?"
)


@lru_cache(maxsize=8192)
def _fold(word: str) -> str:
    if word.isascii():
        return word.lower()
    plain = word.lower().replace("ß", "ss").replace("ø", "o").replace("æ", "ae").replace("ł", "l").replace("œ", "oe")
    return "".join(letter for letter in unicodedata.normalize("NFD", plain) if not unicodedata.combining(letter))


_COMPOUND_END = re.compile(
    "(?:" + "|".join(sorted((re.escape(ending) for ending in _ENDINGS), key=len, reverse=True)) + r")$"
)


@dataclass(slots=True)
class _Word:
    start: int
    end: int
    text: str
    low: str

    @property
    def plain(self) -> str:
        """In lower case, without the dot of an abbreviation."""
        return self.low.rstrip(".")

    @property
    def title(self) -> bool:
        return self.text[0].isupper()


@dataclass(slots=True)
class _Found:
    """An address in the making. ``first`` and ``last`` are token indexes, ``last`` excluded."""

    first: int
    last: int
    number: str
    street: str
    families: tuple[str, ...]
    strength: float
    stood: set[str] = field(default_factory=set)
    postcode: str = ""
    country: str = ""
    end: int = -1
    start: int = -1


def _words(text: str) -> list[_Word]:
    return [_Word(m.start(), m.end(), m.group(), m.group().lower()) for m in _TOKEN.finditer(text)]


# --------------------------------------------------------------------------------------------- cores


def _is_house_number(words: list[_Word], at: int) -> bool:
    word = words[at].text
    if not word[0].isdigit() or not _HOUSE.match(word) or _NO_HOUSE.match(word):
        return False
    if at and words[at - 1].end == words[at].start and words[at - 1].text[0].isalpha():
        return False
    if at + 1 < len(words) and words[at + 1].start == words[at].end and words[at + 1].text[0].isalnum():
        return False
    if at and (words[at - 1].low.rstrip(".") in _NUMBERS_OTHERS or words[at - 1].text in _AROUND_CURRENCY):
        return False
    return not (at + 1 < len(words) and words[at + 1].text in _AROUND_CURRENCY and words[at + 1].start == words[at].end)


def _english(words: list[_Word], at: int) -> _Found | None:
    """NUMBER (direction) name … TYPE (direction): "14 Elm Grove", "830 3rd St S", "9912 S. Avenue H"."""
    last = _english_end(words, at)
    if last < 0 or last - at > 7:
        return None
    street = words[at + 1 : last + 1]
    inner = [w for w in street if w.text[0].isalpha()]
    lower = any(not w.title and w.low not in _PARTICLES for w in inner)
    types = [_EN_TYPE[w.plain] for w in inner if w.plain in _EN_TYPE]
    weak = bool(types) and all(one in _EN_WEAK for one in types)
    strength = (0.2 if weak else 0.45) if lower else (0.45 if weak else 0.7)
    return _Found(at, last + 1, words[at].text, _english_key(street), ("en",), strength)


def _english_end(words: list[_Word], at: int) -> int:
    """The index of the last word of an English street whose number stands at ``at``; -1 where none does."""
    last, k, stop = -1, at + 1, min(len(words), at + 9)
    while k < stop:
        word = words[k]
        if last == k - 1 and word.text[0].isdigit() and words[k - 1].plain in _EN_ROADS:
            return k
        if (last >= 0 and word.text[0].isdigit()) or not _goes_on(words, k, at, last, stop):
            break
        if _is_type(words, k, at, stop):
            last = k
        elif word.plain in {"avenue", "ave"} and k + 1 < stop and len(words[k + 1].plain) == 1 and words[k + 1].title:
            last = k = k + 1
        elif last >= 0:
            glued = k + 1 < len(words) and words[k + 1].start == word.end and words[k + 1].text[0].isalnum()
            return k if word.plain in _DIRECTIONS and not glued else last
        elif word.text.endswith(".") and len(word.plain) > 3 and word.plain not in _DIRECTIONS:
            break
        k += 1
    return last


def _goes_on(words: list[_Word], k: int, at: int, last: int, stop: int) -> bool:
    """Whether word ``k`` can be part of an English street name."""
    word = words[k]
    if word.text[0].isdigit():
        typed = k + 1 < stop and words[k + 1].plain in _EN_TYPE and words[k - 1].plain in _DIRECTIONS
        return bool(_ORDINAL.match(word.text)) or typed
    if not word.text[0].isalpha():
        return word.text in {"'", "’"}
    if last >= 0 or word.plain not in _EN_STOP or (word.plain == "the" and k == at + 1):
        return True
    return word.title and word.plain not in _EN_HARD_STOP


def _is_type(words: list[_Word], k: int, at: int, stop: int) -> bool:
    """Whether word ``k`` is a street type here: not as the first word ("12 Park …"), nor "St" for Saint."""
    low = words[k].plain
    if low not in _EN_TYPE or (k == at + 1 and low not in _EN_ALONE):
        return False
    if low == "st" and k + 2 < stop and words[k + 1].title and words[k + 1].plain not in _EN_TYPE:
        return words[k + 2].plain not in _EN_TYPE
    return True


def _english_key(street: list[_Word]) -> str:
    names = []
    for position, word in enumerate(street):
        if position and word.plain in _EN_TYPE:
            names.append(_EN_TYPE[word.plain])
        elif word.plain in _DIRECTIONS:
            names.append(_DIRECTIONS[word.plain])
        elif word.plain == "st":
            names.append("saint")
        elif word.text[0].isalnum() and word.plain != "the":
            names.append(_fold(word.plain))
    return "".join(names)


_EN_ROADS = _set("highway hwy route rte road rd")
_EN_ALONE = _set("broadway strand esplanade promenade")
_EN_HARD_STOP = _set("on in at to from for with by and or was is are were has had")


def _name_after(words: list[_Word], at: int, most: int = 7) -> int:
    """The index after a Romance street name that starts at ``at``; ``at`` itself where none does."""
    k, solid, after = at, 0, at
    lower_style = at < len(words) and not words[at].title and words[at].low not in _PARTICLES
    while k < min(len(words), at + most):
        word = words[k]
        if word.text[0].isdigit():
            month = k + 1 < len(words) and words[k + 1].low in _MONTHS
            if not month and not (
                solid and words[k - 1].low in _MONTHS and re.fullmatch(r"1[89]\d\d|20\d\d", word.text)
            ):
                break
            solid += 1
            after = k + 1
        elif not word.text[0].isalpha():
            break
        elif word.low in _PARTICLES and word.low not in {"y", "e", "i", "a", "na", "à", "et", "in", "en", "au"}:
            if lower_style and solid:
                break
        elif word.low in _PARTICLES:
            if not (k + 1 < len(words) and words[k + 1].title) or word.low in {"a", "à", "en", "na", "in", "au"}:
                break
        elif word.title or word.low in _MONTHS:
            solid += 1
            after = k + 1
            if word.text.endswith(".") and len(word.text) > 4:
                break
        elif lower_style or not solid:
            if word.low in _EN_STOP or word.low in _PLACE_STOP or solid >= 3:
                break
            lower_style = True
            solid += 1
            after = k + 1
        else:
            break
        k += 1
    return after


def _key_of_name(words: list[_Word]) -> str:
    return "".join(_fold(w.low.rstrip(".")) for w in words if w.low not in _PARTICLES and w.text[0].isalnum())


def _type_before_name(words: list[_Word], at: int) -> _Found | None:
    """NUMBER (bis) TYPE name: "12 bis rue de la Paix"."""
    k = at + 1
    number = words[at].text
    if k < len(words) and (
        words[k].low in {"bis", "ter", "quater"} or (len(words[k].text) == 1 and words[k].low in "abcd")
    ):
        number += words[k].low
        k += 1
    if k < len(words) and words[k].text == ",":
        k += 1
    if k >= len(words) or words[k].low not in _PREFIXES:
        return None
    families, form = _families_of(words[k].low)
    if "fr" not in families and "pt" not in families:
        return None
    after = _name_after(words, k + 1)
    if after == k + 1:
        return None
    weak = words[k].low in _PREFIX_WEAK
    lower = not any(w.title for w in words[k + 1 : after])
    particle = words[k + 1].low in _PARTICLES
    strength = (0.3 if lower else 0.55 if particle else 0.4) if weak else (0.5 if lower else 0.7)
    return _Found(at, after, number, form + _key_of_name(words[k + 1 : after]), ("fr",), strength)


def _families_of(word: str) -> tuple[tuple[str, ...], str]:
    family, form = _PREFIXES[word]
    return _SHARED_PREFIX.get(word, (family,)), form


def _before_number(words: list[_Word], at: int) -> int:
    """The index of the last word of what stands before a house number, past commas and "nº"; -1 where a line ends."""
    k = at - 1
    steps = 0
    while k >= 0 and steps < 3 and (words[k].low in _NUMBER_MARKS or words[k].text in {",", "°", "º"}):
        k -= 1
        steps += 1
    return k if k >= 0 and words[k].text != "\n" else -1


def _type_then_number(words: list[_Word], at: int) -> _Found | None:
    """TYPE name NUMBER: "Calle Mayor 5", "Via Roma, 12", "ul. Długa 7/3", "Carrera 7 # 12-34"."""
    last = _before_number(words, at)
    first = _type_before(words, last) if last >= 0 else -1
    if first < 0:
        return None
    inner = words[first + 1 : last + 1]
    if not any(w.text[0].isalnum() and w.low not in _PARTICLES for w in inner):
        return None
    families, form = _families_of(words[first].low)
    if families[0] == "fr" and re.fullmatch(r"\d{5}", words[at].text):
        return None
    if len(families) > 1 and "en" not in families:
        # French puts the number first, so a shared word with the number last is Spanish or Portuguese.
        families = tuple(family for family in families if family != "fr")
        form = "avenida" if form == "avenue" else form
    lower = not any(w.title or w.text[0].isdigit() for w in inner)
    weak = words[first].low in _PREFIX_WEAK
    strength = (0.15 if lower else 0.55) if weak else (0.5 if lower else 0.7)
    if words[first].low in {"via", "rua"} and words[first].title and not lower:
        strength = 0.68
    if lower and len(inner) > 3:
        strength -= 0.2
    if weak and any(w.text == "," for w in words[last + 1 : at]):
        strength -= 0.1
    return _Found(first, at + 1, words[at].text, form + _key_of_name(inner), families, strength)


def _type_before(words: list[_Word], last: int) -> int:
    """The index of the street type before a name that ends at ``last``, at most seven words back; -1 where none is."""
    for k in range(last, max(last - 8, -1), -1):
        word = words[k]
        if word.low in _PREFIXES and k < last:
            # "Rua do Largo 5": a type inside the name, behind the one that counts.
            if k >= 2 and words[k - 1].low in _PARTICLES and words[k - 2].low in _PREFIXES:
                return k - 2
            return k
        if not _in_name(words, k, last):
            return -1
    return -1


def _in_name(words: list[_Word], k: int, last: int) -> bool:
    """Whether word ``k`` can be part of a Romance or Polish street name that ends at ``last``."""
    word = words[k]
    if word.text[0].isdigit():
        beside = words[k + 1].low if k + 1 < len(words) else ""
        return beside in _MONTHS or beside in {"de", "#"} or beside in _NUMBER_MARKS
    if not word.text[0].isalpha():
        return word.text in {"#", "'", "’"}
    if word.low in _PARTICLES:
        return True
    if word.low in _EN_STOP and not word.title:
        return False
    return not (word.text.endswith(".") and len(word.text) > 5 and k != last)


_ADJECTIVES = _set(
    "alte neue große grosse kleine lange kurze obere untere hohe breite alter neuer großer kleiner alten neuen "
    "eerste tweede derde nieuwe oude korte grote kleine hoge lage gamla nya stora lilla västra östra norra södra "
    "gamle store nordre søndre østre vestre burgemeester dr. prof. sankt st. sint prins prinses koning koningin "
    "jan van gen. pastor"
)  # fmt: skip


def _compound_then_number(words: list[_Word], at: int) -> _Found | None:
    """A word that says street, then NUMBER: "Hauptstr. 12a", "Berliner Straße 5", "Kerkstraat 12-3", "Storgatan 4"."""
    k = _before_number(words, at)
    if k < 0 or len(words[at].text) > 9 or not words[k].text[0].isalpha():
        return None
    word = words[k]
    match = _COMPOUND_END.search(word.low)
    if match is None or word.low in _NOT_STREETS or re.match(r"\d{5}", words[at].text):
        return None
    ending = match.group()
    family, form = _ENDINGS[ending]
    stem = word.low[: match.start()].rstrip("-")
    first = k
    steps = 0
    while first - 1 >= 0 and steps < 4:
        before = words[first - 1]
        if not before.text[0].isalpha():
            break
        bare = not stem and first == k
        if (
            (before.low in _ADJECTIVES and (before.title or bare))
            or (bare and before.title and before.low not in _PLACE_STOP)
            or (
                first < k + (1 if stem else 0)
                and before.low
                in {
                    "van",
                    "von",
                    "de",
                    "der",
                    "den",
                    "ten",
                    "ter",
                    "van't",
                    "an",
                    "am",
                    "auf",
                    "im",
                    "zum",
                    "zur",
                    "in",
                    "unter",
                }
                and (
                    before.title
                    or (first >= 2 and words[first - 2].title and before.low not in {"in", "am", "im", "an", "auf"})
                )
            )
            or (
                before.title
                and words[first].low in {"van", "von", "de", "der", "den", "ten", "ter"}
                and before.low not in _PLACE_STOP
            )
        ):
            first -= 1
        else:
            break
        steps += 1
    if not stem and first == k:
        return None
    weak = ending in _COMPOUND_WEAK
    lower = not words[first].title
    year = bool(re.fullmatch(r"(?:19|20)\d\d", words[at].text))
    strength = (0.3 if lower else 0.45) if weak else (0.55 if lower else 0.7)
    if year or len(words[at].text.rstrip("abcdefgh")) > 4:
        strength -= 0.2
    families: tuple[str, ...] = (
        ("de", "nl") if ending in {"weg", "hof", "markt", "pad", "str", "str.", "park"} else (family,)
    )
    key = "".join(_fold(w.low.rstrip(".")) for w in words[first:k] if w.low not in _PARTICLES) + _fold(stem) + form
    return _Found(first, at + 1, words[at].text, key, families, strength)


def _street_before_postcode(words: list[_Word], at: int) -> _Found | None:
    """TYPE name without number, then a postcode: "rue Bonneau, 82944 Saint-Exemple". The core ends before the code."""
    if not re.fullmatch(r"\d{5}|\d{4}", words[at].text):
        return None
    k = at - 1
    while k >= 0 and at - k < 3 and words[k].text in {",", "\n"}:
        k -= 1
    if k < 0 or not words[k].text[0].isalpha():
        return None
    last = k
    while k >= 0 and last - k < 7 and words[k].text[0].isalpha():
        if words[k].low in _PREFIXES and k < last:
            families, form = _families_of(words[k].low)
            if len(words[at].text) == 4 and not {"fr", "pt"} & set(families):
                return None
            lower = not any(w.title for w in words[k + 1 : last + 1])
            strength = 0.25 if lower or words[k].low in _PREFIX_WEAK - {"avenue", "boulevard", "via"} else 0.35
            return _Found(k, last + 1, "", form + _key_of_name(words[k + 1 : last + 1]), families, strength)
        k -= 1
    match = _COMPOUND_END.search(words[last].low)
    if match and match.start() and match.group() not in _COMPOUND_WEAK and words[last].low not in _NOT_STREETS:
        family, form = _ENDINGS[match.group()]
        return _Found(last, last + 1, "", _fold(words[last].low[: match.start()].rstrip("-")) + form, (family,), 0.35)
    return None


def _compound_after_number(words: list[_Word], at: int) -> _Found | None:
    """NUMBER, then the compound: "12, Bahnhofstrasse"."""
    k = at + 1
    if k < len(words) and words[k].text == ",":
        k += 1
    if k >= len(words) or not words[k].title:
        return None
    match = _COMPOUND_END.search(words[k].low)
    if match is None or not match.start() or match.group() in _COMPOUND_WEAK or words[k].low in _NOT_STREETS:
        return None
    family, form = _ENDINGS[match.group()]
    return _Found(at, k + 1, words[at].text, _fold(words[k].low[: match.start()].rstrip("-")) + form, (family,), 0.5)


_MONTH_STARTS = _set(
    "jan feb mar apr may jun jul aug sep oct nov dec mai mär avr jui aoû déc ene abr ago dic okt dez out fev set"
)


def _bare_cores(words: list[_Word], at: int) -> Iterator[_Found]:
    """A number beside capitalised words without a street word; a postcode right after must vouch for it."""
    k = at + 1
    if (k < len(words) and words[k].low[:3] in _MONTH_STARTS) or (at and words[at - 1].low[:3] in _MONTH_STARTS):
        return
    while k < len(words) and k - at <= 4 and words[k].title and words[k].low not in _PLACE_STOP:
        k += 1
        yield _Found(at, k, words[at].text, _key_of_name(words[at + 1 : k]), (), 0.25)
    last = _before_number(words, at)
    k = last
    while k >= 0 and last - k < 4 and words[k].text[0].isalpha() and words[k].low not in _PLACE_STOP:
        if words[k].title:
            yield _Found(k, at + 1, words[at].text, _key_of_name(words[k : last + 1]), (), 0.25)
        elif words[k].low not in _PARTICLES:
            break
        k -= 1


# --------------------------------------------------------------------------------------------- tails

_BETWEEN = frozenset(",;|•-–—>*·()/")


def _skip(words: list[_Word], k: int, end: int) -> int:
    """The first token that starts at or after character ``end``."""
    while k < len(words) and words[k].start < end:
        k += 1
    return k


def _separator(text: str, words: list[_Word], k: int) -> tuple[int, str]:
    """Past commas, one line break and field labels: the next token and how it is set off (space, comma, line)."""
    kind, lines, steps = "space", 0, 0
    while k < len(words) and steps < 8:
        word = words[k]
        if word.text == "\n":
            lines += 1
            if lines > 1 and words[k - 1].text == "\n":
                return len(words), "gap"
            kind = "line"
        elif word.text in _BETWEEN or (word.text in "?.:" and kind == "line"):
            kind = "comma" if kind == "space" else kind
        else:
            break
        k += 1
        steps += 1
    if k < len(words) and kind != "space":
        label = _FIELD.match(text, words[k].start)
        if label:
            k = _skip(words, k, label.end())
            kind = "field"
            if k < len(words) and words[k].text == "\n":
                return len(words), "gap"
    return k, kind


def _place(words: list[_Word], k: int, lower: bool = False) -> int:
    """The index after a place name that starts at ``k``; ``k`` itself where none does."""
    start, solid = k, k
    while k < len(words) and k - start < 6:
        word = words[k]
        if not word.text[0].isalpha():
            if word.text in "'’" and k > start:
                k += 1
                continue
            break
        low = word.low.rstrip(".")
        if low in _PLACE_STOP and not (k > start and word.low in _PARTICLES):
            break
        if k > start and word.title and word.low in _COUNTRY and words[k - 1].low not in _PARTICLES:
            break
        if len(low) <= 2 and k + 1 < len(words) and words[k + 1].start == word.end and words[k + 1].text[0].isdigit():
            break  # the letters of a postcode ("LS6")
        if word.title and not (len(word.text) == 2 and word.text.isupper() and (low in _US_CODES or low in _AU_ALL)):
            k += 1
            solid = k
            if word.text.endswith(".") and len(word.text) > 3:
                break
        elif k > start and word.low in _PARTICLES and k + 1 < len(words) and words[k + 1].title:
            k += 1
        elif lower and low not in _EN_STOP and k - start < 2 and not word.title and len(low) > 2:
            k += 1
            solid = k
        else:
            break
    return solid


def _postcode(text: str, words: list[_Word], k: int, found: _Found, kind: str) -> tuple[str, str, int] | None:
    """(country, code, end character) of a postcode at token ``k``; digits alone need the street's language."""
    at = words[k].start
    label = _POSTCODE_LABEL.match(text, at)
    if label:
        at = label.end()
    letters = _COUNTRY_LETTERS.match(text, at)
    country = ""
    if letters:
        country = _LETTERS_COUNTRY.get(letters.group(1), letters.group(1))
        at = letters.end()
    elif not label:
        for owner, form in _OWN_POSTCODES:
            own = form.match(text, at)
            if own and not (
                owner in {"GB", "NL"} and own.group().islower() and found.families not in {("en",), ("nl",)}
            ):
                if owner == "US" and "es" in found.families:
                    owner = "MX"
                if owner == "PL" and found.families and "pl" not in found.families and kind == "space":
                    continue
                return owner, own.group(), own.end()
        if "nl" in found.families:
            own = _LOWER_NL.match(text, at)
            if own:
                return "NL", own.group(), own.end()
    else:
        for owner, form in _OWN_POSTCODES:
            own = form.match(text, at)
            if own:
                return owner, own.group(), own.end()
    digits = _DIGIT_POSTCODE.match(text, at)
    if not digits:
        return None
    code = digits.group()
    guess = country or _country_of_digits(code, found.families, text[digits.end() : digits.end() + 30])
    if guess is None and not label:
        return None
    return guess or "", code, digits.end()


_SWISS = re.compile(
    r"\s(?:zürich|zuerich|bern\b|basel|genf|genève|geneve|luzern|winterthur|st\.?\s?gallen|lausanne|zug\b|chur"
    r"|thun|biel|köniz"
    r"|fribourg|freiburg|neuchâtel|sion|schaffhausen|aarau|baden\b|uster|emmen|lugano|bellinzona|olten|solothurn"
    r"|wil\b|nyon|vevey"
    r"|montreux|yverdon|renens|meyrin|carouge|lancy|frauenfeld|wädenswil|horgen|dietikon|dübendorf)",
    re.IGNORECASE,
)


def _country_of_digits(code: str, families: tuple[str, ...], after: str) -> str | None:
    """The country a postcode of digits points to, by the street's language; None where it is no postcode there."""
    plain = code.replace(" ", "").replace("\xa0", "")
    family = families[0] if families else ""
    if len(plain) == 5 and " " in code:
        return {"sv": "SE"}.get(family, "CZ" if not family else None)
    if len(plain) == 5:
        if not family:
            return ""
        if family == "pt" and "es" not in families:
            return "BR"
        return {
            "en": "US",
            "de": "DE",
            "fr": "FR",
            "es": "ES",
            "it": "IT",
            "fi": "FI",
            "sv": "SE",
            "pt": "ES",
            "pl": "PL",
            "tr": "TR",
        }.get(family)
    if len(plain) == 4:
        if _SWISS.match(after):
            return "CH"
        if not family:
            return "" if code[0] != "0" and not re.fullmatch(r"(?:19|20)\d\d", code) else None
        return {
            "de": "AT",
            "fr": "BE",
            "nl": "BE",
            "da": "DK",
            "no": "NO",
            "it": "CH",
            "en": "AU",
            "pt": "PT",
            "hu": "HU",
        }.get(family)
    if len(plain) == 8:
        return "BR" if "pt" in families else None
    if len(plain) == 6:
        return {"en": "IN", "": None}.get(family)
    return None


def _unit(words: list[_Word], k: int) -> int:
    """The index after a unit ("apt 3b", "3º B", "2. OG", "3rd floor"); ``k`` itself where none stands."""
    word = words[k]
    low = word.low.rstrip(".")
    following = words[k + 1] if k + 1 < len(words) else None
    if word.text == "#" and following and (following.text[0].isdigit() or len(following.text) == 1):
        return k + 2
    if low in _UNIT_WORDS and word.text[0].isalpha():
        if following and following.low in _NUMBER_MARKS and k + 2 < len(words) and words[k + 2].text[0].isdigit():
            return k + 3
        if following and (
            following.text[0].isdigit()
            or (len(following.text) == 1 and following.text.isalpha() and following.low not in "yàaeoi")
        ):
            k += 2
            if k < len(words) and len(words[k].text) == 1 and words[k].text.isalpha() and words[k].low not in "yaeoiw":
                k += 1
            return k
        if (
            following
            and low not in {"h", "ph", "mf", "room", "house", "door", "tower", "level", "block", "og", "int", "esc"}
            and re.fullmatch(r"[A-Z]{1,2}\d{0,4}", following.text)
            and following.text.lower() not in _US_CODES
        ):
            return k + 2
        return k + 1 if low in _BARE_UNITS else k
    if word.text[0].isdigit():
        mark = following.low.rstrip(".") if following else ""
        if re.fullmatch(r"\d{1,3}(?:º|ª|°|o|er|e|ème|eme|st|nd|rd|th)", word.low) or (
            following and following.text in {".", "º", "ª", "°"}
        ):
            after = k + 1 if not (following and following.text in {".", "º", "ª", "°"}) else k + 2
            nxt = words[after] if after < len(words) else None
            if nxt is not None:
                low = nxt.low.rstrip(".")
                if low in _UNIT_WORDS or low in {"izquierda", "derecha", "esq", "dir", "sal", "sin"}:
                    return after + 1
                if len(nxt.text) == 1 and nxt.text.isalpha() and nxt.title:
                    return after + 1
            return (
                after
                if word.low[-1] in "ºª" or (after == k + 2 and following is not None and following.text in {"º", "ª"})
                else k
            )
        if (
            re.fullmatch(r"\d{1,3}", word.text)
            and mark
            and len(mark) == 1
            and mark.isalpha()
            and following is not None
            and following.title
        ):
            closing = words[k + 2].text if k + 2 < len(words) else "\n"
            return k + 2 if closing in {",", "\n"} else k
        if re.fullmatch(r"\d{1,2}", word.text) and mark in {
            "og",
            "stock",
            "etage",
            "tv",
            "th",
            "floor",
            "piso",
            "andar",
            "étage",
            "verdieping",
        }:
            return k + 2
    return k


def _region(words: list[_Word], k: int) -> tuple[int, str, str]:
    """(index after, code, country) of a state or province at ``k``."""
    for length in (3, 2, 1):
        name = " ".join(w.low for w in words[k : k + length])
        if name in _STATES and words[k].title:
            return k + length, _STATES[name], "US"
    low = words[k].low.replace(".", "")
    upper = words[k].text.isupper()
    if upper and low in _AU_CODES:
        return k + 1, low, "AU"
    if upper and low in _US_CODES | _CA_CODES:
        return k + 1, low, "CA" if low in _CA_CODES and low not in _US_CODES else "US"
    if upper and low in _BR_CODES:
        return k + 1, low, "BR"
    if upper and len(low) == 2 and low.isalpha():
        return k + 1, low, ""
    if upper and 3 <= len(low) <= 4 and low.isalpha() and k + 1 < len(words) and re.match(r"\d{5}", words[k + 1].text):
        return k + 1, low, "MX"
    if (
        not upper
        and low in _US_CODES | _AU_CODES
        and k + 1 < len(words)
        and re.fullmatch(r"\d{4,5}", words[k + 1].text)
    ):
        return k + 1, low, "AU" if low in _AU_CODES else "US"
    return k, "", ""


def _country_at(words: list[_Word], k: int) -> tuple[int, str]:
    for length in (4, 3, 2, 1):
        if k + length <= len(words):
            name = " ".join(w.low for w in words[k : k + length])
            code = _COUNTRY.get(name, _COUNTRY.get(name.rstrip(".")))
            if code is not None and (words[k].title or length > 1):
                return k + length, code
    return k, ""


_US_STATES = "|".join(sorted((*_STATES, *_US_CODES), key=len, reverse=True))
_US_TAIL = re.compile(
    rf"(?:[a-z][a-z.'\-]*,?\s){{1,4}}?(?:(?:{_US_STATES})\.?,?\s\d{{5}}(?:-\d{{4}})?\b|(?:{'|'.join(_STATES)})\b)",
    re.IGNORECASE,
)
_AFTER_COUNTRY = re.compile(r"\d{4,6}(?:-\d{3,4})?")
_ITS_OWN = frozenset({"GB", "CA", "IE", "NL"})  # their postcodes need no place beside them
_BEFORE_PLACE = frozenset({"in", "à", "en", "te", "w", "i", "a"})


class _Tail:
    """Walks from a core over what may follow it. What is doubtful (a place) stays out unless something sure follows."""

    def __init__(self, text: str, words: list[_Word], found: _Found) -> None:
        self.text, self.words, self.found = text, words, found
        self.k = self.sure = _number_addition(words, found.last, found)
        self.pending = 0  # places passed that nothing sure has followed yet
        self.lower = not any(w.title for w in words[found.first : self.k] if w.text[0].isalpha())
        self.done = False

    def grow(self) -> None:
        pieces = (self._us_line, self._postcode, self._unit, self._country, self._region, self._in_place, self._place)
        for _ in range(10):
            j, kind = _separator(self.text, self.words, self.k)
            if j >= len(self.words) or kind == "gap":
                break
            if not any(piece(j, kind) for piece in pieces) or self.done:
                break
        found, last = self.found, self.words[self.sure - 1]
        found.last, found.end = self.sure, last.end
        if self.text[found.end : found.end + 1] == ")" and "(" in self.text[self.words[found.first].start : found.end]:
            found.end += 1
        if last.text.endswith(".") and (len(last.text) > 4 or last.text[:-1].lower() in _US_CODES | _BR_CODES):
            found.end -= 1

    def _take(self, to: int, *parts: str) -> bool:
        """Accept everything up to token ``to``, places passed on the way included."""
        self.found.stood.update(parts)
        if self.pending:
            self.found.stood.add("city")
        self.pending = 0
        self.k = self.sure = to
        return True

    def _us_line(self, j: int, kind: str) -> bool:
        """City, state and ZIP in one go, whatever their case: "jacksonville beach fl 32250"."""
        found = self.found
        if found.families not in {("en",), ()} or "postcode" in found.stood:
            return False
        match = _US_TAIL.match(self.text, self.words[j].start)
        if match is None:
            return False
        digits = re.search(r"\d{5}", match.group())
        found.country = "US"
        if digits:
            found.postcode = digits.group()
            found.stood.add("postcode")
        return self._take(_skip(self.words, j, match.end()), "city", "region")

    def _postcode(self, j: int, kind: str) -> bool:
        found = self.found
        code = None if "postcode" in found.stood else _postcode(self.text, self.words, j, found, kind)
        if code is None:
            return False
        country, value, end = code
        known = self.pending or found.stood & {"city", "region"}
        after = _skip(self.words, j, end)
        place = after
        if country not in {"GB", "CA", "IE", "US", "JP"}:
            place = _place(self.words, after, self.lower)
            if place == after:
                # The code alone on its line, or before a comma: the place may follow there.
                beyond, how = _separator(self.text, self.words, after)
                if how in {"line", "comma"} and not known:
                    further = _place(self.words, beyond, self.lower) if beyond < len(self.words) else beyond
                    closed = further >= len(self.words) or not self.words[further].title
                    place = further if further > beyond and closed else after
        if place == after and country not in _ITS_OWN:
            # Digits with no place on either side may be anything, unless English or long and set apart.
            alone = kind in {"space", "line"} and found.families != ("en",) and (not found.families or len(value) == 4)
            short = len(value) == 4 and country in {"AT", "BE", "DK", "NO", "CH", ""}
            if not known and (alone or short or not found.families or country == "AU"):
                return self._stop()
            if short and kind == "space":
                return self._stop()
        found.postcode, found.country = value, country
        return self._take(place, "postcode", *(["city"] if place > after else []))

    def _stop(self) -> bool:
        self.done = True
        return True

    def _unit(self, j: int, kind: str) -> bool:
        words = self.words
        polish = words[j].low in {"m.", "lok."} and j + 1 < len(words) and words[j + 1].text.isdigit()
        after = j + 2 if polish else _unit(words, j)
        return after > j and not self.pending and self._take(after, "unit")

    def _country(self, j: int, kind: str) -> bool:
        found = self.found
        if kind == "space" and not self.pending and "postcode" not in found.stood:
            return False
        after, country = _country_at(self.words, j)
        if after == j:
            return False
        if country and (not found.country or found.country in {"US", "AT", "BE", "AU"}):
            found.country = country
        self.done = "postcode" in found.stood
        following = self.words[after] if after < len(self.words) else None
        if not self.done and following is not None and _AFTER_COUNTRY.fullmatch(following.text):
            gap = self.text[self.words[after - 1].end : following.start]
            if not gap.strip(" ,") and len(gap) <= 2:
                found.postcode = following.text
                self.done = True
                return self._take(after + 1, "country", "postcode")
        return self._take(after, "country")

    def _region(self, j: int, kind: str) -> bool:
        found = self.found
        if "region" in found.stood or not (kind in {"comma", "field"} or self.pending or "city" in found.stood):
            return False
        after, _code, country = _region(self.words, j)
        if after == j or (after < len(self.words) and self.words[after].low in {"is", "was", "has"}):
            return False
        found.country = found.country or country
        return self._take(after, "region")

    def _in_place(self, j: int, kind: str) -> bool:
        """A place after a preposition: "14 Elm Grove in Leeds"."""
        words = self.words
        if {"postcode", "city"} <= self.found.stood:
            return self._stop()
        if words[j].low not in _BEFORE_PLACE or kind != "space" or "city" in self.found.stood or j + 1 >= len(words):
            return False
        after = _place(words, j + 1)
        return after > j + 1 and words[j + 1].title and self._take(after, "city")

    def _place(self, j: int, kind: str) -> bool:
        words = self.words
        loose = self.lower and kind in {"space", "comma"}
        after = _place(words, j, self.lower)
        if after == j or self.pending == 2:
            return False
        if not self.pending and "city" not in self.found.stood:
            following = words[after] if after < len(words) else None
            closing = words[after - 1].text.endswith(".")
            at_end = following is None or closing or following.text in {"\n", ",", ".", "!", ";"}
            closed = at_end or following is None or not following.title or not following.text[0].isalnum()
            if (loose and at_end) or (not loose and kind in {"comma", "field"} and closed):
                return self._take(after, "city")
        self.pending += 1
        self.k = after
        return True


def _grow(text: str, words: list[_Word], found: _Found) -> None:
    _Tail(text, words, found).grow()


def _number_addition(words: list[_Word], k: int, found: _Found) -> int:
    """A letter or "bis" set apart from the house number: "12 a", "12 bis"."""
    if k < len(words) and words[k - 1].text[0].isdigit() and words[k].start - words[k - 1].end <= 1:
        low = words[k].low
        if low in {"bis", "ter", "hs"}:
            found.number += low
            return k + 1
        after = words[k + 1].text if k + 1 < len(words) else "\n"
        if len(low) == 1 and low in "abcdefgh" and (after in {",", "\n", ".", ";"} or after[0].isdigit()):
            found.number += low
            return k + 1
    return k


_OPENS_A_LINE = re.compile(r"(?:^|\n)[ \t>?*•|\-]{0,8}$")


def _number_in_front(text: str, words: list[_Word], found: _Found) -> None:
    """The number of a building or block before a street that has its own: "275 Søndergade 52"."""
    at = found.first - 1
    if at < 0 or not words[at].text.isdigit() or len(words[at].text) > 5:
        return
    if text[words[at].end : words[found.first].start] not in {" ", "  "} or not found.number:
        return
    before = text[max(0, words[at].start - 48) : words[at].start]
    unit = at >= 2 and _unit(words, at - 2) == at and words[at - 2].low.rstrip(".") in _UNIT_WORDS
    ahead = before.rstrip(" ")[-1:] in {",", ":"} or _OPENS_A_LINE.search(before) or _CUE.search(before)
    if unit or ahead or _WITH_ADDRESS.search(before):
        found.first = at
        found.start = words[at].start


_WITH_ADDRESS = re.compile(r"\b(?:address (?:with|is|to)|it is|it's in|at|to|with|in|lives)\s$", re.IGNORECASE)


def _lead(words: list[_Word], found: _Found) -> None:
    """A unit written before the street: "Flat 2, 14 Elm Grove", "Unit 5/12 Smith Street"."""
    k = found.first - 1
    steps = 0
    while steps < 2:
        steps += 1
        j = k
        if j >= 0 and words[j].text in {",", "\n", "-", "/"}:
            j -= 1
        if j >= 1 and _unit(words, j - 1) == j + 1 and words[j - 1].low.rstrip(".") in _UNIT_WORDS:
            found.first = j - 1
            found.stood.add("unit")
            k = j - 2
        elif j >= 1 and words[j].low == "floor" and _ORDINAL.match(words[j - 1].text):
            found.first = j - 1
            k = j - 2
        else:
            return


# --------------------------------------------------------------------------------------------- the whole


@dataclass(frozen=True, slots=True)
class Address:
    """One address: characters of the text, canonical key, country guess, confidence and why."""

    start: int
    end: int
    value: str
    country: str
    confidence: float
    reason: str


_LINE_ONLY = _set("home location street straße strasse rue calle straat via mora vive habite lives morada")
_OTHER_ADDRESSES = re.compile(
    r"(?:\bip|e-?mail|mail|mac|web|wallet|btc|eth|crypto|url|http|bitcoin|internet|memory|server)[\s\-_]{0,2}$",
    re.IGNORECASE,
)
_BONUS = {"postcode": 0.2, "city": 0.08, "region": 0.06, "country": 0.05, "unit": 0.1}
_SAYS = {"unit": "a unit", "postcode": "a postcode", "city": "a place", "region": "a region", "country": "a country"}
LEAST = 0.5


def find_addresses(text: str) -> list[Address]:
    """All addresses in ``text``, by start, without overlap; only those of at least ``LEAST`` confidence."""
    candidates: list[Address] = []
    labels = _labels(text)
    if any(letter.isdigit() for letter in text):
        words = _words(text)
        candidates += _numbered(text, words, labels)
        candidates += _boxes(text)
        candidates += _military(text)
        candidates += _eastern(text)
        candidates += _indian(text)
        candidates += _labelled(text, labels, candidates)
    candidates += _unnumbered(text)
    candidates.sort(key=lambda a: (-a.confidence, a.start - a.end, a.start))
    taken = Taken()
    kept = [one for one in candidates if one.confidence >= LEAST and taken.take(one.start, one.end)]
    return sorted(kept, key=lambda a: a.start)


def _numbered(text: str, words: list[_Word], labels: list[tuple[int, int]]) -> list[Address]:
    found: list[Address] = []
    taken_to = -1
    for at in range(len(words)):
        if not words[at].text[0].isdigit() or at < taken_to or not _is_house_number(words, at):
            continue
        best: tuple[float, _Found] | None = None
        cores = [
            core
            for core in (
                _english(words, at),
                _type_before_name(words, at),
                _type_then_number(words, at),
                _compound_then_number(words, at),
                _compound_after_number(words, at),
                _street_before_postcode(words, at),
            )
            if core is not None
        ]
        if not cores:
            cores = list(_bare_cores(words, at))
        for core in cores:
            _grow(text, words, core)
            if not core.number and "postcode" not in core.stood:
                continue
            _number_in_front(text, words, core)
            if (
                not core.families
                and not core.stood & {"postcode", "unit"}
                and not _said_to_be(text, words[core.first].start)
            ):
                continue
            _lead(words, core)
            core.start = words[core.first].start
            score = _confidence(text, core, labels)
            rank = score + 0.002 * (core.end - core.start) / 10
            if best is None or rank > best[0]:
                best = (rank, core)
        if best is None:
            continue
        core = best[1]
        score = _confidence(text, core, labels)
        if score >= LEAST:
            start = core.start
            value_start = _value_before(labels, start)
            if start - value_start <= 40 and "\n" not in text[value_start:start]:
                start = value_start
            start, end = _corner(text, start, core.end)
            found.append(Address(start, end, _key(core), core.country or _home(core), round(score, 2), _why(core)))
            taken_to = core.last
    return found


_SAID_TO_BE = re.compile(r"(?:\b(?:at|is|unter|lautet|au|op|aan|nel|nº)|:)\s{0,2}$", re.IGNORECASE)


def _said_to_be(text: str, start: int) -> bool:
    """Whether the words before say that an address follows ("lives at", "address is")."""
    before = text[max(0, start - 48) : start]
    return bool(_SAID_TO_BE.search(before) and _CUE.search(before))


def _value_before(labels: list[tuple[int, int]], start: int) -> int:
    """Where the value of the nearest label before ``start`` begins; far away where there is none."""
    place = bisect_right(labels, start, key=lambda label: label[1])
    return labels[place - 1][1] if place else -10_000


def _home(core: _Found) -> str:
    """The country a street's language points to where no postcode stands and only one country writes so."""
    return (
        {"pl": "PL", "sv": "SE", "fi": "FI", "it": "IT", "da": "DK", "no": "NO"}.get(core.families[0], "")
        if core.families
        else ""
    )


def _confidence(text: str, core: _Found, labels: list[tuple[int, int]]) -> float:
    score = core.strength + sum(_BONUS.get(part, 0.0) for part in core.stood)
    start = core.start
    if not core.families and "unit" in core.stood and "postcode" not in core.stood:
        score += 0.2
    if not core.families and "postcode" in core.stood:
        score += 0.1 if len(core.postcode) > 5 or core.country in {"GB", "NL", "CA", "PL"} else 0.0
    if any(value_start <= start <= value_start + 60 for _, value_start in labels) or _CUE.search(
        text[max(0, start - 48) : start]
    ):
        score += 0.2
    else:
        line_start = text.rfind("\n", 0, start) + 1
        line_end = text.find("\n", core.end)
        if not text[line_start:start].strip(" \t>-*•") and not text[
            core.end : line_end if line_end >= 0 else len(text)
        ].strip(" \t.,"):
            score += 0.1
    return min(score, 0.97)


def _why(core: _Found) -> str:
    parts = [
        "a house number"
        if not core.families
        else "a street word with a house number"
        if core.number
        else "a street word"
    ]
    parts += [_SAYS[part] for part in ("unit", "postcode", "city", "region", "country") if part in core.stood]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts) + " stand together"


def _key(core: _Found) -> str:
    written, country = _fold(core.number), core.country or _home(core)
    if country in {"AU", "NZ", "PL"} and "/" in written:
        # The flat stands before the house number in the one country and after it in the other: "5/12".
        written = written.split("/")[0 if country == "PL" else -1]
    number = re.sub(r"[^0-9a-z/\-]", "", written).replace("/", "-")
    postcode = re.sub(r"[^0-9A-Z]", "", core.postcode.upper())
    if core.country == "US":
        postcode = postcode[:5]
    street = re.sub(r"[^0-9a-z]", "", core.street)
    if country in {"PT", "BR"} and street.startswith("rue"):
        street = "rua" + street[3:]  # both write "R."
    return f"{number}|{street}|{postcode}|{country}"


def _labels(text: str) -> list[tuple[int, int]]:
    """(start of the label, start of its value) of every "Address:" in the text."""
    found = []
    for match in _LABEL.finditer(text):
        label = match.group("label").lower()
        start = match.start("label")
        if label in _LINE_ONLY and text[text.rfind("\n", 0, start) + 1 : start].strip(" \t-*•>#=~_|[("):
            continue
        if _OTHER_ADDRESSES.search(text[max(0, start - 12) : start]):
            continue
        found.append((start, match.end()))
    return found


_NOT_A_PLACE = re.compile(r"[@]|https?:|www\.|0x[0-9a-f]{6}|\d{1,3}\.\d{1,3}\.\d{1,3}\.\d", re.IGNORECASE)


def _labelled(text: str, labels: list[tuple[int, int]], others: list[Address]) -> list[Address]:
    """What a label says is an address, where no grammar knew it: needs words and a number."""
    found = []
    taken = Taken()
    for other in sorted(others, key=lambda a: a.start):
        taken.take(other.start, other.end)
    for _start, value_start in labels:
        while value_start < len(text) and text[value_start] in " \t\r\n":
            value_start += 1
        end = text.find("\n", value_start)
        end = min(end if end >= 0 else len(text), value_start + 120)
        follow = re.compile(
            r"\n[ \t>]{0,4}(?:[A-Z]{1,2}-?)?\d{4,6}\s[^\n:]{2,30}(?=\n|$)"
            r"|\n[ \t>]{0,4}[^\n:\d]{2,30}[, ]\s?(?:[A-Z]{2}\s)?\d{4,5}(?=\n|$)"
        ).match(text, end)
        if follow:
            end = follow.end()
        value = text[value_start:end].rstrip(" .,;|")
        cut = re.search(r"\s(?:[A-Za-zé]{3,12}\s?:|\|)", value)
        if cut:
            value = value[: cut.start()].rstrip(" .,;|-")
        if taken.overlaps(value_start, value_start + len(value)):
            continue
        letters = sum(letter.isalpha() for letter in value)
        if (
            letters < 4
            or not any(letter.isdigit() for letter in value)
            or _NOT_A_PLACE.search(value)
            or len(value.split()) < 2
            or len(value.split()) > 18
        ):
            continue
        postcode = re.search(r"\b(?:\d{4,6}|\d{5}-\d{3,4}|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})\b", value)
        number = re.search(r"(?<!\w)\d{1,5}[a-zA-Z]?(?!\w)", value)
        street = re.sub(r"[^a-z]", "", _fold(re.split(r"[,\n]", value)[0]))
        code = postcode.group().replace(" ", "") if postcode else ""
        key = f"{number.group().lower() if number else ''}|{street}|{code}|"
        found.append(
            Address(
                value_start,
                value_start + len(value),
                key,
                "",
                0.7 if postcode else 0.6,
                "a label says it is an address, and it holds words and a number",
            )
        )
    return found


def _boxes(text: str) -> list[Address]:
    found = []
    for match in _POST_BOX.finditer(text):
        short = match.group().lower().startswith(("bp", "b.p", "c.p", "c. p", "cmr", "b p"))
        end, confidence, postcode, country = match.end(), 0.5, "", ""
        tail = re.compile(
            r"[\s,]{1,4}(?:(?P<apo>[AFD]PO,?\s(?:AA|AE|AP)\s\d{5})"
            r"|(?P<code>(?:[A-Z]{1,2}-)?\d{4,5}(?:\s?[A-Z]{2}\b)?)\s(?P<city>[A-ZÀ-Þ][\w'’\-]+(?:\s[A-ZÀ-Þ][\w'’\-]+){0,2})"
            r"|(?P<city2>[A-ZÀ-Þ][\w'’\-]+(?:\s[A-ZÀ-Þ][\w'’\-]+){0,2}),?\s(?P<code2>(?:[A-Z]{2,3},?\s)?\d{4,5}"
            r"|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}))"
        ).match(text, match.end())
        if tail:
            end, confidence = tail.end(), 0.8
            postcode = (tail.group("code") or tail.group("code2") or tail.group("apo") or "")[-5:].strip()
            country = "US" if tail.group("apo") or re.match(r"[A-Z]{2},?\s\d{5}", tail.group("code2") or "") else ""
        elif short:
            continue
        number = match.group("number").replace(" ", "")
        found.append(
            Address(
                match.start(),
                end,
                f"{number}|pobox{match.group('box') or ''}|{postcode}|{country}",
                country,
                confidence,
                "a post box",
            )
        )
    return found


_MILITARY = re.compile(
    r"\b(?:(?:USS|USNS|USNV|USCGC|USAV|HMS|CMR|PSC|Unit)\s[^\n,]{1,40}?)[\s,]{1,4}"
    r"(?P<office>[AFD]PO),?\s(?P<area>AA|AE|AP),?\s(?P<zip>\d{5})(?:-\d{4})?\b",
    re.IGNORECASE,
)


def _military(text: str) -> list[Address]:
    """A ship or unit with its military post office: "USS Example, FPO AP 96691". Source: USPS Publication 28, 225."""
    if "po" not in text.lower():
        return []
    found = []
    for match in _MILITARY.finditer(text):
        unit = re.sub(r"[^a-z0-9]", "", _fold(re.split(r"[\n,]", match.group())[0]))
        why = "a ship or unit and a military post office stand together"
        found.append(Address(*match.span(), f"|{unit}|{match['zip']}|US", "US", 0.9, why))
    return found


_CORNER = re.compile(r"\b(?:the\s)?corner of\s(?P<first>[^\n,.;]{2,60}?\sand\s)?$", re.IGNORECASE)
_OTHER_STREET = re.compile(r"\s(?:and|&)\s(?:[A-ZÀ-Þ][\w'’\-]*)(?:\s[A-ZÀ-Þ][\w'’\-]*){0,3}(?:\s\d{1,4}\b)?")


def _corner(text: str, start: int, end: int) -> tuple[int, int]:
    """The whole of "the corner of Elm Street and Oak Lane", of which one street was found."""
    before = _CORNER.search(text[max(0, start - 90) : start])
    if before is None:
        return start, end
    other = None if before["first"] else _OTHER_STREET.match(text, end)
    return max(0, start - 90) + before.start(), other.end() if other else end


_INDIAN = re.compile(
    r"(?<![\w,/.:])(?P<said>(?:flat|house|plot|door|shop|villa|h)\.?\s?(?:no|number)?\.?|no\.|#)?\s{0,2}[:\-]?\s{0,2}"
    r"(?P<number>[A-Z]?-?\d{1,4}[A-Z]?(?:[/\-]\d{1,4}[A-Z]?){0,3}),\s?"
    r"(?P<parts>(?:[^,\n\d][^,\n]{1,40}+(?:,\s{0,2}+|\n)|\d{1,2}(?:st|nd|rd|th)\s[^,\n]{2,30}+(?:,\s{0,2}+|\n)){1,6})"
    r"(?P<city>[A-Z][a-z]+(?:\s[A-Z][a-z]+)?)(?:,\s[A-Z][A-Za-z ]{2,20})?\s?[,\-–]?\s?"
    r"(?P<pin>[1-9]\d{2}\s?\d{3})\b(?:,?\sIndia\b)?",
    re.IGNORECASE,
)
_PIN = re.compile(r"(?<!\d)[1-9]\d{2}\s?\d{3}(?!\d)")
_INDIAN_ROAD = re.compile(
    r"\b(?:road|rd|street|st|marg|nagar|colony|layout|lane|cross|main|sector|block|vihar|enclave|chowk|path|ganj)\b"
)


def _indian(text: str) -> list[Address]:
    """Flat, floor, road, quarter, city and six-digit PIN: the road has no number of its own."""
    found: list[Address] = []
    if not _PIN.search(text):
        return found
    for match in _INDIAN.finditer(text):
        parts = [part.strip().lower() for part in re.split(r"[,\n]", match.group("parts")) if part.strip()]
        roads = [part for part in parts if _INDIAN_ROAD.search(part)]
        if not match.group("said") and not (roads or match.group("city")[0].isupper()):
            continue
        street = re.sub(r"[^a-z0-9]", "", re.sub(r"\brd\b", "road", (roads or parts or [""])[0]))
        key = f"{match.group('number').lower()}|{street}|{re.sub(r'[^0-9]', '', match.group('pin'))}|IN"
        sure = 0.92 if match.group("said") or roads else 0.7
        why = "a flat or house number, parts of an Indian address and a PIN code stand together"
        found.append(Address(match.start(), match.end(), key, "IN", sure, why))
    return found


_WIDER_AREA = re.compile(
    r"^(?:[가-힣]+(?:특별자치시|특별시|광역시|자치도|시|도)|서울|부산|대구|인천|광주|대전|울산|세종)\s"
    r"|^(?:〒?\s?\d{3}-\d{4})?\s?(?:[\u4e00-\u9fff]{2,3}[都道府県省])?(?:[\u4e00-\u9fff]{2,3}[市縣县](?=[^市]*[区區鄉镇]))?"
)
_HAN_DIGITS = str.maketrans("一二三四五六七八九臺", "123456789台")


def _eastern_key(value: str, country: str) -> str:
    """Number and street without the province or city before the ward, which people leave out."""
    local = _WIDER_AREA.sub("", value, count=1)
    local = re.sub(r"(?<=[路街道])[一二三四五六七八九](?=段)", lambda part: part.group().translate(_HAN_DIGITS), local)
    local = local.translate({ord("臺"): "台"})
    section = re.search(r"\d段", local)
    number = "-".join(re.findall(r"\d+", local.replace(section.group(), "") if section else local)[-3:])
    street = re.sub(r"[\s〒\-]|\d+(?!段)|丁目|番地?|[号號]", "", local)
    return f"{number}|{street}||{country}"


def _eastern(text: str) -> list[Address]:
    found = []
    if not text.isascii():
        for match in _EAST.finditer(text):
            value = match.group()
            country = (
                "KR" if re.search("[가-힣]", value) else "JP" if re.search("[丁目都道府県〒]|番地", value) else "CN"
            )
            found.append(
                Address(
                    match.start(),
                    match.end(),
                    _eastern_key(value, country),
                    country,
                    0.85,
                    "place and street signs of an East Asian address with a number",
                )
            )
    for match in _ROMAJI.finditer(text):
        blocks = re.match(r"[\d\-]+", match.group())
        street = re.sub(r"[^a-z]", "", match.group().lower().replace("japan", ""))
        found.append(
            Address(
                match.start(),
                match.end(),
                f"{blocks.group() if blocks else ''}|{street}||JP",
                "JP",
                0.8,
                "block number and ward of a Japanese address",
            )
        )
    return found


def _unnumbered(text: str) -> list[Address]:
    """A street without a number after words that say someone lives there: "lives on Maple Avenue in Leeds"."""
    found = []
    for cue in _CUE_AHEAD.finditer(text):
        words = _words(text[cue.end() : cue.end() + 90])
        core = _street_alone(words)
        if core is None:
            continue
        piece = text[cue.end() : cue.end() + 90]
        _grow(piece, words, core)
        found.append(
            Address(
                cue.end(),
                cue.end() + core.end,
                _key(core),
                core.country,
                round(min(0.55 + 0.05 * len(core.stood), 0.75), 2),
                "a street without a number, after words that say someone lives there",
            )
        )
    return found


def _street_alone(words: list[_Word]) -> _Found | None:
    for k, word in enumerate(words[:6]):
        if not word.text[0].isalnum() or word.low in _EN_STOP:
            return None
        low = word.low.rstrip(".")
        if k and low in _EN_TYPE and (word.title or _EN_TYPE[low] not in _EN_WEAK):
            key = "".join(_fold(w.low.rstrip(".")) for w in words[:k]) + _EN_TYPE[low]
            return _Found(0, k + 1, "", key, ("en",), 0.3)
        match = _COMPOUND_END.search(word.low)
        if match and match.group() not in _COMPOUND_WEAK and (match.start() or k):
            family, form = _ENDINGS[match.group()]
            return _Found(
                0,
                k + 1,
                "",
                "".join(_fold(w.low) for w in words[:k]) + _fold(word.low[: match.start()]) + form,
                (family,),
                0.3,
            )
        if not k and word.low in _PREFIXES:
            after = _name_after(words, 1)
            if after > 1:
                families, form = _families_of(word.low)
                return _Found(0, after, "", form + _key_of_name(words[1:after]), families, 0.3)
    return None


class AddressDetector:
    """Postal addresses; ``detail`` is the country the form points to, or ""."""

    name = "address"

    def find(self, text: NormalisedText, context: ScanContext) -> Iterator[Candidate]:
        for found in find_addresses(text.text):
            yield Candidate(
                kind="address",
                start=found.start,
                end=found.end,
                value=found.value,
                detail=found.country,
                confidence=found.confidence,
                reason=found.reason,
            )


DETECTOR = AddressDetector()
