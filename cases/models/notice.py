"""Notices to staff: the outbox is a table, written in the transaction of what it tells."""

from datetime import time
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from cases.choices import NoticeKind
from cases.deadlines import CHINA, last_day
from cases.models.case import Case
from cases.models.clock import Clock
from cases.models.guarding import Bar
from cases.models.referral import Referral
from stations.models import Staff
from stations.roles import Permission


class NoticeQuerySet(models.QuerySet["Notice"]):
    def inbox_of(self, user: Staff) -> Self:
        return self.filter(recipient=user).still_hers()

    def still_hers(self) -> Self:
        """Without those about a case that their reader has been kept away from since."""
        hers = Q(staff=OuterRef("recipient")) | Q(organisation=OuterRef("recipient__organisation"))
        free = Q()
        # One by one: each is an anti-join of its own, an OR over the three is none.
        for case in ("case", "item__case", "task__resolution__item__case"):
            free &= ~Q(Exists(Bar.objects.live().filter(hers, case=OuterRef(case))))
        spoken_of = Bar.objects.live().filter(hers, case__agenda_items__meeting=OuterRef("meeting"))
        free &= ~Q(Exists(spoken_of))
        return self.filter(free)

    def unread(self) -> Self:
        return self.filter(read_at=None)


class Notice(models.Model):
    """A number, a kind and a link; never a person's name or a word of the story."""

    PERSONAL: tuple[str, ...] = ()

    recipient = models.ForeignKey(Staff, models.CASCADE, related_name="notices")
    instead_of = models.ForeignKey(Staff, models.CASCADE, related_name="+", null=True, blank=True)
    kind = models.CharField(max_length=16, choices=NoticeKind)
    case = models.ForeignKey(Case, models.PROTECT, related_name="notices", null=True, blank=True)
    referral = models.ForeignKey(Referral, models.PROTECT, related_name="notices", null=True, blank=True)
    supervision = models.ForeignKey(
        "cases.Supervision", models.PROTECT, related_name="notices", null=True, blank=True
    )
    task = models.ForeignKey("cases.Task", models.PROTECT, related_name="notices", null=True, blank=True)
    item = models.ForeignKey(
        "cases.AgendaItem", models.PROTECT, related_name="notices", null=True, blank=True
    )
    meeting = models.ForeignKey(
        "cases.Meeting", models.PROTECT, related_name="notices", null=True, blank=True
    )
    monitor = models.ForeignKey(
        "cases.Monitor", models.PROTECT, related_name="notices", null=True, blank=True
    )
    assessment = models.ForeignKey(
        "cases.AssessmentRound", models.PROTECT, related_name="notices", null=True, blank=True
    )
    clock = models.ForeignKey(Clock, models.PROTECT, related_name="notices", null=True, blank=True)
    stage = models.CharField(max_length=6, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "提醒"
        constraints = [
            # The second wall behind the claim of the sweep: one reminder a clock, stage and person. A period that
            # was extended has another end, and with it reminders of its own.
            models.UniqueConstraint(
                fields=["clock", "due_at", "stage", "recipient"],
                condition=Q(clock__isnull=False),
                name="notice_once_per_stage",
            ),
            models.CheckConstraint(
                condition=Q(clock=None, due_at=None) | Q(clock__isnull=False, due_at__isnull=False),
                name="notice_of_clock_names_its_end",
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "-id"], name="notice_inbox"),
            models.Index(fields=["recipient"], condition=Q(read_at=None), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return f"notice {self.pk}"

    @property
    def about(self) -> str:
        """The number its reader knows the matter by: a department never learns the number of the case."""
        if self.referral and self.recipient.is_partner:
            return self.referral.number
        if self.supervision and (self.recipient.is_partner or self.case is None):
            papers = [paper for paper in self.supervision.papers.all() if paper.number and paper.signed_at]
            latest = max(papers, key=lambda paper: (paper.signed_at, paper.pk), default=None)
            return (latest and latest.number) or "督办文书"
        if self.case is not None and not self.recipient.is_partner and self._may_know_it:
            return self.case.number
        if self.assessment_id:
            return "年度考核"
        of_conference = self.task_id or self.item_id or self.meeting_id
        # Its office hears last of what nobody below has moved; where it sits in a department it learns no number.
        return "联席会议" if of_conference or self.recipient.may(Permission.CONFERENCE_MANAGE) else ""

    @property
    def _may_know_it(self) -> bool:
        """Who reads cases; and the conference's office in the federation, which asks its colleagues about it."""
        knowing = (Permission.CASE_READ, Permission.CASE_READ_ASSIGNED, Permission.CONFERENCE_MANAGE)
        return any(self.recipient.may(permission) for permission in knowing)

    @property
    def term(self) -> str:
        """The last day of what it reminds of, with the hour where the period counts hours."""
        if self.due_at is None:
            return ""
        end, day = self.due_at.astimezone(CHINA), last_day(self.due_at)
        return f"{day:%Y-%m-%d}" if end.time() == time() else f"{end:%Y-%m-%d %H:%M}"
