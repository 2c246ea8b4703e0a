"""A referral of a case and what the department does with it."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from cases.actions import referral as referrals
from cases.actions import statutory
from cases.actions.referral import Answer
from cases.actions.urging import urge
from cases.choices import (
    ClockStart,
    ClockUnit,
    ConsentWay,
    ExtractField,
    LegalBasis,
    ReferralKind,
    ReferralStep,
    Risk,
    Step,
    Urgency,
)
from cases.deadlines import china_date
from cases.demo.lives import Life, OutOfLine
from cases.demo.stories import Partner, partner, word
from cases.models import Referral
from cases.permissions import why_not_referral
from stations.models import Staff
from stations.roles import Role

# Periods of months are about the result, not about taking the matter up.
SHORT = (ClockUnit.HOUR, ClockUnit.DAY, ClockUnit.WORKING_DAY)
KINDS = (*[ReferralKind.ASSIGN] * 3, ReferralKind.TRANSFER, ReferralKind.REFER)
HURRIED, UNHURRIED = (Urgency.VERY_URGENT, Urgency.URGENT), (Urgency.MILD, Urgency.NOT_URGENT)


def refer(life: Life, kind: str = "", *, with_accounts: bool = False, plainly: bool = False) -> "Errand":
    """Ask the department the story names, or `kind`, for what it can do; plainly: assigned, and not by the hour."""
    kinds = [kind] if kind else list(life.story.partners)
    if with_accounts:
        kinds = [one for one in kinds if _liaisons(life, one)] or ["XINFANG"]
    department = life.city.department(life.unit, life.rng.choice(kinds))
    told = partner(department.department_id or "XINFANG")
    urgent = life.case.risk in ("ORANGE", "RED")
    referral = referrals.refer_case(
        life.case,
        department=department,
        kind=ReferralKind.ASSIGN if plainly else life.rng.choice(KINDS),
        urgency=Urgency.URGENT if plainly else life.rng.choice(HURRIED if urgent else UNHURRIED),
        request=life.rng.choice(told.requests),
        ticked=_ticked(life),
        legal_basis=_basis(life),
        consented=ConsentWay.ORAL,
        by=life.allowed(life.owner, Step.REFER),
        at=life.at,
    )
    return Errand(life, referral, told)


def _liaisons(life: Life, kind: str) -> list[Staff]:
    return life.city.with_role(life.city.department(life.unit, kind), Role.PARTNER_LIAISON)


def _ticked(life: Life) -> Sequence[ExtractField]:
    ticked = [ExtractField.FACTS, ExtractField.DEMAND]
    more = (
        ExtractField.NAME,
        ExtractField.PHONE,
        ExtractField.AGE_SEX,
        ExtractField.PLACE,
        ExtractField.RESPONDENT,
        ExtractField.ID_NUMBER,
        ExtractField.PAPERS_ADDRESS,
        ExtractField.HANDLED_BEFORE,
    )
    return ticked + life.rng.sample(more, life.rng.randint(1, 4))


def _basis(life: Life) -> LegalBasis:
    if life.case.risk == Risk.RED:
        return LegalBasis.EMERGENCY
    if life.case.involves_minor:
        return LegalBasis.STATUTORY_DUTY
    return LegalBasis.CONSENT


class Errand:
    """One referral and what the department does with it."""

    def __init__(self, life: Life, referral: Referral, told: Partner) -> None:
        self.life, self.referral, self.told, self.rng = life, referral, told, life.rng

    @property
    def has_accounts(self) -> bool:
        return bool(self._with(Role.PARTNER_LIAISON))

    def _with(self, *roles: Role) -> list[Staff]:
        return self.life.city.with_role(self.referral.department, *roles)

    def _partner(self, step: ReferralStep) -> Staff:
        role = Role.PARTNER_LEADER if step is ReferralStep.CONFIRM else Role.PARTNER_LIAISON
        return self._check(self._with(role)[0], step)

    def _ours(self, step: ReferralStep) -> Staff:
        return self._check(self.life.owner, step)

    def _check(self, by: Staff, step: ReferralStep) -> Staff:
        reason = why_not_referral(by, step, self.referral)
        if reason:
            raise OutOfLine(f"{by.username} {step} {self.referral}: {reason}")
        return by

    def sign(self) -> None:
        referrals.sign_for(self.referral, by=self._partner(ReferralStep.SIGN), at=self.life.at)

    def withdraw(self) -> None:
        by = self._ours(ReferralStep.WITHDRAW)
        referrals.withdraw(self.referral, reason=word("withdrawn"), by=by, at=self.life.at)

    def object(self) -> None:
        referrals.object_to(
            self.referral,
            reason=self.rng.choice(word("objections")),
            proper_body="县信访局" if self.rng.random() < 0.5 else "县司法局",
            by=self._partner(ReferralStep.OBJECT),
            at=self.life.at,
        )

    def take_back(self) -> None:
        by = self._ours(ReferralStep.RETURN)
        referrals.take_back(self.referral, reason=word("taken_back"), by=by, at=self.life.at)

    def uphold(self) -> None:
        by = self._ours(ReferralStep.UPHOLD)
        referrals.uphold(self.referral, reason=word("upheld"), by=by, at=self.life.at)

    def start(self) -> None:
        by = self._partner(ReferralStep.START)
        handlers = self._with(Role.PARTNER_HANDLER)
        referrals.start_work(
            self.referral,
            by=by,
            at=self.life.at,
            handler=handlers[0] if handlers else by,
            partner_number=f"{china_date(self.life.at).year}{self.rng.randrange(1000):03d}",
        )

    def report_progress(self) -> None:
        answer = Answer(self.rng.choice(self.told.interims))
        by = self._partner(ReferralStep.INTERIM)
        referrals.report_progress(self.referral, answer=answer, by=by, at=self.life.at)

    def report_result(self, *, again: bool = False) -> None:
        by = self._partner(ReferralStep.ANSWER)
        referrals.report_result(self.referral, answer=self._result(again=again), by=by, at=self.life.at)

    def confirm(self) -> None:
        referrals.confirm_result(self.referral, by=self._partner(ReferralStep.CONFIRM), at=self.life.at)

    def rework(self) -> None:
        by = self._ours(ReferralStep.REWORK)
        referrals.send_for_rework(self.referral, demand=word("rework"), by=by, at=self.life.at)

    def urge(self) -> None:
        urge(self.referral, by=self._ours(ReferralStep.URGE), at=self.life.at)

    def note_beginnings(self) -> None:
        """The department has said that it took the matter up: what its signature started has happened."""
        by = self.life.allowed(self.life.owner, Step.END_CLOCK)
        for clock in self.referral.clocks.live().filter(rule__starts=ClockStart.SIGNED, rule__unit__in=SHORT):
            statutory.end_statutory(
                self.life.case,
                clock=clock,
                met=True,
                ended_at=self.life.at,
                by=by,
                at=self.life.at,
                note=word("case_filed"),
            )

    def write_off(self) -> None:
        by = self._ours(ReferralStep.WRITE_OFF)
        text = self.rng.choice(word("write_offs"))
        referrals.write_off(self.referral, assessment=text, by=by, at=self.life.at)

    def answer_on_paper(self) -> None:
        referrals.key_in_paper(
            self.referral,
            answer=self._result(),
            name=f"{self.referral.department.name}办公室",
            received_on=china_date(self.life.at),
            is_result=True,
            by=self._ours(ReferralStep.LINK),
            at=self.life.at,
        )

    def send_link(self) -> str:
        return referrals.make_link(self.referral, by=self._ours(ReferralStep.LINK), at=self.life.at)

    def answer_by_link(self, token: str) -> None:
        link = referrals.find_link(token, at=self.life.at)
        link.referral = self.referral  # one object a referral, or its version would be read too early
        referrals.answer_by_link(
            link, answer=self._result(), name="办公室值班人员", is_result=True, at=self.life.at
        )

    def _result(self, *, again: bool = False) -> Answer:
        code, text, letter, amount = self.rng.choice(self.told.results)
        day = china_date(self.life.at)
        number = f"{self._place()}{letter}〔{day.year}〕{self.rng.randrange(1, 400)}号" if letter else ""
        return Answer(
            text=text + (word("reworked") if again else ""),
            result=code,
            doc_number=number,
            doc_on=day if letter else None,
            valid_until=day + timedelta(days=180) if code == "COURT.PO_ISSUED" else None,
            amount=Decimal(amount) if amount else None,
        )

    def _place(self) -> str:
        return self.referral.department.region.name[0]
