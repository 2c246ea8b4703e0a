"""What goes by itself every night: see docs/privacy.md, How long."""

from datetime import timedelta
from uuid import UUID

from django.contrib.sessions.models import Session
from django.utils import timezone

from cases.actions import intake
from cases.models import IntakeDraft, PublicTry
from cases.tasks import drop_old_drafts
from stations.models import HeldForm

DAY = timedelta(days=1)


def test_what_is_old_goes_and_what_is_young_stays(cast):
    now = timezone.now()
    for age in (6 * DAY, 8 * DAY):
        intake.save_draft(
            staff=cast.clerk, submission=UUID(int=age.days), answers={"facts": ["说明"]}, at=now - age
        )
    for hours in (23, 25):
        at = now - timedelta(hours=hours)
        HeldForm.objects.create(staff=cast.clerk, path="/cases/new/", fields=[["facts", "说明"]], at=at)
        PublicTry.objects.create(key=bytes([hours]) * 16, since_at=at)
        Session.objects.create(
            session_key=f"ends-{hours}", session_data="-", expire_date=now + DAY - timedelta(hours=hours)
        )

    drop_old_drafts()

    assert [row.submission.int for row in IntakeDraft.objects.all()] == [6]
    assert [now - row.at for row in HeldForm.objects.all()] == [timedelta(hours=23)]
    assert [bytes(row.key)[0] for row in PublicTry.objects.all()] == [23]
    assert [row.session_key for row in Session.objects.all()] == ["ends-23"]
