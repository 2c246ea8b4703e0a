"""One call at a time for each person and case; the five days in which a ruling on an order may be objected to."""

from django.db import migrations, models

from cases.seeds import fill_rules


def fill(apps, schema_editor):
    fill_rules(lambda name: apps.get_model("cases", name))


class Migration(migrations.Migration):
    dependencies = [("cases", "0017_danger_items_and_clocks")]

    operations = [
        migrations.AddConstraint(
            model_name="call",
            constraint=models.UniqueConstraint(
                condition=models.Q(outcome=""), fields=("case", "by"), name="call_one_open_each"
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
