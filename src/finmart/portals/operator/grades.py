"""The catalogue of graded fields (数据分级分类目录), for the officer who answers for data protection (clause D2)."""

from collections import Counter
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from finmart.centres.technical.masking import queries as masking_queries
from finmart.kit import grades
from finmart.portals.operator.products import staff
from finmart.ui.requests import signed_in


@require_GET
@signed_in
def catalogue(request: HttpRequest) -> HttpResponse:
    """Show what is stored, table by table; ``grade`` leaves out what is below it, ``q`` looks for words."""
    staff(request)
    wanted, least = request.GET.get("q", "").strip()[:80], _least(request.GET.get("grade", ""))
    every = grades.catalogue()
    rows = [row for row in every if row.grading.grade >= least and wanted.lower() in _words(row)]
    counts = Counter(row.grading.grade for row in every)
    context = {
        "holders": [(key, list(group)) for key, group in groupby(rows, lambda row: (row.holder, _table_title(row)))],
        "counts": [(words.partition("：")[0], counts[grade], f"{grade} 级") for grade, words in grades.GRADES.items()],
        "viewers": [viewer.label for viewer in masking_queries.VIEWERS],
        "policy": masking_queries.policy(),
        "meanings": grades.GRADES.items(),
        "wanted": wanted,
        "least": least,
        "count": len(rows),
    }
    return render(request, "operator/grades.html", context)


def _least(written: str) -> int:
    return int(written) if written in {str(grade) for grade in grades.GRADES} else grades.SENSITIVE


def _words(row: grades.CatalogueRow) -> str:
    return f"{row.holder} {row.title} {row.name}".lower()


def _table_title(row: grades.CatalogueRow) -> str:
    return row.title.partition(" · ")[0]
