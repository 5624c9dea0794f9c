"""The words that street addresses are made of, by language: street types, units, regions, countries, stops.

Tables only; ``address.py`` reads addresses with them. Keys are in lower case, with the accents people write.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from habeas.kernel.jurisdictions import countries


def _set(words: str) -> frozenset[str]:
    """The words of a blank-separated list."""
    return frozenset(words.split())


# --------------------------------------------------------------------------------------------- street words

# English street types: what people write -> one form. "weak" ones are everyday words too and need more beside them.
EN_TYPES = {
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
EN_TYPE = {short: full for full, forms in EN_TYPES.items() for short in forms.split()}
EN_WEAK = _set(
    "falls ville cliffs village isle island centre cross meadow mill knoll lodge orchard spring station valley vista "
    "landing harbor forge causeway ferry circus approach yard quadrant ride paddock bank brow brae wynd dene "
    "garth heath "
    "reach wood lea end arcade trace spur summit manor oval "
    "court place way row walk hill park rise view green path run pass point bend gate fields common loop chase "
    "mount cove circle square close plaza glen ridge hollow dale strand pike trail"
)
EN_STOP = _set(
    "on in at to from for with was were is are am be been by as it that this these those and or but not so if "
    "then than my your his her their our its we you he she they i a an into onto over under off out up down about "
    "after before between during until since per via vs versus times days weeks months years hours minutes "
    "seconds people men women kids children stores shops miles km metres meters feet percent points goals games "
    "votes cars houses homes more less least most new other different old next last first second third million "
    "billion thousand hundred dollars pounds euros of-the-year who which what where when why how all any each "
    "every some no both few many several will would can could should may might must do does did has have had got "
    "get bis quater year lives live lived living located"
)
DIRECTIONS = {
    "n": "north", "s": "south", "e": "east", "w": "west", "ne": "northeast", "nw": "northwest", "se": "southeast",
    "sw": "southwest", "north": "north", "south": "south", "east": "east", "west": "west",
    "northeast": "northeast", "northwest": "northwest", "southeast": "southeast", "southwest": "southwest",
}  # fmt: skip

# Types that close a compound word ("Hauptstraße", "Kerkstraat", "Storgatan"): family, folded ending -> one form.
COMPOUND = {
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
    "et": "tänav=tanav puiestee=puiestee",
    "sl": "cesta=cesta trg=trg",
    "cs": "náměstí=namesti třída=trida",
    "fi": "katu=katu tie=tie kuja=kuja polku=polku kaari=kaari katu.=katu bulevardi=bulevardi",
    "hu": "utca=utca körút=korut útja=utja",
}  # fmt: skip
ENDINGS: dict[str, tuple[str, str]] = {}
for _family, _forms in COMPOUND.items():
    for _pair in _forms.split():
        _ending, _, _form = _pair.partition("=")
        ENDINGS.setdefault(_ending, (_family, _form))

# Types that stand before the name ("rue de la Paix", "Calle Mayor", "Via Roma", "ul. Długa"): family, form.
PREFIX = {
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
    "urbanización=urbanizacion cuesta=cuesta vial=vial cañada=canada pasadizo=pasadizo acceso=acceso vía=via",
    "it": "via=via viale=viale v.le=viale corso=corso c.so=corso piazza=piazza p.za=piazza p.zza=piazza "
          "piazzale=piazzale"
    " p.le=piazzale vicolo=vicolo largo=largo strada=strada lungomare=lungomare salita=salita contrada=contrada"
    " località=localita rotonda=rotonda stretto=stretto incrocio=incrocio canale=canale calata=calata borgo=borgo "
    "traversa=traversa lungotevere=lungotevere",
    "pt": "rua=rua r.=rua avenida=avenida av.=avenida av=avenida praça=praca praca=praca travessa=travessa tv.=travessa"
    " alameda=alameda al.=alameda estrada=estrada largo=largo rodovia=rodovia rod.=rodovia quinta=quinta beco=beco"
    " calçada=calcada quadra=quadra vila=vila jardim=jardim morro=morro chácara=chacara sítio=sitio lagoa=lagoa "
    "colônia=colonia vale=vale lago=lago praia=praia aeroporto=aeroporto conjunto=conjunto "
    "trevo=trevo distrito=distrito esplanada=esplanada "
    "setor=setor parque=parque loteamento=loteamento condomínio=condominio fazenda=fazenda pátio=patio "
    "recanto=recanto residencial=residencial trecho=trecho estação=estacao favela=favela feira=feira "
    "núcleo=nucleo vereda=vereda passarela=passarela campo=campo ladeira=ladeira praceta=praceta viela=viela",
    "pl": "ul.=ulica ul=ulica ulica=ulica al.=aleja aleja=aleja aleje=aleja pl.=plac plac=plac os.=osiedle "
          "osiedle=osiedle"
    " rynek=rynek skwer=skwer",
    "tr": "sokak=sokak cadde=cadde",
}  # fmt: skip
PREFIXES: dict[str, tuple[str, str]] = {}
for _family, _forms in PREFIX.items():
    for _pair in _forms.split():
        _word, _, _form = _pair.partition("=")
        PREFIXES.setdefault(_word, (_family, _form))
# The same word stands before the name in several languages; the rest of the address decides.
SHARED_PREFIX = {
    "rua": ("pt", "es"), "av.": ("fr", "es", "pt"), "av": ("fr", "pt", "es"), "avenida": ("es", "pt"),
    "largo": ("it", "pt"),
    "al.": ("pl", "pt"), "pl.": ("pl", "fr"), "avenue": ("fr", "en"), "place": ("fr", "en"), "ave": ("fr", "en"),
    "boulevard": ("fr", "en"), "square": ("fr", "en"), "route": ("fr", "en"), "r.": ("pt", "fr"), "plaza": ("es", "en"),
    "via": ("it", "pt", "es"), "alameda": ("pt", "es"),
}  # fmt: skip

UNIT_WORDS = _set(
    "apt apartment appartment appartamento edif edificio ed conjunto rd flr pob box mailstop unit suite ste flat "
    "floor fl rm room lot bldg building penthouse ph basement bsmt "
    "level lvl studio block tower trlr spc space dept wing whg wohnung stock etage og eg ug dg stiege tür tuer "
    "top hinterhaus vorderhaus hh vh aufgang bte boîte boite bus appt appartement app étage bât bat bâtiment "
    "batiment esc escalier porte hall piso puerta pta planta esc escalera bajo bloque portal izda izq dcha depto "
    "departamento dpto interior int oficina interno scala piano pal palazzina apto andar bloco sala casa lote "
    "fração lok lokal lgh lägenhet tv th mf leil h verdieping begane house door hno"
)
# A unit word that is an everyday word too needs its number right after it.
BARE_UNITS = _set("basement penthouse bajo eg dg hinterhaus vorderhaus tv th mf upper lower rear front")
SIDES = _set(
    "izquierda derecha izq dcha izda esq dir dto dta fte frente sal sin drt esquerdo direito left right links rechts"
)
FLOORS = _set("og stock etage tv th floor piso andar étage verdieping")
# Units that only a number follows.
NUMBERED_UNITS = _set("h ph mf room house door tower level block og int esc")
# How the names of houses and blocks end.
BUILDINGS = _set(
    "court house lodge building buildings apartments apts tower towers mansions mansion heights villa villas cottage "
    "hall residence residences estate point plaza centre center flats terrace gardens block manor farm mill barn grange"
)
NUMBER_MARKS = _set("no n nr nº n° nº. n. número numero num núm nummer # numéro núm. num. nr. no. n.º nro nro.")

STATES = {
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
US_CODES = frozenset(STATES.values()) | {"pr", "vi", "gu", "as", "fm", "mh", "mp", "pw", "aa", "ae", "ap"}
CA_CODES = _set("ab bc mb nb nl ns nt nu on pe qc sk yt")
AU_CODES = _set("nsw vic qld tas act")  # sa, wa and nt are others' codes too: they need their postcode
AU_ALL = AU_CODES | {"sa", "wa", "nt"}
BR_CODES = _set("ac al ap am ba ce df es go ma mt ms mg pa pb pr pe pi rj rn rs ro rr sc sp se to")

# Mexican states, as short as the post writes them. Source: ISO 3166-2:MX.
MX_CODES = _set(
    "agu ags bc bcn bcs cam camp chp chis chh chih coa coah col df cmx cdmx dur dgo gua gto gro hid hgo jal mex mic "
    "mich mor nay nle nl oax pue que qro roo qroo slp sin son tab tam tamps tla tlax ver yuc zac"
)

COUNTRIES = {
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
OTHER_WORDS = frozenset({"jordan", "chad", "georgia", "guinea", "mali", "niger", "turkey", "jersey", "oman", "togo"})
# Every other country is read, so that an address goes on over it, but tells nothing of how streets are written.
COUNTRY = {name: "" for full in countries().values() for name in (full.lower(),) if name not in OTHER_WORDS} | {
    name: code for code, names in COUNTRIES.items() for name in names.split("|")
}
LETTERS_COUNTRY = {
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

# Before a number these say that it numbers something else.
NUMBERS_OTHERS = _set(
    "gate seat terminal siège room chapter section article verse psalm season episode page line flight "
    "platform route exit bus tram volume "
    "vol version act scene figure table question level part step day week grade class seat psalms kapitel seite "
    "raum zimmer artikel absatz satz paragraph linie gleis bahn folge staffel teil chapitre page salle ligne "
    "capítulo página línea hoofdstuk pagina lijn order invoice ticket case docket ref top size model type score "
    "won lost beat aged age alter jan feb mar apr may jun jul aug sep sept oct nov dec january february march "
    "april june july august september october november december januar februar märz mai juni juli oktober "
    "dezember janvier février mars avril juin juillet août septembre octobre novembre décembre enero febrero "
    "marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre version isbn tel phone fax mobile "
    "ext"
)
PARTICLES = _set(
    "de du des la le les l' d' l’ d’ der den dem die das van von zu zum zur am an im in auf unter aan op het 't "
    "ten ter del los las el y e da do dos das di dei degli delle della dell' sur sous aux au et à lès the of and "
    "upon w na i"
)
MONTHS = _set(
    "januar februar märz april mai juni juli august september oktober november dezember janvier février mars "
    "avril juin juillet août septembre octobre novembre décembre enero febrero marzo abril mayo junio julio "
    "agosto septiembre octubre noviembre diciembre aprile maggio giugno luglio settembre ottobre novembre "
    "dicembre gennaio febbraio maja listopada stycznia maio junho julho setembro outubro abril novembro dezembro "
    "janeiro fevereiro marso"
)
COMPOUND_WEAK = _set(
    "svingen faret jordet tunet kroken stykket lyngen løkka myra flata toppen engen dalen haugen lia åsen "
    "weg ring hof markt park berg pad gate tie wall damm wal lei haven baan feld grund kai rain kamp wiese wiesen "
    "bogen winkel bakken plass veg vei torg erf kaari promenade siedlung steig pfad graben ufer zeile brink "
    "parken dijk boulevard plads esplanaden backen polku"
)  # fmt: skip
NOT_STREETS = _set(
    "arbeitsplatz parkplatz spielplatz sportplatz sitzplatz stellplatz umweg ausweg hinweg rückweg rueckweg "
    "heimweg flughafen bahnhof hafen friedhof spring string during bring nothing tie duty gateway sprint weg "
    "boring training meeting vertrieb montag dienstag plats startplatz tabellenplatz listenplatz rang bisweg "
    "supermarkt marathon"
)
PREFIX_WEAK = _set(
    "colônia vale lago praia aeroporto conjunto trevo distrito esplanada vial cañada pasadizo acceso alameda vía "
    "quadra vila jardim morro chácara sítio lagoa setor parque loteamento condomínio fazenda pátio recanto "
    "residencial trecho estação favela feira núcleo vereda passarela campo andador corredor retorno eje circuito "
    "privada "
    "rotonda stretto incrocio canale "
    "cours passage place route strada largo quinta villa côte rang clos borgo diagonal cuesta av ave kr r. rua "
    "al. pl. square ch. che via corso salita residence résidence place square interior località camino ronda "
    "plaza traversa jr. cl. c. ch rynek boulevard os. avenue"
)
PLACE_STOP = _set(
    "phone tel telephone telefon mobile cell handy email e-mail mail name age dob born birth birthday fax website "
    "web instagram twitter facebook employer work works job school his her he she they the this that call please "
    "if when and or but not dm ssn ip also we i you my our their it is was mother father wife husband number "
    "contact parents geboren geb geburtsdatum arbeitgeber und oder sie er ich wir teléfono telefono móvil correo "
    "nombre nacido téléphone portable courriel né née tél et telefoon geboortedatum naam werkgever mr mrs ms dr "
    "uur uhr heures ore horas timmar klockan kl godzinie lol lmao haha btw tho bro before after asap today tonight "
    "tomorrow now ok okay rn xd pls monday tuesday wednesday "
    "thursday friday saturday sunday thanks thank best regards"
)


KEEP_DOTS = _set("str n s e w hno lok apt")
EN_ROADS = _set("highway hwy route rte road rd")
EN_ALONE = _set("broadway strand esplanade promenade")
# Words of these that stand in street names too, even in capitals throughout: "45 NEW ROAD".
EN_IN_NAMES = _set("new first second third no so")
EN_HARD_STOP = _set("bis quater on in at to from for with by and or was is are were has had")


ADJECTIVES = _set(
    "alte neue große grosse kleine lange kurze obere untere hohe breite alter neuer großer kleiner alten neuen "
    "eerste tweede derde nieuwe oude korte grote kleine hoge lage gamla nya stora lilla västra östra norra södra "
    "gamle store lille nye ny øster vester nørre sønder øvre nedre nordre søndre østre vestre "
    "burgemeester dr. prof. sankt st. sint prins prinses koning koningin "
    "jan van gen. pastor"
)  # fmt: skip


MONTH_NAMES = MONTHS | _set(
    "january february march april may june july august september october november december jan feb mar apr jun jul aug "
    "sep sept oct nov dec januari februari maart mei augustus maj kwietnia marca lutego czerwca lipca sierpnia "
    "września października grudnia marts mär avr juil aoû déc ene abr ago dic okt dez out fev set mai juni juli"
)
# Labels that count only at the start of a line: within one they are everyday words.
LINE_ONLY = _set("home location street straße strasse rue calle straat via mora vive habite lives morada")


@lru_cache(maxsize=8192)
def fold(word: str) -> str:
    """In lower case, without accents, "ß" as "ss"."""
    if word.isascii():
        return word.lower()
    plain = word.lower().replace("ß", "ss").replace("ø", "o").replace("æ", "ae").replace("ł", "l").replace("œ", "oe")
    return "".join(letter for letter in unicodedata.normalize("NFD", plain) if not unicodedata.combining(letter))
