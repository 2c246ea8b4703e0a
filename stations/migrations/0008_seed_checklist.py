"""The usual six things a station has (六有); a federation edits them."""

from django.db import migrations

from stations.seeds import seed_checklist


def seed(apps, schema_editor):
    seed_checklist(apps.get_model("stations", "ChecklistItem"))


class Migration(migrations.Migration):
    dependencies = [("stations", "0007_station_facts_and_volunteers")]

    # Going back leaves the rows: dropping the table in 0007 takes them along.
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
