"""From a row of ``emergency.toml`` to a plan. Raises ValueError that names what is wrong."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from finmart.centres.governance.emergencies.types import Level, LevelTerms, Party, Plan, PlanStep, Wording

PLACES = {"title": "", "level": "", "due": "", "number": ""}


def read(body: Mapping[str, Any], *, version: int, adopted_on: date) -> Plan:
    """Return the plan written in ``body``, checked: four levels, steps with a deadline for each, known parties."""
    meanings = body["meanings"]
    if len(meanings) != len(Level):
        raise ValueError(f"{body['code']}: a plan says what each of the {len(Level)} levels means")
    levels = tuple(
        LevelTerms(level=level, meaning=str(meaning), **body["levels"][level])
        for level, meaning in zip(Level, meanings, strict=True)
    )
    steps = tuple(_step(body["code"], row) for row in body["steps"])
    if len({step.code for step in steps}) < len(steps):
        raise ValueError(f"{body['code']}: two steps have one code")
    wordings = tuple(Wording(Party(row["to"]), row["title"], row["text"]) for row in body["wordings"])
    for one in wordings:
        said(one.text, PLACES)
        said(one.title, PLACES)
    return Plan(
        code=body["code"], version=version, title=body["title"], scenario=body["scenario"], trigger=body["trigger"],
        levels=levels, steps=steps, wordings=wordings, source=body["source"], is_example=bool(body["example"]),
        adopted_on=adopted_on,
    )  # fmt: skip


def _step(plan: str, row: Mapping[str, Any]) -> PlanStep:
    hours = row["hours"]
    if len(hours) != len(Level) or min(hours) < 1:
        raise ValueError(f"{plan}: step {row['code']} needs hours for each level")
    return PlanStep(row["code"], row["text"], Party(row["by"]), dict(zip(Level, hours, strict=True)))


def said(text: str, values: Mapping[str, str]) -> str:
    """Fill in a wording. Raises ValueError for a placeholder there is none of."""
    try:
        return text.format(**values)
    except (KeyError, IndexError) as error:
        raise ValueError(f"no value for {error} in {text[:60]!r}") from error
