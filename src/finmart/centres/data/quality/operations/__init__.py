"""Bringing in rules, running them, setting their terms, answering for lapses (clause D1)."""

from finmart.centres.data.quality.operations.answering import record_measure
from finmart.centres.data.quality.operations.asking import ask_for_run, follow_load
from finmart.centres.data.quality.operations.defining import load_rules, set_terms
from finmart.centres.data.quality.operations.judging import judge_batch
from finmart.centres.data.quality.operations.running import run

__all__ = ["ask_for_run", "follow_load", "judge_batch", "load_rules", "record_measure", "run", "set_terms"]
