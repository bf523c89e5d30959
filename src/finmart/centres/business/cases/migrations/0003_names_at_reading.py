from collections import defaultdict
from typing import Any

from django.db import migrations

TRIGGER = "cases_timelineentry_append_only"


def name_by_id(apps: Any, schema: Any) -> None:
    """The timeline kept names without ids: each is found among the organisation's people, else among all."""
    person, membership = apps.get_model("parties", "Person"), apps.get_model("parties", "Membership")
    entry = apps.get_model("cases", "TimelineEntry")
    written = set(entry.objects.values_list("organisation_id", "actor_label").distinct())
    labels = {label for _, label in written}
    found = defaultdict(set)
    for one in person.objects.iterator():
        if labels and one.full_name in labels:
            found[None, one.full_name].add(one.pk)
            for organisation_id in membership.objects.filter(person=one).values_list("organisation_id", flat=True):
                found[organisation_id, one.full_name].add(one.pk)
    schema.execute(f"ALTER TABLE cases_timelineentry DISABLE TRIGGER {TRIGGER}")
    for organisation_id, label in written:
        persons = found.get((organisation_id, label)) or found.get((None, label))
        if persons:
            new = f"person:{persons.pop()}" if len(persons) == 1 else "未注明"
            entry.objects.filter(organisation_id=organisation_id, actor_label=label).update(actor_label=new)
    schema.execute(f"ALTER TABLE cases_timelineentry ENABLE TRIGGER {TRIGGER}")


class Migration(migrations.Migration):
    """Who did what stands by the person's id; the name is sealed with the person."""

    dependencies = [("cases", "0002_filed_document"), ("parties", "0003_sealed")]

    operations = [migrations.RunPython(name_by_id, migrations.RunPython.noop)]
