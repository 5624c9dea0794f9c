"""Doxes told in other words, known by their identifiers: ``python bench/known_identifiers.py [--unseen N]``.

Invented people (names from the lists in the package, reserved numbers and domains) are registered with a phone, an
e-mail, an address, a handle and a plate. Some come back in other words, with 1, 2, 3 or all of these kept and written
otherwise: the phone with other marks, the e-mail in capitals or disguised, the address in another order. Strangers are
made the same way, with names, streets and providers that many share; none of them may be known.

What is measured goes through the whole scan, so a missed identifier is a missed match. Times are per text, scan
included, beside the look-up alone.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from hashlib import blake2b

from habeas.exposure.core.detectors.name import family_names, given_names
from habeas.exposure.core.known.identifiers import Identifier, decide, identifiers
from habeas.exposure.core.scan import scan

TODAY = date(2026, 11, 23)
# Area codes in use; 555-0100 to 555-0199 is kept for fiction in each of them.
AREAS = [code for code in range(201, 990) if code % 100 != 11 and str(code)[1] != "9"]
STREETS = {
    "Leeds": ("Grove", "Road", "Lane", "Street", "Close"),
    "Utrecht": ("straat", "laan", "gracht", "weg"),
    "Bremen": ("straße", "weg", "allee"),
    "Lyon": ("rue ", "avenue ", "place "),
    "Austin": ("Avenue", "Street", "Drive", "Lane"),
}
LETTERS = "ABDEFGHJLNPQRSTUWXYZ"


class People:
    """Makes people; the same seed makes the same ones."""

    def __init__(self, seed: int, areas: list[int]) -> None:
        self.chance = random.Random(seed)  # noqa: S311
        self.areas, self.made = areas, 0
        self.given, self.family = sorted(given_names()), sorted(family_names())

    def make(self) -> dict[str, str]:
        chance = self.chance
        given, family = chance.choice(self.given), chance.choice(self.family)
        self.made += 1
        tail = chance.choice(["", "", str(chance.randrange(100)), f".{chance.randrange(1950, 2012)}"])
        return {
            "name": f"{given} {family}".title(),
            "phone": f"+1{self.areas[self.made // 100 % len(self.areas)]}55501{self.made % 100:02d}",
            "email": f"{given}.{family}{tail}@{chance.choice(['example.org', 'example.com', 'example.net'])}".lower(),
            "address": self._address(chance.choice(list(STREETS))),
            "handle": f"{given}{chance.choice(['_', '', '.'])}{family}{chance.randrange(1000)}".lower(),
            "plate": f"AB{chance.randrange(10, 99)} " + "".join(chance.choice("CDEFGHJK") for _ in range(3)),
        }

    def _address(self, town: str) -> str:
        chance = self.chance
        root, kind, number = chance.choice(self.family).title(), chance.choice(STREETS[town]), chance.randrange(1, 240)
        two = chance.choice(LETTERS) + chance.choice(LETTERS)
        if town == "Leeds":
            return f"{number} {root} {kind}, Leeds LS{chance.randrange(1, 29)} {chance.randrange(1, 9)}{two}"
        if town == "Austin":
            return f"{number} {root} {kind}, Austin, TX {chance.randrange(78701, 78799)}"
        if town == "Lyon":
            return f"{number} {kind}{root}, {chance.randrange(69001, 69009)} Lyon"
        code = f"{chance.randrange(3500, 3590)} {two}" if town == "Utrecht" else str(chance.randrange(28195, 28779))
        return f"{root}{kind} {number}, {code} {town}"


def told_first(who: dict[str, str]) -> str:
    return (
        f"DOX: {who['name']}\nAddress: {who['address']}\nPhone: {who['phone']}\nEmail: {who['email']}\n"
        f"Instagram: @{who['handle']}\nCar: license plate {who['plate']}\nDo with it what you like.\n"
    )


def told_again(who: dict[str, str], kept: list[str], chance: random.Random) -> str:
    digits = who["phone"][2:]
    again: dict[str, Callable[[], str]] = {
        "phone": lambda: chance.choice(
            [
                f"ring ({digits[:3]}) {digits[3:6]}-{digits[6:]}, it is in the US",
                f"call her on 001 {digits[:3]} {digits[3:6]} {digits[6:]}",
                f"tel. +1.{digits[:3]}.{digits[3:6]}.{digits[6:]}",
            ]
        ),
        "email": lambda: chance.choice(
            [
                f"write to {who['email'].upper()}",
                "mail: " + who["email"].replace("@", " [at] ").replace(".", " [dot] "),
                f"inbox is <{who['email']}>",
            ]
        ),
        "address": lambda: chance.choice(
            [
                f"lives at {who['address'].lower()}",
                "house:\n" + who["address"].replace(", ", "\n"),
                f"you will find the place at {who['address'].upper()}",
            ]
        ),
        "handle": lambda: (
            f"on insta: {who['handle']}" if chance.random() < 0.5 else f"twitter @{who['handle'].upper()}"
        ),
        "plate": lambda: f"drives around with number plate {who['plate'].replace(' ', '')}",
    }
    lines = [again[kind]() for kind in kept]
    chance.shuffle(lines)
    return "guess who is back again, friends\n" + "\n".join(lines) + "\nsee you there tonight"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--known", type=int, default=20_000)
    options.add_argument("--asked", type=int, default=500)
    options.add_argument("--unseen", type=int, default=100_000)
    said = options.parse_args()
    chance = random.Random(20261123)  # noqa: S311
    shuffled = AREAS[:]
    chance.shuffle(shuffled)
    half = len(shuffled) // 2
    known, strangers = People(1, shuffled[:half]), People(2, shuffled[half:])
    people = [known.make() for _ in range(said.known)]
    holders: dict[bytes, list[int]] = defaultdict(list)
    for entry, who in enumerate(people):
        for one in found_in(told_first(who)):
            holders[digest(one)].append(entry)

    def ask(text: str) -> tuple[list[int], float]:
        told = found_in(text)
        start = time.perf_counter()
        shared: dict[int, set[Identifier]] = defaultdict(set)
        counts: dict[Identifier, int] = {}
        for one in told:
            entries = holders.get(digest(one), ())
            counts[one] = len(entries)
            for entry in entries:
                shared[entry].add(one)
        matches = decide({entry: frozenset(one) for entry, one in shared.items()}, counts)
        return matches, time.perf_counter() - start

    print(f"{said.known:,} people known, {len(holders):,} identifiers\n")
    print(f"{'kept':>5}{'found':>8}{'others':>8}{'p50 ms':>9}{'p99 ms':>9}{'of that the look-up':>21}")
    for count in (1, 2, 3, 5):
        found, others, times, looks = 0, 0, [], []
        for entry in chance.sample(range(said.known), said.asked):
            kept = chance.sample(["phone", "email", "address", "handle", "plate"], count)
            text = told_again(people[entry], kept, chance)
            start = time.perf_counter()
            matches, look = ask(text)
            times.append(time.perf_counter() - start)
            looks.append(look)
            found += entry in matches
            others += any(match != entry for match in matches)
        times.sort()
        p50, p99 = times[len(times) // 2] * 1000, times[int(len(times) * 0.99)] * 1000
        print(f"{count:>5}{found / said.asked:>8.3f}{others:>8}{p50:>9.2f}{p99:>9.2f}{max(looks) * 1000:>18.3f} ms")
    wrong = sum(bool(ask(told_first(strangers.make()))[0]) for _ in range(said.unseen))
    print(f"\n{said.unseen:,} strangers, all identifiers told: {wrong} known by mistake")
    print("goals: two kept .95; none in 100,000")


def found_in(text: str) -> frozenset[Identifier]:
    return identifiers(scan(text, regions=("US",), today=TODAY).exposures)


def digest(one: Identifier) -> bytes:
    return blake2b(f"{one.kind}\0{one.value}".encode(), digest_size=16, key=b"only this bench").digest()


if __name__ == "__main__":
    main()
