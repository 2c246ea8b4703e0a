"""What a notice knew of its mail becomes a delivery of its own."""

from django.conf import settings
from django.db import migrations, models

CARRY_OVER = """
    INSERT INTO cases_delivery (notice_id, kind, digest, status, tries, next_at, sent_at, error)
    SELECT id, 'MAIL', false, CASE mail_status WHEN 'FAILED' THEN 'DEAD' ELSE mail_status END, mail_tries,
        mail_next_at, CASE mail_status WHEN 'SENT' THEN coalesce(mailed_at, at) END, ''
    FROM cases_notice WHERE mail_status <> 'NONE';
    SET CONSTRAINTS ALL IMMEDIATE
"""
TAKE_BACK = """
    UPDATE cases_notice SET mail_tries = sent.tries, mail_next_at = sent.next_at, mailed_at = sent.sent_at,
        mail_status = CASE WHEN sent.status IN ('DEAD', 'GIVEN_UP') THEN 'FAILED' ELSE sent.status END
    FROM cases_delivery AS sent
    WHERE sent.notice_id = cases_notice.id AND sent.kind = 'MAIL' AND sent.outlet_id IS NULL;
    DELETE FROM cases_delivery WHERE kind = 'MAIL' AND outlet_id IS NULL;
    SET CONSTRAINTS ALL IMMEDIATE
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_right_limits")]

    operations = [
        migrations.RunSQL(CARRY_OVER, TAKE_BACK),
        migrations.RemoveConstraint(model_name="notice", name="notice_waiting_has_moment"),
        migrations.RemoveIndex(model_name="notice", name="notice_to_mail"),
        migrations.RemoveField(model_name="notice", name="mail_status"),
        migrations.RemoveField(model_name="notice", name="mail_tries"),
        migrations.RemoveField(model_name="notice", name="mail_next_at"),
        migrations.RemoveField(model_name="notice", name="mailed_at"),
        migrations.AlterField(
            model_name="outlet",
            name="made_at",
            field=models.DateTimeField(verbose_name="修改时间"),
        ),
        migrations.AlterField(
            model_name="outlet",
            name="made_by",
            field=models.ForeignKey(
                on_delete=models.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="修改人"
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("status", "SENT")), fields=["sent_at"], name="delivery_sent"
            ),
        ),
    ]
