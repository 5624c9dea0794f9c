"""Letters in other languages say the same as the English ones, part by part, and nothing of them is left in English."""

from __future__ import annotations

import re

import pytest

from habeas.remedies.core.catalogue import catalogue
from habeas.remedies.core.letters import languages_of, letter_for, shape_differences, words_in

TRANSLATED = [(remedy, lang) for remedy in catalogue() for lang in languages_of(remedy) if lang != "en"]
LANGUAGES = sorted({language for _, language in TRANSLATED})
# Everyday words of English that none of these languages shares.
ENGLISH = re.compile(r"\b(?:the|and|which|please|your|with|this|that|from|have|been)\b", re.IGNORECASE)
# Names of acts and rules stay in the language of their law.
NAMES = re.compile(
    r"TAKE IT DOWN Act|Intermediary Guidelines and [\w ]+ 2021|Daniel Anderl [\w ]+Act|eSafety Commissioner"
)


def test_letters_exist_in_other_languages():
    assert {"de", "es", "fr"} <= set(LANGUAGES)


@pytest.mark.parametrize(("remedy", "language"), TRANSLATED)
def test_a_translation_has_the_shape_of_its_original(remedy, language):
    assert list(shape_differences(letter_for(remedy), letter_for(remedy, language))) == []


@pytest.mark.parametrize(("remedy", "language"), TRANSLATED)
def test_nothing_is_left_in_english(remedy, language):
    template = letter_for(remedy, language)
    texts = [template.subject, *(text for part in (*template.demand, *template.parts) for text in part.texts
                                 if part.kind in {"text", "heading"})]  # fmt: skip
    left = [text for text in texts if ENGLISH.search(NAMES.sub("", text))]
    assert left == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_the_machine_made_blocks_are_all_there(language):
    first, other = words_in("en"), words_in(language)
    for section in ("headings", "labels", "sentences", "kinds", "states", "answers", "outcomes", "confidence"):
        assert set(getattr(first, section)) == set(getattr(other, section))
        same = {
            key
            for key, text in getattr(other, section).items()
            if len(text) > 12 and text == getattr(first, section)[key]
        }
        assert same == set()
    assert set(first.declarations) == set(other.declarations)
