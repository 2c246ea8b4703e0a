"""Bring the plans of reminders and every rule of law that stands in cases/data/ into the tables.

A rule that was shipped before keeps its row, so that running clocks keep theirs, and gets the columns that are new.
"""

from django.db import migrations

from cases.seeds import fill_rules


def fill(apps, schema_editor):
    fill_rules(lambda name: apps.get_model("cases", name))


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_supervision_and_conference")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
