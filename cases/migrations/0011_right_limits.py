"""Fill the limits worth telling the petitioner that stand in cases/data/."""

from django.db import migrations

from cases.seeds import fill_rights


def fill(apps, schema_editor):
    fill_rights(lambda name: apps.get_model("cases", name))


class Migration(migrations.Migration):
    dependencies = [("cases", "0010_redating_recorded")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
