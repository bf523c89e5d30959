"""The entrance to the data module: an owner, the live state of every part, and the way to it (clause A4-4)."""

import pytest
from django.db import connection

from factories import parties
from factories import risk as risk_factory
from finmart.centres.data.risk import tasks
from finmart.centres.technical.parameters import operations as parameters_operations
from finmart.config import figures
from finmart.kit import clock

pytestmark = [pytest.mark.django_db, pytest.mark.clause("A4-4")]


def test_it_leads_to_every_part_and_says_how_each_stands(client_of):
    operator = client_of(parties.operator())
    empty = operator.get("/operator/analysis/").text
    assert "尚无生效的评分卡" in empty
    firm = parties.enterprise()
    risk_factory.scored(firm)
    tasks.watch_drift(0)
    page = operator.get("/operator/analysis/").text
    assert "发票评分卡第 1 版生效，1 家已评分，PSI" in page
    for address in ("feeds/", "quality/", "warnings/", "stress/", "matching/", "emergencies/"):
        assert f'href="/operator/{address}"' in page
        assert operator.get(f"/operator/{address}").status_code == 200
    for address in ("/desk/scorecards/", "/appeals/"):
        assert f'href="{address}"' in page
    assert "1 家已评分" in figures.FIGURES["A4-4"]()
    assert "已为 1 家企业评分" in figures.FIGURES["D4"]()


def test_the_owner_is_a_setting_people_change(client_of):
    administrator = parties.operator("OPERATOR_ADMINISTRATOR")
    parameters_operations.set_value(
        administrator, key="modules.analysis.owner", value="韩风控", valid_from=clock.today(), source="分工调整"
    )
    assert "韩风控" in client_of(administrator).get("/operator/analysis/").text


def test_finished_runs_and_failed_jobs_of_the_schedule_are_told(client_of):
    moment = clock.now().replace(hour=3, minute=20, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_periodic_defers (task_name, defer_timestamp, periodic_id)"
            " VALUES ('risk:score', %s, '')",
            [int(moment.timestamp())],
        )
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status)"
            " VALUES ('default', 'risk:propose', 'failed')"
        )
    page = client_of(parties.operator()).get("/operator/analysis/").text
    assert f"{moment.astimezone(clock.CITY_ZONE):%Y-%m-%d %H:%M}" in page
    row = page.split("风险模型</a>")[1].split("</tr>")[0]
    assert 'class="number">1<' in row
