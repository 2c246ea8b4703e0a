"""Fill the clocks of a compulsory report: our red line of an hour, and asking the police how it stands."""

from django.db import migrations

from cases.seeds import fill_rules


def fill(apps, schema_editor):
    fill_rules(lambda name: apps.get_model("cases", name))


class Migration(migrations.Migration):
    dependencies = [("cases", "0021_report_of_persons_without_capacity")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
