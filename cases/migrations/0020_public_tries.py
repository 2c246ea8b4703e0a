"""Tries of the public query, counted; and the thirty days in which she may rate."""

from django.db import migrations, models

from cases.seeds import fill_rules


def fill(apps, schema_editor):
    fill_rules(lambda name: apps.get_model("cases", name))


class Migration(migrations.Migration):
    dependencies = [("cases", "0019_emergency_access_has_a_judge")]

    operations = [
        migrations.CreateModel(
            name="PublicTry",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("key", models.BinaryField(max_length=16, unique=True)),
                ("since_at", models.DateTimeField()),
                ("tries", models.PositiveIntegerField(default=1)),
            ],
            options={
                "verbose_name": "公开查询次数",
                "verbose_name_plural": "公开查询次数",
                "indexes": [models.Index(fields=["since_at"], name="public_try_since")],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
