"""A made-up population for the products of the bench: every field known of most firms, none of all."""

from dataclasses import replace

import numpy as np

from bench.whole_city.products import CODES, FIELDS, products
from finmart.kit.criteria import Column, Criterion, FieldKind, Population

KNOWN = 0.85


def population(firms: int) -> Population:
    """Return firms whose values lie where the thresholds do; the same for the same number."""
    chance = np.random.default_rng(20260703)
    columns = {}
    for code, field in FIELDS.items():
        is_known = chance.random(firms) < KNOWN
        match field.kind:
            case FieldKind.TEXT:
                texts = sorted(CODES[code])
                columns[code] = Column.of_cells(chance.integers(0, len(texts), firms), is_known, texts=texts)
            case FieldKind.BOOLEAN:
                columns[code] = Column.of_cells(chance.integers(0, 2, firms), is_known)
            case FieldKind.INTEGER:
                columns[code] = Column.of_cells(chance.integers(0, 10**9, firms), is_known)
            case FieldKind.DECIMAL:
                columns[code] = Column.of_cells(chance.integers(0, 10**6, firms), is_known, places=6)
    return Population(firms, columns)


def rule_sets(count: int) -> list[list[Criterion]]:
    """Return products all of whose criteria are hard, with thresholds of which hardly two are equal."""
    return [[replace(one, is_hard=True) for one in rules] for rules in products(spread=True)[:count]]
