"""What the addressees' interface promises, as OpenAPI 3.1. A test holds every answer against it."""

from __future__ import annotations

from typing import Any

from habeas.platforms.core.statement_of_reasons import DECISIONS, FIELDS, Rule

_INSTANT = {"type": ["string", "null"], "format": "date-time"}
_STATES = ["sent", "acknowledged", "complied", "partly", "refused", "contested", "overdue", "escalated", "stopped",
           "withdrawn", "drafted", "approved"]  # fmt: skip
_ANSWERS = ["acknowledged", "complied", "partly", "refused", "more_information"]
_WHY = ["lawful", "expression", "not_found", "not_ours", "no_authority", "other"]
_SUMMARY = {
    "type": "object",
    "required": ["reference", "state", "sent_at", "due_at", "due_by_law"],
    "properties": {
        "reference": {"type": "string", "pattern": "^M-[0-9A-Z]{10}$"},
        "state": {"enum": _STATES},
        "sent_at": _INSTANT,
        "due_at": {**_INSTANT, "description": "Null where no end can be computed."},
        "due_by_law": {"type": "boolean", "description": "False: our own wish, which obliges nobody."},
    },
}
_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "where", "message"],
            "properties": {
                "code": {"type": "string"},
                "where": {"type": "string", "description": "Member, parameter or header; empty: the request as such."},
                "message": {"type": "string", "description": "What is wrong, and what to do."},
                "problems": {
                    "type": "array",
                    "description": "Of a statement of reasons: each field that is wrong.",
                    "items": {
                        "type": "object",
                        "required": ["where", "message"],
                        "properties": {"where": {"type": "string"}, "message": {"type": "string"}},
                    },
                },
            },
        }
    },
}


def _field(rule: Rule) -> dict[str, Any]:
    """One field of a statement of reasons as a JSON schema: what each must look like by itself."""
    if rule.kind == "product":
        return {
            "type": "object",
            "required": ["EAN-13"],
            "properties": {"EAN-13": {"type": "string", "pattern": "^[0-9]{13}$"}},
            "additionalProperties": False,
        }
    if rule.kind == "many":
        return {"type": "array", "items": {"enum": list(rule.choices)}}
    if rule.kind == "one":
        return {"enum": list(rule.choices)}
    found: dict[str, Any] = {"type": "string"}
    if rule.longest:
        found["maxLength"] = rule.longest
    if rule.kind == "puid":
        found["pattern"] = "^[A-Za-z0-9_-]+$"
    elif rule.kind in {"day", "link"}:
        found["format"] = {"day": "date", "link": "uri"}[rule.kind]
    if rule.with_:
        found["description"] = f"With {rule.with_[1]} only{', and then needed' if rule.needed else ''}."
    return found


_STATEMENT = {
    "type": "object",
    "description": "The fields of the Union's transparency database, in force since 1 July 2025. No personal data.",
    "required": [name for name, rule in FIELDS.items() if rule.needed and rule.with_ is None],
    "anyOf": [{"required": [name]} for name in DECISIONS],
    "properties": {name: _field(rule) for name, rule in FIELDS.items()},
    "additionalProperties": False,
}
_GIVEN = {
    "type": "object",
    "required": ["reference", "given_at", "statement"],
    "properties": {
        "reference": {"type": "string"},
        "given_at": {"type": "string", "format": "date-time"},
        "statement": {"$ref": "#/components/schemas/StatementOfReasons"},
    },
}


def _answers(name: str, *, done: str = "200", table: bool = False, **others: str) -> dict[str, Any]:
    """The answers of one operation: done, with a schema, and as a table where it has one; and refusals."""
    content: dict[str, Any] = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
    if table:
        content["text/csv"] = {"schema": {"type": "string"}}
    found: dict[str, Any] = {done: {"description": "Done.", "content": content}}
    for status, words in {"401": "No key, or one that is closed.", "429": "Too many requests.", **others}.items():
        found[status.removeprefix("_")] = {
            "description": words,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
        }
    return found


_FORMAT = {"name": "format", "in": "query", "schema": {"enum": ["csv"]}, "description": "csv: as a table."}
_PUID = {"name": "puid", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 500}}
_REFERENCE = {"name": "reference", "in": "path", "required": True, "schema": {"type": "string"}}

PARTNERS: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Habeas: notices for their addressees",
        "version": "1",
        "description": "Read the notices sent to you, and answer them. Nothing else of any case can be seen.",
    },
    "security": [{"key": []}],
    "paths": {
        "/api/partners/v1/notices": {
            "get": {
                "operationId": "listNotices",
                "parameters": [
                    {"name": "since", "in": "query", "schema": {"type": "string", "format": "date-time"}},
                    {"name": "before", "in": "query", "schema": {"type": "string"},
                     "description": "The cursor `next` of the page before."},
                ],
                "responses": _answers("Notices", _400="A parameter that cannot be read."),
            }
        },
        "/api/partners/v1/notices/{reference}": {
            "get": {
                "operationId": "readNotice",
                "parameters": [_REFERENCE],
                "responses": _answers("Notice", _404="No such notice was sent to you."),
            }
        },
        "/api/partners/v1/notices/{reference}/answers": {
            "post": {
                "operationId": "answerNotice",
                "parameters": [
                    _REFERENCE,
                    {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 200}},
                ],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}},
                },
                "responses": _answers(
                    "Summary",
                    _404="No such notice was sent to you.",
                    _409="It cannot be answered so any more, or the key stood with another answer.",
                    _413="Too large.",
                    _422="Not an answer.",
                ),
            }
        },
        "/api/partners/v1/notices/{reference}/statements": {
            "get": {
                "operationId": "listStatementsOnNotice",
                "parameters": [_REFERENCE, _FORMAT],
                "responses": _answers("Statements", table=True, _404="No such notice was sent to you."),
            },
            "post": {
                "operationId": "giveStatement",
                "description": "The same PUID again must say the same, and is the same statement, once.",
                "parameters": [_REFERENCE],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/StatementOfReasons"}}},
                },
                "responses": _answers(
                    "Statement",
                    done="201",
                    _404="No such notice was sent to you.",
                    _409="A statement with this PUID stands already and says otherwise.",
                    _413="Too large.",
                    _422="Not a statement of reasons; problems names each field.",
                ),
            },
        },
        "/api/partners/v1/notices/{reference}/statements/{puid}": {
            "get": {
                "operationId": "readStatement",
                "parameters": [_REFERENCE, _PUID, _FORMAT],
                "responses": _answers("Statement", table=True, _404="No such notice or statement."),
            }
        },
        "/api/partners/v1/statements": {
            "get": {
                "operationId": "listStatements",
                "parameters": [
                    {"name": "after", "in": "query", "schema": {"type": "string", "pattern": "^[0-9]{1,18}$"},
                     "description": "The cursor `next` of the page before; of a table, the Link header has it."},
                    _FORMAT,
                ],
                "responses": _answers("Statements", table=True, _400="A parameter that cannot be read."),
            }
        },
    },
    "components": {
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        "schemas": {
            "Summary": _SUMMARY,
            "Error": _ERROR,
            "Notices": {
                "type": "object",
                "required": ["notices", "next"],
                "properties": {
                    "notices": {"type": "array", "items": _SUMMARY},
                    "next": {"type": ["string", "null"]},
                },
            },
            "Notice": {
                "allOf": [
                    _SUMMARY,
                    {
                        "type": "object",
                        "required": ["language", "subject", "text", "links", "answers", "contest"],
                        "properties": {
                            "language": {"type": "string"},
                            "subject": {"type": "string"},
                            "text": {"type": "string"},
                            "links": {"type": "array", "items": {"type": "string"}},
                            "answers": {
                                "type": "array",
                                "items": {
                                    "type": "object",
                                    "required": ["at", "answer", "why", "words"],
                                    "properties": {
                                        "at": {"type": "string", "format": "date-time"},
                                        "answer": {"enum": _ANSWERS},
                                        "why": {"enum": [*_WHY, None]},
                                        "words": {"type": "string"},
                                    },
                                },
                            },
                            "contest": {
                                "type": "object",
                                "description": "Whether whoever posted it contests what was done, and what we decided.",
                                "required": ["state", "decided_at", "reasons"],
                                "properties": {
                                    "state": {
                                        "enum": ["none", "open", "right", "wrong"],
                                        "description": "wrong: it may stand again.",
                                    },
                                    "decided_at": _INSTANT,
                                    "reasons": {"type": "string"},
                                },
                            },
                        },
                    },
                ]
            },
            "StatementOfReasons": _STATEMENT,
            "Statement": _GIVEN,
            "Statements": {
                "type": "object",
                "required": ["statements", "next"],
                "properties": {
                    "statements": {"type": "array", "items": _GIVEN},
                    "next": {"type": ["string", "null"]},
                },
            },
            "Answer": {
                "type": "object",
                "required": ["answer"],
                "properties": {
                    "answer": {"enum": _ANSWERS},
                    "why": {"enum": [*_WHY, None], "description": "With refused only: on which ground."},
                    "words": {"type": "string", "maxLength": 4000,
                              "description": "In your words. Do not repeat the personal data."},
                },
            },
        },
    },
}  # fmt: skip
