"""The record of a bundle as CASE, the exchange language of digital investigations (JSON-LD, CASE 1.5 over UCO).

Every custody event is an investigative action with performer, time, instrument, object and result; every exhibit a
provenance record over a file with its hashes. Persons appear under the pseudonym the ledger has for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

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
# Events that bring an item into the house: their result is the item, in its provenance record.
ACQUIRING: Final = frozenset({"capture", "ingest"})


def case_document(bundle: Mapping[str, Any], custody: Sequence[Mapping[str, Any]]) -> Json:
    """The JSON-LD of a bundle.

    bundle:  ``bundle.json``
    custody: ``custody.json``, oldest first
    """
    case, exhibits = str(bundle["case"]), list(bundle["exhibits"])
    files = {exhibit["item"]: _file(exhibit) for exhibit in exhibits}
    records = {exhibit["item"]: _provenance(exhibit) for exhibit in exhibits}
    links = {exhibit["item"]: found for exhibit in exhibits if (found := _link(exhibit)) is not None}
    organisation = _organisation(str(bundle["made_by"]))
    performers = _performers(case, custody, str(bundle["made_by"]))
    tools = _tools(exhibits)
    actions = [_action(case, event, exhibits, files, records, performers, tools) for event in custody]
    nodes: list[Json] = [
        *tools.values(),
        organisation,
        *(node for _, node in sorted(performers.items()) if node["@id"] != organisation["@id"]),
        *files.values(),
        *links.values(),
        *records.values(),
        *actions,
    ]
    investigation = {
        "@id": _id("investigation", case),
        "@type": "case-investigation:Investigation",
        "uco-core:name": str(bundle["reference"]),
        "uco-core:description": f"Evidence of case {bundle['reference']}, made for: {bundle['for']}",
        "uco-core:object": [_ref(node) for node in nodes],
    }
    return {"@context": dict(CONTEXT), "@graph": [investigation, *nodes]}


def _organisation(name: str) -> Json:
    return {"@id": _id("organization", name), "@type": "uco-identity:Organization", "uco-core:name": name}


def _performers(case: str, custody: Iterable[Mapping[str, Any]], house: str) -> dict[str, Json]:
    """Who did something: people by their pseudonym, programs as the organisation that runs them."""
    found: dict[str, Json] = {}
    for event in custody:
        by = str(event["by"])
        if by in found:
            continue
        if by.isdecimal():
            found[by] = {
                "@id": _id("person", f"{case}/{by}"),
                "@type": "uco-identity:Person",
                "uco-core:name": f"Member {by} of {event['organisation'] or house}",
                "uco-core:description": f"Pseudonym; the organisation can say who it is. Role: {event['role']}",
            }
        else:
            found[by] = _organisation(house)
    return found


def _tools(exhibits: Iterable[Mapping[str, Any]]) -> dict[str, Json]:
    """The programs at work, by name: Habeas, and what captured pages."""
    tools = {"habeas": _tool("Habeas", "")}
    for exhibit in exhibits:
        tool = (exhibit.get("details") or {}).get("tool")
        if isinstance(tool, Mapping) and tool.get("name"):
            name, version = str(tool["name"]), str(tool.get("version") or "")
            tools[f"{name} {version}"] = _tool(name, version)
    return tools


def _tool(name: str, version: str) -> Json:
    node = {"@id": _id("tool", f"{name} {version}"), "@type": "uco-tool:Tool", "uco-core:name": name}
    return {**node, "uco-tool:version": version} if version else node


def _file(exhibit: Mapping[str, Any]) -> Json:
    name = str(exhibit["file"]).rpartition("/")[2] if exhibit["file"] else str(exhibit["name"])
    hashes = [
        _facet("hash", exhibit, "SHA256", "uco-types:Hash")
        | {"uco-types:hashMethod": "SHA256", "uco-types:hashValue": _typed("hexBinary", exhibit["sha256"])},
        _facet("hash", exhibit, "SHA512", "uco-types:Hash")
        | {"uco-types:hashMethod": "SHA512", "uco-types:hashValue": _typed("hexBinary", exhibit["sha512"])},
    ]
    return {
        "@id": _id("file", exhibit["item"]),
        "@type": "uco-observable:File",
        "uco-core:hasFacet": [
            _facet("file-facet", exhibit, "", "uco-observable:FileFacet")
            | {
                "uco-observable:fileName": name,
                "uco-observable:sizeInBytes": _typed("integer", str(exhibit["size_bytes"])),
            },
            _facet("content-facet", exhibit, "", "uco-observable:ContentDataFacet")
            | {"uco-observable:mimeType": exhibit["media_type"], "uco-observable:hash": hashes},
        ],
    }


def _facet(kind: str, exhibit: Mapping[str, Any], more: str, type_: str) -> Json:
    return {"@id": _id(kind, f"{exhibit['item']}/{more}"), "@type": type_}


def _link(exhibit: Mapping[str, Any]) -> Json | None:
    address = (exhibit.get("details") or {}).get("url_asked")
    if not address:
        return None
    return {
        "@id": _id("url", exhibit["item"]),
        "@type": "uco-observable:URL",
        "uco-core:hasFacet": [
            {
                "@id": _id("url-facet", exhibit["item"]),
                "@type": "uco-observable:URLFacet",
                "uco-observable:fullValue": str(address),
            }
        ],
    }


def _provenance(exhibit: Mapping[str, Any]) -> Json:
    objects = [{"@id": _id("file", exhibit["item"])}]
    if (exhibit.get("details") or {}).get("url_asked"):
        objects.append({"@id": _id("url", exhibit["item"])})
    held = "" if exhibit["file"] else "; hash and place only, the content is not held"
    return {
        "@id": _id("provenance", exhibit["item"]),
        "@type": "case-investigation:ProvenanceRecord",
        "uco-core:description": f"{exhibit['kind']}, sealed {exhibit['sealed_at']}{held}",
        "case-investigation:exhibitNumber": str(exhibit["number"]),
        "uco-core:object": objects,
    }


def _action(
    case: str,
    event: Mapping[str, Any],
    exhibits: Sequence[Mapping[str, Any]],
    files: Mapping[str, Json],
    records: Mapping[str, Json],
    performers: Mapping[str, Json],
    tools: Mapping[str, Json],
) -> Json:
    exhibit = next((one for one in exhibits if one["item"] == event["item"]), None)
    acquired = exhibit is not None and event["kind"] in ACQUIRING
    started = exhibit["acquired_at"] if exhibit is not None and acquired and exhibit["acquired_at"] else event["at"]
    tool = ((exhibit or {}).get("details") or {}).get("tool") if acquired else None
    name = f"{tool['name']} {tool.get('version') or ''}" if isinstance(tool, Mapping) and tool.get("name") else "habeas"
    node: Json = {
        "@id": _id("action", f"{case}/{event['ledger_index']}"),
        "@type": "case-investigation:InvestigativeAction",
        "uco-core:name": ACTION_NAMES.get(event["kind"], str(event["kind"])),
        "uco-core:description": f"Purpose: {event['purpose']}; basis: {event['basis']}; "
        f"entry {event['ledger_index']} of the ledger" + (f"; {event['method']}" if event["method"] else ""),
        "uco-action:startTime": _typed("dateTime", started),
        "uco-action:endTime": _typed("dateTime", event["at"]),
        "uco-action:performer": _ref(performers[str(event["by"])]),
        "uco-action:instrument": _ref(tools.get(name, tools["habeas"])),
    }
    if event["item"] in files:
        file, record = files[event["item"]], records[event["item"]]
        if acquired:
            node["uco-action:result"] = [_ref(file), _ref(record)]
        else:
            node["uco-action:object"] = [_ref(record)]
    return node


def _typed(kind: str, value: str) -> Json:
    return {"@type": f"xsd:{kind}", "@value": value.upper() if kind == "hexBinary" else value}


def _ref(node: Mapping[str, Any]) -> Json:
    return {"@id": node["@id"]}


def _id(kind: str, of: object) -> str:
    """The same thing has the same name in every bundle."""
    return f"kb:{kind}-{_uuid(kind, of)}"


def _uuid(kind: str, of: object) -> UUID:
    return uuid5(NAMESPACE_URL, f"{CONTEXT['kb']}{kind}/{of}")
