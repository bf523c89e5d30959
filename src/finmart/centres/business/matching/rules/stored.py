"""Inputs as JSON and back, exactly: numbers travel as texts."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from datetime import date
from decimal import Decimal
from typing import Any

from finmart.centres.business.applications.types import NeedTerms
from finmart.centres.business.catalogue.types import LoanPurpose
from finmart.centres.business.matching.types import Chance, ScoreSettings, SeenFact
from finmart.kit.criteria import Field, normal_value, written
from finmart.kit.finance import RepaymentMethod

_WHOLE = {"slowest_days", "near_miss_most"}
_MANY = {"chances", "without_room", "least_seen"}


def need_as_json(need: NeedTerms) -> dict[str, Any]:
    """Return a need without its free text, which no product asks for."""
    return {
        "amount_fen": need.amount_fen,
        "term_months": need.term_months,
        "purpose": str(need.purpose),
        "repayment_method": str(need.repayment_method) if need.repayment_method else None,
        "district": need.district,
    }


def need_from_json(stored: Mapping[str, Any]) -> NeedTerms:
    method = stored["repayment_method"]
    return NeedTerms(
        amount_fen=stored["amount_fen"],
        term_months=stored["term_months"],
        purpose=LoanPurpose(stored["purpose"]),
        repayment_method=RepaymentMethod(method) if method else None,
        district=stored["district"],
    )


def facts_as_json(facts: Iterable[SeenFact]) -> dict[str, Any]:
    return {
        fact.code: {"value": written([fact.value])[0], "known_on": fact.known_on.isoformat(), "source": fact.source}
        for fact in facts
    }


def facts_from_json(stored: Mapping[str, Any], known: Mapping[str, Field]) -> dict[str, SeenFact]:
    return {
        code: SeenFact(
            code, normal_value(known[code].kind, one["value"]), date.fromisoformat(one["known_on"]), one["source"]
        )
        for code, one in stored.items()
    }


def settings_as_json(settings: ScoreSettings) -> dict[str, Any]:
    plain = {one.name: getattr(settings, one.name) for one in fields(settings) if one.name not in _MANY}
    return {
        **{name: value if name in _WHOLE else str(value) for name, value in plain.items()},
        "chances": chances_as_json(settings.chances),
        "without_room": sorted(settings.without_room),
        "least_seen": sorted(settings.least_seen),
    }


def settings_from_json(stored: Mapping[str, Any]) -> ScoreSettings:
    """Return settings as stored; a run from before there were chances has none."""
    read: dict[str, Any] = {
        name: value if name in _WHOLE else Decimal(value) for name, value in stored.items() if name not in _MANY
    }
    return ScoreSettings(
        **read,
        chances=chances_from_json(stored.get("chances", {})),
        without_room=frozenset(stored.get("without_room", ())),
        least_seen=frozenset(stored.get("least_seen", ())),
    )


def chances_as_json(chances: Mapping[str, Chance]) -> dict[str, Any]:
    return {kind: {**asdict(one), "value": str(one.value)} for kind, one in chances.items()}


def chances_from_json(stored: Mapping[str, Any]) -> dict[str, Chance]:
    return {kind: Chance(**{**one, "value": Decimal(one["value"])}) for kind, one in stored.items()}
