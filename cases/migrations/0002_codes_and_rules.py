"""Fill the code lists and the rules of law that stand in cases/data/."""

from django.db import migrations

from cases.seeds import read_clock_rules, read_codes


def fill(apps, schema_editor):
    CodeItem = apps.get_model("cases", "CodeItem")
    CodeItem.objects.bulk_create([CodeItem(**row) for row in read_codes()], ignore_conflicts=True)
    ClockRule = apps.get_model("cases", "ClockRule")
    # The file has grown columns since; migration 0005 fills them in.
    known = {field.name for field in ClockRule._meta.get_fields()}
    rules = [{name: value for name, value in row.items() if name in known} for row in read_clock_rules()]
    fitting = [row for row in rules if len(row["met_by"]) <= 60]
    ClockRule.objects.bulk_create([ClockRule(**row) for row in fitting], ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_tables")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
