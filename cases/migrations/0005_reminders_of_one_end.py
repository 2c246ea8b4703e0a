"""A reminder belongs to the end it warns of: a period that was extended reminds anew."""

from django.db import migrations, models
from django.db.models import OuterRef, Q, Subquery


def name_ends(apps, schema_editor):
    Clock, Notice = apps.get_model("cases", "Clock"), apps.get_model("cases", "Notice")
    end = Clock.objects.filter(pk=OuterRef("clock")).values("effective_due")
    Notice.objects.filter(clock__isnull=False).update(due_at=Subquery(end))


KINDS = [
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
]


class Migration(migrations.Migration):
    # Rows and their new check cannot change in one transaction: pending foreign-key triggers forbid the ALTER.
    atomic = False

    dependencies = [("cases", "0004_blind_indexes")]

    operations = [
        migrations.AddField("notice", "due_at", models.DateTimeField(blank=True, null=True)),
        migrations.AlterField("notice", "kind", models.CharField(choices=KINDS, max_length=16)),
        migrations.RunPython(name_ends, migrations.RunPython.noop),
        migrations.RemoveConstraint("notice", "notice_once_per_stage"),
        migrations.AddConstraint(
            "notice",
            models.UniqueConstraint(
                fields=["clock", "due_at", "stage", "recipient"],
                condition=Q(clock__isnull=False),
                name="notice_once_per_stage",
            ),
        ),
        migrations.AddConstraint(
            "notice",
            models.CheckConstraint(
                condition=Q(clock=None, due_at=None) | Q(clock__isnull=False, due_at__isnull=False),
                name="notice_of_clock_names_its_end",
            ),
        ),
    ]
