"""The raw material of the sample city: ``packs/<city>/sample.toml``."""

import random
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

PACKS = Path(__file__).resolve().parents[1] / "packs"


@dataclass(frozen=True, slots=True)
class Industry:
    """A branch firms are made of. ``median_sales`` is yearly, in 10 000 yuan."""

    section: str
    words: tuple[str, ...]
    weight: int
    median_sales: int
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """What a firm's name begins with, and the code of the district a firm of that name is in."""

    word: str
    district: str


@dataclass(frozen=True, slots=True)
class Material:
    """All names and counts a sample city is made of, read once."""

    seed: int
    firms: int
    cases: int
    banks: tuple[str, ...]
    insurers: tuple[str, ...]
    guarantors: tuple[str, ...]
    places: tuple[Place, ...]
    heads: tuple[str, ...]
    tails: tuple[str, ...]
    ending: str
    industries: tuple[Industry, ...]
    products: tuple[dict[str, Any], ...]

    def random_for(self, subject: str) -> random.Random:
        """Return a generator that gives the same numbers for the same subject on every machine."""
        return random.Random(f"{self.seed}:{subject}")  # noqa: S311 - a sample city, not a secret


@cache
def material(city: str = "suzhou") -> Material:
    """Return the material of a city's pack."""
    read = tomllib.loads((PACKS / city / "sample.toml").read_text(encoding="utf-8"))
    names = read["firm_names"]
    return Material(
        seed=read["seed"],
        firms=read["counts"]["firms"],
        cases=read["counts"]["cases"],
        banks=tuple(read["banks"]),
        insurers=tuple(read["insurers"]),
        guarantors=tuple(read["guarantors"]),
        places=tuple(Place(word, district) for word, district in names["places"]),
        heads=tuple(names["heads"]),
        tails=tuple(names["tails"]),
        ending=names["ending"],
        industries=tuple(
            Industry(row["section"], tuple(row["words"]), row["weight"], row["median_sales"], tuple(row["codes"]))
            for row in read["industries"]
        ),
        products=tuple(read["products"]),
    )
