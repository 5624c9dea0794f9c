from __future__ import annotations

from typing import Any

# Whole statements of reasons, in the order of the schema's fields.
COMPLETE: dict[str, Any] = {
    "puid": "2026-0001",
    "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
    "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
    "illegal_content_legal_ground": "Wetboek van Strafrecht, article 285d",
    "illegal_content_explanation": "Publishing where somebody lives in order to frighten them.",
    "decision_facts": "A notice told us that a post shows where a private person lives. We looked at it.",
    "content_type": ["CONTENT_TYPE_TEXT"],
    "content_date": "2026-01-15",
    "category": "STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS",
    "category_specification": ["KEYWORD_OTHER"],
    "category_specification_other": "doxxing",
    "application_date": "2026-03-06",
    "territorial_scope": ["NL"],
    "source_type": "SOURCE_ARTICLE_16",
    "automated_detection": "No",
    "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
}
INCOMPATIBLE: dict[str, Any] = {
    "puid": "2026-0002",
    "decision_account": "DECISION_ACCOUNT_SUSPENDED",
    "account_type": "ACCOUNT_TYPE_PRIVATE",
    "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
    "incompatible_content_ground": "House rule 4: no private data of others",
    "incompatible_content_explanation": "The post gives a home address.",
    "incompatible_content_illegal": "Yes",
    "decision_ground_reference_url": "https://board.example.net/rules#4",
    "decision_facts": "Found on review.",
    "content_type": ["CONTENT_TYPE_IMAGE", "CONTENT_TYPE_OTHER"],
    "content_type_other": "a map",
    "content_language": "NL",
    "content_date": "2026-01-15",
    "category": "STATEMENT_CATEGORY_CYBER_VIOLENCE",
    "application_date": "2026-03-06",
    "end_date_account_restriction": "2026-04-06",
    "source_type": "SOURCE_VOLUNTARY",
    "automated_detection": "Yes",
    "automated_decision": "AUTOMATED_DECISION_PARTIALLY",
}
