"""Clocks that monitors begin: nobody registers them by hand any more; visits by danger, trying again, agreements."""

from django.db import migrations

from cases.seeds import fill_rules


def fill(apps, schema_editor):
    fill_rules(lambda name: apps.get_model("cases", name))


class Migration(migrations.Migration):
    dependencies = [("cases", "0023_when_police_and_court_were_told")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
