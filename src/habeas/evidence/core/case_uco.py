"""The record of a bundle as CASE, the exchange language of digital investigations (JSON-LD, CASE 1.5 over UCO).

Every custody event is an investigative action with performer, times, instrument, object and result; every exhibit a
provenance record over a file with its hashes. Persons appear under the pseudonym the ledger has for them, with the
organisation that can say who they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from habeas.evidence.core.records import (
    ACQUIRING,
    BundleRecord,
    CustodyRecord,
    ExhibitRecord,
    by_program,
    detail,
    tool_of,
)

Json = dict[str, Any]

CONTEXT: Final = {
    "kb": "https://habeas.example.org/kb/",
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-tool": "https://ontology.unifiedcyberontology.org/uco/tool/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
ACTION_NAMES: Final = {
    "capture": "captured and sealed",
    "ingest": "taken in and sealed",
    "read": "opened",
    "copy": "copied",
    "redact": "redacted",
    "translate": "translated",
    "offered": "hand-over offered",
    "accepted": "hand-over accepted",
    "refused": "hand-over refused",
    "received": "hand-over received",
    "returned": "hand-over returned",
    "recalled": "hand-over recalled",
    "sealed": "sealed",
    "key_destroyed": "key destroyed",
}
_HABEAS: Final = ("Habeas", "")
_RELATIONS: Final = (("made_from", "Derived_From"), ("before", "Follows"))


def case_document(bundle: BundleRecord, custody: Sequence[CustodyRecord]) -> Json:
    """The JSON-LD of a bundle. custody: oldest first."""
    nodes = _nodes(bundle, custody)
    investigation = {
        "@id": _id("investigation", bundle["case"]),
        "@type": "case-investigation:Investigation",
        "uco-core:name": bundle["reference"],
        "uco-core:description": f"Evidence of case {bundle['reference']}, made for: {bundle['for']}",
        "uco-core:object": [_ref(node) for node in nodes],
    }
    return {"@context": dict(CONTEXT), "@graph": [investigation, *nodes]}


def _nodes(bundle: BundleRecord, custody: Sequence[CustodyRecord]) -> list[Json]:
    exhibits, house = bundle["exhibits"], bundle["made_by"]
    people = _people(bundle, custody)
    houses = dict.fromkeys([house, *(event["organisation"] for event in custody if event["organisation"])])
    tools = dict.fromkeys([_HABEAS, *(tool for one in exhibits if (tool := tool_of(one)) is not None)])
    tokens = [path for exhibit in exhibits for path in exhibit["stamps"]]
    return [
        *(_tool(name, version) for name, version in tools),
        *(_organisation(name) for name in houses),
        *(node for person, organisation in people.values() for node in _member(person, organisation)),
        *(_file(exhibit) for exhibit in exhibits),
        *(_token(bundle, path) for path in dict.fromkeys(tokens)),
        *(link for exhibit in exhibits for link in _links(exhibit)),
        *(_provenance(bundle, exhibit) for exhibit in exhibits),
        *_relations(exhibits),
        *(_action(bundle, event) for event in custody),
    ]


def _organisation(name: str) -> Json:
    return {"@id": _id("organization", name), "@type": "uco-identity:Organization", "uco-core:name": name}


def _people(bundle: BundleRecord, custody: Iterable[CustodyRecord]) -> dict[str, tuple[Json, str]]:
    """Each person once, with the name of their organisation."""
    found: dict[str, tuple[Json, str]] = {}
    for event in custody:
        by, organisation = event["by"], event["organisation"] or bundle["made_by"]
        if by not in found and not by_program(event):
            found[by] = (
                {
                    "@id": _person_id(bundle, by),
                    "@type": "uco-identity:Person",
                    "uco-core:name": f"Member {by} of {organisation}",
                    "uco-core:description": f"Pseudonym; {organisation} can say who it is. Role: {event['role']}",
                },
                organisation,
            )
    return found


def _member(person: Json, organisation: str) -> list[Json]:
    return [person, _relationship(person["@id"], "Member_Of", _id("organization", organisation))]


def _person_id(bundle: BundleRecord, by: str) -> str:
    # Named within the case: the same person in another case is not to be known again by this.
    return _id("person", f"{bundle['case']}/{by}")


def _tool(name: str, version: str) -> Json:
    node = {"@id": _tool_id((name, version)), "@type": "uco-tool:Tool", "uco-core:name": name}
    return {**node, "uco-tool:version": version} if version else node


def _tool_id(tool: tuple[str, str]) -> str:
    return _id("tool", " ".join(tool))


def _file(exhibit: ExhibitRecord) -> Json:
    name = str(exhibit["file"]).rpartition("/")[2] if exhibit["file"] else exhibit["name"]
    size = _typed("integer", str(exhibit["size_bytes"]))
    hashes = [_hash(exhibit["item"], "SHA256", exhibit["sha256"]), _hash(exhibit["item"], "SHA512", exhibit["sha512"])]
    return {
        "@id": _id("file", exhibit["item"]),
        "@type": "uco-observable:File",
        "uco-core:hasFacet": [
            {
                "@id": _id("file-facet", exhibit["item"]),
                "@type": "uco-observable:FileFacet",
                "uco-observable:fileName": name,
                "uco-observable:sizeInBytes": size,
            },
            {
                "@id": _id("content-facet", exhibit["item"]),
                "@type": "uco-observable:ContentDataFacet",
                "uco-observable:mimeType": exhibit["media_type"],
                "uco-observable:sizeInBytes": size,
                "uco-observable:hash": hashes,
            },
        ],
    }


def _hash(of: str, method: str, value: str) -> Json:
    return {
        "@id": _id("hash", f"{of}/{method}"),
        "@type": "uco-types:Hash",
        # The vocabulary's own datatype draws a warning from the shapes of CASE 1.5: plain text does not.
        "uco-types:hashMethod": method,
        "uco-types:hashValue": _typed("hexBinary", value.upper()),
    }


def _token(bundle: BundleRecord, path: str) -> Json:
    """A time-stamp token (RFC 3161) as a file, with the hash that ``bundle.json`` has of it."""
    listed = bundle["files"]
    facets: list[Json] = [
        {
            "@id": _id("file-facet", path),
            "@type": "uco-observable:FileFacet",
            "uco-observable:fileName": path.rpartition("/")[2],
        }
    ]
    if path in listed:
        facets.append(
            {
                "@id": _id("content-facet", path),
                "@type": "uco-observable:ContentDataFacet",
                "uco-observable:mimeType": "application/timestamp-reply",
                "uco-observable:hash": [_hash(path, "SHA512", listed[path])],
            }
        )
    return {"@id": _id("file", path), "@type": "uco-observable:File", "uco-core:hasFacet": facets}


def _links(exhibit: ExhibitRecord) -> list[Json]:
    """The addresses that were asked for and that answered, where the bundle says them."""
    return [
        {
            "@id": _link_id(exhibit, address),
            "@type": "uco-observable:URL",
            "uco-core:hasFacet": [
                {
                    "@id": _id("url-facet", f"{exhibit['item']}/{address}"),
                    "@type": "uco-observable:URLFacet",
                    "uco-observable:fullValue": address,
                }
            ],
        }
        for address in _addresses(exhibit)
    ]


def _addresses(exhibit: ExhibitRecord) -> list[str]:
    said = (detail(exhibit, name) for name in ("url_asked", "url_final"))
    return list(dict.fromkeys(str(address) for address in said if address))


def _link_id(exhibit: ExhibitRecord, address: str) -> str:
    return _id("url", f"{exhibit['item']}/{address}")


def _provenance(bundle: BundleRecord, exhibit: ExhibitRecord) -> Json:
    held = "" if exhibit["file"] else "; hash and place only, the content is not held"
    objects = [_id("file", exhibit["item"]), *(_link_id(exhibit, address) for address in _addresses(exhibit))]
    objects += [_id("file", path) for path in exhibit["stamps"]]
    return {
        "@id": _id("provenance", exhibit["item"]),
        "@type": "case-investigation:ProvenanceRecord",
        "uco-core:description": f"{exhibit['kind']}, sealed {exhibit['sealed_at']} as entry "
        f"{exhibit['ledger_index']} of {bundle['origin']}{held}",
        "case-investigation:exhibitNumber": str(exhibit["number"]),
        "uco-core:object": [{"@id": one} for one in objects],
    }


def _relations(exhibits: Sequence[ExhibitRecord]) -> list[Json]:
    """Which exhibit was made from which, and which capture follows which, within this bundle."""
    here = {exhibit["item"] for exhibit in exhibits}
    found = []
    for exhibit in exhibits:
        for name, kind in _RELATIONS:
            other = exhibit.get(name)
            if other in here:
                found.append(_relationship(_id("file", exhibit["item"]), kind, _id("file", other)))
    return found


def _relationship(source: str, kind: str, target: str) -> Json:
    return {
        "@id": _id("relationship", f"{source} {kind} {target}"),
        "@type": "uco-core:Relationship",
        "uco-core:source": {"@id": source},
        "uco-core:target": {"@id": target},
        "uco-core:kindOfRelationship": kind,
        "uco-core:isDirectional": True,
    }


def _action(bundle: BundleRecord, event: CustodyRecord) -> Json:
    exhibit = next((one for one in bundle["exhibits"] if one["item"] == event["item"]), None)
    acquired = exhibit if event["kind"] in ACQUIRING else None
    started = (acquired["acquired_at"] if acquired is not None else None) or event["at"]
    tool = (tool_of(acquired) if acquired is not None else None) or _HABEAS
    performer = _id("organization", bundle["made_by"]) if by_program(event) else _person_id(bundle, event["by"])
    node: Json = {
        "@id": _id("action", f"{bundle['case']}/{event['ledger_index']}"),
        "@type": "case-investigation:InvestigativeAction",
        "uco-core:name": ACTION_NAMES.get(event["kind"], event["kind"]),
        "uco-core:description": _description(bundle, event),
        "uco-action:startTime": _typed("dateTime", started),
        "uco-action:endTime": _typed("dateTime", event["at"]),
        "uco-action:performer": {"@id": performer},
        "uco-action:instrument": {"@id": _tool_id(tool)},
    }
    if acquired is not None:
        node["uco-action:object"] = [{"@id": _link_id(acquired, address)} for address in _addresses(acquired)]
        node["uco-action:result"] = _both(acquired)
    elif exhibit is not None:
        node["uco-action:object"] = _both(exhibit)
        node["uco-action:result"] = [ref for made in _made(bundle, event) for ref in _both(made)]
    return {key: value for key, value in node.items() if value != []}


def _description(bundle: BundleRecord, event: CustodyRecord) -> str:
    said = f"Purpose: {event['purpose']}; basis: {event['basis']}; entry {event['ledger_index']} of {bundle['origin']}"
    program = f"; program {event['by']}" if by_program(event) else ""
    return said + program + (f"; {event['method']}" if event["method"] else "")


def _made(bundle: BundleRecord, event: CustodyRecord) -> list[ExhibitRecord]:
    """The exhibits that an event gave: what its outgoing commitment is of."""
    bound = event["commitment_out"]
    return [one for one in bundle["exhibits"] if bound and one["commitment"] == bound and one["item"] != event["item"]]


def _both(exhibit: ExhibitRecord) -> list[Json]:
    return [{"@id": _id("file", exhibit["item"])}, {"@id": _id("provenance", exhibit["item"])}]


def _typed(kind: str, value: str) -> Json:
    return {"@type": f"xsd:{kind}", "@value": value}


def _ref(node: Mapping[str, Any]) -> Json:
    return {"@id": node["@id"]}


def _id(kind: str, of: object) -> str:
    """The same thing has the same name in every bundle."""
    return f"kb:{kind}-{uuid5(NAMESPACE_URL, CONTEXT['kb'] + f'{kind}/{of}')}"
