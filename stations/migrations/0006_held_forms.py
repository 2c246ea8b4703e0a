"""What was typed when a screen was locked."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import weiquan.sealing.fields


class Migration(migrations.Migration):
    dependencies = [("stations", "0005_ties_and_locks")]

    operations = [
        migrations.CreateModel(
            name="HeldForm",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=weiquan.sealing.fields.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("path", models.CharField(max_length=500, verbose_name="页面")),
                ("fields", weiquan.sealing.fields.SealedJSONField(verbose_name="填写的内容")),
                ("posted", models.BooleanField(default=False, verbose_name="已经按了提交")),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="held_forms",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "锁屏时填写的内容",
                "verbose_name_plural": "锁屏时填写的内容",
                "indexes": [models.Index(fields=["at"], name="held_form_at")],
            },
        ),
    ]
