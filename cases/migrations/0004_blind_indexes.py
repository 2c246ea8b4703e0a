"""Exact look-ups by ID number, name and phone read one entry of an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_append_only")]

    operations = [
        migrations.AddIndex(
            model_name="person",
            index=models.Index(
                condition=models.Q(("id_number_index__isnull", False)),
                fields=["id_number_index"],
                name="person_by_id_number",
            ),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(
                condition=models.Q(("name_index__isnull", False)), fields=["name_index"], name="person_by_name"
            ),
        ),
        migrations.AddIndex(
            model_name="phone",
            index=models.Index(fields=["number_index"], name="phone_by_number"),
        ),
    ]
