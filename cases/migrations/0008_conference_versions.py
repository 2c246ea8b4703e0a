"""Items know until when they are screened and where they came from; meetings count their changes."""

from datetime import date

import django.db.models.deletion
from django.db import migrations, models

import weiquan.sealing.fields


class Migration(migrations.Migration):
    dependencies = [("cases", "0007_absence_told")]

    operations = [
        migrations.AddField(
            model_name="agendaitem",
            name="escalated_from",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="escalated_to",
                to="cases.task",
            ),
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="screen_by",
            field=models.DateField(default=date(2026, 1, 1), verbose_name="初审期限"),
            preserve_default=False,
        ),
        # A sealed column takes no default, and needs none: no meeting was written before this.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE cases_meeting ADD COLUMN cancelled_because bytea NOT NULL",
                    "ALTER TABLE cases_meeting DROP COLUMN cancelled_because",
                )
            ],
            state_operations=[
                migrations.AddField(
                    model_name="meeting",
                    name="cancelled_because",
                    field=weiquan.sealing.fields.SealedTextField(
                        blank=True, default="", verbose_name="取消原因"
                    ),
                )
            ],
        ),
        migrations.AddField(
            model_name="meeting", name="version", field=models.PositiveIntegerField(default=1)
        ),
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("DUE_SOON", "期限将到"),
                    ("DUE_TODAY", "今天到期"),
                    ("OVERDUE", "已经逾期"),
                    ("ASSIGNED", "交给您承办"),
                    ("TO_ACCEPT", "新登记，待审核受理"),
                    ("TO_APPROVE", "待您审核"),
                    ("SENT_BACK", "退回补办"),
                    ("REFERRAL_NEW", "新的转交，待签收"),
                    ("REFERRAL_NEWS", "部门有新的答复"),
                    ("ESCALATED", "下级上报，待审核"),
                    ("GUIDED", "上级已作出处理"),
                    ("REDATED", "期限已重算"),
                    ("DECIDED", "审核已有结果"),
                    ("CASE_NEWS", "案件有新的记录"),
                    ("RISK_RAISED", "风险等级已上调"),
                    ("RELAPSED", "回访发现复发，请决定是否重新办理"),
                    ("STAND_IN", "有人离岗未定代办人，请安排"),
                    ("HANDED_OVER", "工作移交给您"),
                    ("URGED", "催办"),
                    ("SUPERVISE_SOON", "建议督办，请决定"),
                    ("TO_SIGN", "督办文书，待签发"),
                    ("SUPERVISED", "督办文书，待签收"),
                    ("SUPERVISION_NEWS", "督办有新进展"),
                    ("ITEM_PROPOSED", "新的议题，待初审"),
                    ("ITEM_NEWS", "议题有新进展"),
                    ("MEETING", "联席会议通知"),
                    ("MEETING_NEWS", "会议改期、取消或印发纪要"),
                    ("TASK_NEW", "联席会议议定事项，请办理"),
                    ("TASK_NEWS", "议定事项有新进展"),
                    ("INSTRUCTED", "领导作了批示或包案"),
                ],
                max_length=16,
            ),
        ),
    ]
