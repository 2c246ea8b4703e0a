import django.contrib.postgres.fields
from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Greatest


class Migration(migrations.Migration):
    """Figures by month, the moments they are counted by, and ends that were missed before they were moved."""

    dependencies = [("cases", "0027_ledgers")]

    operations = [
        migrations.CreateModel(
            name="Figure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place", models.CharField(max_length=9, verbose_name="地方")),
                (
                    "grain",
                    models.CharField(choices=[("M", "月"), ("Y", "年")], max_length=1, verbose_name="时段"),
                ),
                ("start", models.DateField(verbose_name="首日")),
                ("measure", models.CharField(max_length=16, verbose_name="计量")),
                ("dim", models.CharField(blank=True, max_length=60, verbose_name="分组")),
                ("value", models.BigIntegerField(verbose_name="数值")),
            ],
            options={
                "verbose_name": "统计数",
                "verbose_name_plural": "统计数",
                "indexes": [models.Index(fields=["grain", "start"], name="figure_month")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["place", "grain", "start", "measure", "dim"],
                        include=["value"],
                        name="figure_once",
                    ),
                    models.CheckConstraint(condition=~Q(value=0), name="figure_says_something"),
                ],
            },
        ),
        migrations.CreateModel(
            name="FigureRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="统计截至")),
                ("event", models.BigIntegerField(default=0)),
            ],
            options={
                "verbose_name": "统计进度",
                "verbose_name_plural": "统计进度",
                "constraints": [models.CheckConstraint(condition=Q(pk=1), name="figure_run_one")],
            },
        ),
        migrations.AddField("clock", "made_at", models.DateTimeField(null=True, blank=True)),
        migrations.AddField(
            "clock",
            "missed",
            django.contrib.postgres.fields.ArrayField(
                models.DateTimeField(), blank=True, default=list, size=None
            ),
        ),
        migrations.AddIndex(
            "clock", models.Index(Greatest("effective_due", "made_at"), name="clock_counted")
        ),
        migrations.AddIndex(
            "clock", models.Index(fields=["id"], condition=~Q(missed=[]), name="clock_missed")
        ),
        migrations.AddIndex("contact", models.Index(fields=["entered_at"], name="contact_entered")),
        migrations.AddIndex("handlingrecord", models.Index(fields=["at"], name="handling_entered")),
        migrations.AddIndex("referral", models.Index(fields=["sent_at"], name="referral_sent")),
    ]
