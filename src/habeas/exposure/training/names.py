"""Train the name model: ``python -m habeas.exposure.training.names DATA_FOLDER``.

DATA_FOLDER holds the labelled sets, one JSON object a line with ``text`` and ``spans`` ([start, end, kind]):

- wnut17_train, btc_a, btc_b, btc_e, btc_g, wikigold (CC-BY 4.0) and 200 texts of lifebench (Apache-2.0) train;
- wnut17_dev, the last 50 texts of lifebench and pr_v2 are held out, for ``bench/exposure_quality.py``.

Labels on @handles are dropped: a handle is not a name. Part of the sentences is added again in lower case and in
capitals, because people who expose others do not mind their shift key; part with other people's names from the lists;
and part with the names' letters hidden, so that the model learns where a name stands and not who is famous. Features
seen only once are dropped: they would keep rare names of real people in the model. Nothing is random: the same data
gives the same model.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from habeas.exposure.core.detectors import name

TRAIN = ("wnut17_train", "btc_a", "btc_b", "btc_e", "btc_g", "wikigold")
LIFEBENCH_TRAIN = 200
LABELS = {"PERSON": "P", "LOCATION": "L", "ORG": "R"}

Span = tuple[int, int, str]


def read(path: Path) -> list[tuple[str, list[Span]]]:
    """Texts and their spans; spans on @handles and #tags are left out."""
    rows = []
    for line in path.read_text("utf-8").splitlines():
        record = json.loads(line)
        text = record["text"]
        spans = [
            (start, end, kind)
            for start, end, kind in record["spans"]
            if kind in LABELS and text[start] not in "@#" and text[max(0, start - 2) : start].strip() not in {"@", "#"}
        ]
        rows.append((text, spans))
    return rows


def sentences(rows: Iterable[tuple[str, list[Span]]]) -> Iterator[tuple[list[str], list[str]]]:
    """Words and their labels (B-, I-, O), one sentence at a time."""
    for text, spans in rows:
        for start, end in name.sentences(text):
            words, labels = [], []
            previous: Span | None = None
            for token_start, token_end in name.tokens(text[start:end]):
                token_start, token_end = token_start + start, token_end + start
                inside = next((span for span in spans if span[0] < token_end and token_start < span[1]), None)
                words.append(text[token_start:token_end])
                if inside is None:
                    labels.append("O")
                else:
                    labels.append(("I-" if inside is previous else "B-") + LABELS[inside[2]])
                previous = inside
            if words:
                yield words, labels


PLACES = [
    "Leeds",
    "Springfield",
    "Bremen",
    "Köln",
    "Lyon",
    "Nantes",
    "Sevilla",
    "Murcia",
    "Utrecht",
    "Gouda",
    "Torino",
    "Bari",
    "Coimbra",
    "Recife",
    "Gdynia",
    "Uppsala",
    "Galway",
    "Perth",
    "Halifax",
    "Graz",
    "Basel",
    "Gent",
    "Aarhus",
    "Bergen",
    "Toledo",
    "Denver",
    "Nairobi",
    "Pune",
    "Lagos",
    "Wellington",
]
ORGANISATIONS = [
    "Nordlicht GmbH",
    "Stadtwerke",
    "Acme Logistics",
    "Riverside Bakery",
    "Crédit Ouest",
    "Mairie",
    "Banco Levante",
    "Ferretería Sol",
    "Bloemen BV",
    "Gemeente",
    "Officine Riunite",
    "Rede Azul",
    "Globex",
    "Initech",
    "Hillside Clinic",
    "Northern Rail",
    "Green Party",
    "City Council",
]
OWN = Path(__file__).with_name("own_sentences.txt")


def own_sentences(copies: int = 8) -> Iterator[tuple[str, list[Span]]]:
    """Our own sentences with names from the lists, each ``copies`` times with other names."""
    given, family = sorted_names()
    lines = [line for line in OWN.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    step = 0
    for line in lines * copies:
        text, spans = "", []
        for piece in re.split(r"(\{[pgflo]\})", line):
            step += 1
            # Strides prime to the lists' lengths walk through all of each list.
            one, other = given[step * 7919 % len(given)].title(), family[step * 6101 % len(family)].title()
            choice = {
                "{p}": (f"{one} {other}", "PERSON"),
                "{g}": (one, "PERSON"),
                "{f}": (other, "PERSON"),
                "{l}": (PLACES[step % len(PLACES)], "LOCATION"),
                "{o}": (ORGANISATIONS[step % len(ORGANISATIONS)], "ORG"),
            }.get(piece)
            if choice:
                spans.append((len(text), len(text) + len(choice[0]), choice[1]))
                text += choice[0]
            else:
                text += piece
        yield text, spans


def rewritten(number: int, words: list[str]) -> Iterator[list[str]]:
    """The sentence again in lower case (two in six) and in capitals (one in six)."""
    if number % 6 in {0, 3}:
        yield [word.lower() for word in words]
    if number % 6 == 1:
        yield [word.upper() for word in words]


def renamed(number: int, words: list[str], labels: list[str]) -> list[str]:
    """The sentence with other people in it: the model must learn the place of a name, not famous names."""
    given, family = sorted_names()
    found = list(words)
    for at, label in enumerate(labels):
        if label not in {"B-P", "I-P"} or not words[at].isalpha() or len(words[at]) < 3:
            continue
        first = label == "B-P"
        pool = given if first else family
        other = pool[(number * 7919 + at * 104729) % len(pool)]
        found[at] = other.title() if words[at][0].isupper() else other
    return found


_OF_LISTS = re.compile(r"^((?:[+-]?[12]?)k=)[GFT]+")


def unlisted(number: int, rows: list[list[str]], labels: list[str]) -> list[list[str]]:
    """The features of names as if no list and no training text held them."""
    hidden = []
    for row, label in zip(rows, labels, strict=True):
        if label in {"B-P", "I-P"}:
            row = [
                _OF_LISTS.sub(r"\1", item)
                for item in row
                if not item.startswith(("w=", "p4=", "x4=", "style=", "-1,0", "0,+1"))
            ]
        hidden.append(row)
    return hidden


@cache
def sorted_names() -> tuple[list[str], list[str]]:
    return sorted(name.given_names()), sorted(name.family_names())


def train(folder: Path, model: Path, c1: float, c2: float, minfreq: float, held_out: str) -> None:
    import pycrfsuite

    rows: list[tuple[str, list[Span]]] = []
    for stem in TRAIN:
        if stem == held_out:
            continue
        rows += read(folder / f"{stem}.jsonl")
    rows += read(folder / "lifebench.jsonl")[:LIFEBENCH_TRAIN]
    rows += list(own_sentences())
    trainer = pycrfsuite.Trainer(verbose=False)
    count = 0
    for number, (words, labels) in enumerate(sentences(rows)):
        trainer.append(name.features(words), labels)
        count += 1
        if "B-P" in labels and number % 2:
            trainer.append(name.features(renamed(number, words, labels)), labels)
            count += 1
        if "B-P" in labels and number % 2 == 0:
            trainer.append(unlisted(number, name.features(words), labels), labels)
            count += 1
        if any(label != "O" for label in labels) or number % 5 == 0:
            for variant in rewritten(number, words):
                trainer.append(name.features(variant), labels)
                count += 1
    trainer.set_params(
        {"c1": c1, "c2": c2, "max_iterations": 120, "feature.minfreq": minfreq, "feature.possible_transitions": True}
    )
    trainer.train(str(model))
    sys.stdout.write(f"{count} sentences, {model.stat().st_size / 1e6:.2f} MB\n")


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the name model from labelled sets.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", type=Path, default=name.MODEL_FILE)
    parser.add_argument("--c1", type=float, default=1.0)
    parser.add_argument("--c2", type=float, default=0.1)
    parser.add_argument("--minfreq", type=float, default=2)
    parser.add_argument("--hold-out", default="", help="leave this set out of the training, to measure on it")
    options = parser.parse_args()
    train(options.folder, options.model, options.c1, options.c2, options.minfreq, options.hold_out)


if __name__ == "__main__":
    main()
