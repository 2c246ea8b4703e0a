"""Fill the code lists and the rules of law that stand in cases/data/."""

from django.db import migrations

from cases.seeds import read_clock_rules, read_codes


def fill(apps, schema_editor):
    CodeItem = apps.get_model("cases", "CodeItem")
    CodeItem.objects.bulk_create([CodeItem(**row) for row in read_codes()], ignore_conflicts=True)
    ClockRule = apps.get_model("cases", "ClockRule")
    ClockRule.objects.bulk_create([ClockRule(**row) for row in read_clock_rules()], ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_tables")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
