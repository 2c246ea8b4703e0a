"""One supervision of a demonstration: who writes, signs, takes in, answers and checks its papers."""

from collections.abc import Sequence

from cases.actions import supervision as supervisions
from cases.actions.supervision import Draft
from cases.actions.urging import DEMANDS, words_about_referral, words_about_unit
from cases.choices import (
    Adoption,
    CheckWay,
    PaperKind,
    SupervisionMode,
    SupervisionStep,
    SupervisionTrigger,
)
from cases.deadlines import china_date
from cases.demo.errands import Errand
from cases.demo.lives import Life, OutOfLine
from cases.demo.stories import word
from cases.models import Supervision
from cases.permissions import why_not_supervise, why_not_supervision
from stations.choices import OrgKind
from stations.models import Organisation, Staff
from stations.roles import Role


def press(
    life: Life, errand: Errand | None, trigger: SupervisionTrigger = SupervisionTrigger.OVERDUE
) -> "Pressure":
    """The officer of the county drafts the first paper: over a referral, or to the unit of ours that has the case."""
    referral = errand.referral if errand else None
    target = referral.department if referral else life.case.holder
    facts = words_about_referral(referral, life.at) if referral else words_about_unit(life.case, life.at)
    refused = why_not_supervise(life.officer, life.case)
    if refused:
        raise OutOfLine(f"{life.officer.username} supervises {life.case}: {refused}")
    supervision = supervisions.draft(
        life.case,
        target=target,
        trigger=trigger,
        kind=PaperKind.NOTICE,
        facts=facts,
        demand=DEMANDS[trigger],
        term_on=None,
        by=life.officer,
        at=life.at,
        referral=referral,
    )
    return Pressure(life, supervision, errand, trigger)


class Pressure:
    """One supervision and what both sides do about it."""

    def __init__(
        self, life: Life, supervision: Supervision, errand: Errand | None, trigger: SupervisionTrigger
    ) -> None:
        self.life, self.supervision, self.errand, self.trigger = life, supervision, errand, trigger

    @property
    def answers_itself(self) -> bool:
        """Whether somebody at the target has an account."""
        return bool(self._of_target())

    def _of_target(self) -> list[Staff]:
        target = self.supervision.target
        role = Role.PARTNER_LIAISON if target.kind == OrgKind.DEPARTMENT else Role.STATION_HEAD
        return self.life.city.with_role(target, role)

    def _check(self, by: Staff, step: SupervisionStep) -> Staff:
        reason = why_not_supervision(by, step, self.supervision)
        if reason:
            raise OutOfLine(f"{by.username} {step} {self.supervision}: {reason}")
        return by

    def _theirs(self, step: SupervisionStep) -> Staff:
        return self._check(self._of_target()[0], step)

    def _officer(self, step: SupervisionStep) -> Staff:
        return self._check(self.life.officer, step)

    def _leader(self, step: SupervisionStep) -> Staff:
        return self._check(self.life.leader, step)

    # -- papers -----------------------------------------------------------------------------------

    def draft(
        self,
        kind: PaperKind,
        *,
        mode: SupervisionMode = SupervisionMode.LETTER,
        addressee: str = "",
        co_units: Sequence[Organisation] = (),
    ) -> None:
        """The next rung, or the first paper anew after it was returned."""
        facts, at = self._facts(), self.life.at
        said = Draft(
            kind, facts, word("demands").get(kind, DEMANDS[self.trigger]), "", mode, None, addressee, co_units
        )
        by = self._officer(SupervisionStep.DRAFT)
        supervisions.draft_next(self.supervision, said, by=by, at=at)

    def _facts(self) -> str:
        if self.errand is None:
            return words_about_unit(self.life.case, self.life.at)
        return words_about_referral(self.errand.referral, self.life.at) + str(word("still_silent"))

    def sign(self) -> None:
        draft = self.supervision.draft()
        other = draft is not None and not draft.to_target
        step = SupervisionStep.SIGN_OTHER if other else SupervisionStep.SIGN_OFF
        by = self._leader(step)
        supervisions.sign_off(self.supervision, opinion=word("signed"), by=by, at=self.life.at)

    def return_draft(self) -> None:
        by = self._leader(SupervisionStep.RETURN_DRAFT)
        supervisions.return_draft(self.supervision, reason=word("draft_returned"), by=by, at=self.life.at)

    # -- the target -------------------------------------------------------------------------------

    def acknowledge(self) -> None:
        if self.answers_itself:
            by = self._theirs(SupervisionStep.ACKNOWLEDGE)
            supervisions.acknowledge(self.supervision, by=by, at=self.life.at)
            return
        on = china_date(self.life.at)
        supervisions.acknowledge(
            self.supervision, by=self.life.officer, at=self.life.at, name=word("office"), received_on=on
        )

    def reply(self, *, well: bool) -> None:
        adoption, measures, why_not = word("replies_well" if well else "replies_badly")
        said = {"adoption": Adoption(adoption), "measures": measures, "why_not": why_not}
        if self.answers_itself:
            by = self._theirs(SupervisionStep.REPLY)
            supervisions.reply(self.supervision, by=by, at=self.life.at, **said)
            return
        on = china_date(self.life.at)
        supervisions.reply(
            self.supervision,
            by=self.life.officer,
            at=self.life.at,
            name=word("office"),
            received_on=on,
            **said,
        )

    # -- our check --------------------------------------------------------------------------------

    def reject(self) -> None:
        way, evidence = word("found_unsound")
        by = self._officer(SupervisionStep.REJECT)
        supervisions.reject(self.supervision, way=CheckWay(way), evidence=evidence, by=by, at=self.life.at)

    def close(self) -> None:
        way, evidence, conclusion = self.life.rng.choice(word("found_sound"))
        supervisions.close(
            self.supervision,
            way=CheckWay(way),
            evidence=evidence,
            conclusion=conclusion,
            by=self._officer(SupervisionStep.CLOSE),
            at=self.life.at,
        )

    def withdraw(self) -> None:
        by = self._leader(SupervisionStep.WITHDRAW)
        supervisions.withdraw(self.supervision, reason=word("pressed_no_more"), by=by, at=self.life.at)

    def unlist(self) -> None:
        by = self._leader(SupervisionStep.UNLIST)
        supervisions.unlist(self.supervision, reason=word("unlisted"), by=by, at=self.life.at)
