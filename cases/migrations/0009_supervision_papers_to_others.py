"""A supervision paper may go to a unit outside the system, and says why a rung of the ladder was passed over."""

from django.db import migrations, models

import weiquan.sealing


class Migration(migrations.Migration):
    dependencies = [("cases", "0008_conference_versions")]

    operations = [
        migrations.RemoveField(model_name="supervisionpaper", name="addressee"),
        migrations.AddField(
            model_name="supervisionpaper",
            name="addressee",
            field=models.CharField(blank=True, default="", max_length=80, verbose_name="主送单位"),
            preserve_default=False,
        ),
        # A sealed column takes no default, and needs none: no paper was written before this.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE cases_supervisionpaper ADD COLUMN skip_reason bytea NOT NULL",
                    "ALTER TABLE cases_supervisionpaper DROP COLUMN skip_reason",
                )
            ],
            state_operations=[
                migrations.AddField(
                    model_name="supervisionpaper",
                    name="skip_reason",
                    field=weiquan.sealing.SealedTextField(
                        blank=True, default="", verbose_name="未按次序的理由"
                    ),
                )
            ],
        ),
        migrations.AlterField(
            model_name="supervision",
            name="due_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="当前期限"),
        ),
        migrations.AlterField(
            model_name="supervision",
            name="status",
            field=models.CharField(
                choices=[
                    ("DRAFTED", "拟稿，待签发"),
                    ("ISSUED", "已发出，待签收"),
                    ("ACKNOWLEDGED", "已签收，待回复"),
                    ("REPLIED", "已回复，待核查"),
                    ("UNSOUND", "核查不通过"),
                    ("CLOSED", "已销号"),
                    ("WITHDRAWN", "已撤销"),
                ],
                default="DRAFTED",
                max_length=14,
            ),
        ),
    ]
