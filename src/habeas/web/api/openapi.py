"""What the addressees' interface promises, as OpenAPI 3.1. A test holds every answer against it."""

from __future__ import annotations

from typing import Any

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
            },
        }
    },
}


def _answers(name: str, **others: str) -> dict[str, Any]:
    """The answers of one operation: 200 with a schema, and refusals."""
    found: dict[str, Any] = {
        "200": {
            "description": "Done.",
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}},
        }
    }
    for status, words in {"401": "No key, or one that is closed.", "429": "Too many requests.", **others}.items():
        found[status.removeprefix("_")] = {
            "description": words,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
        }
    return found


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
