"""Fill the questions of the danger scale, the clocks of an emergency and the plans they remind by."""

from django.db import migrations

from cases.seeds import fill_rules, read_codes


def fill(apps, schema_editor):
    CodeItem = apps.get_model("cases", "CodeItem")
    items = [CodeItem(**row) for row in read_codes() if row["code_set"] == "DANGER_ITEM"]
    CodeItem.objects.bulk_create(items, ignore_conflicts=True)
    fill_rules(lambda name: apps.get_model("cases", name))


class Migration(migrations.Migration):
    dependencies = [("cases", "0016_disclosures_and_reads_reviews")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
