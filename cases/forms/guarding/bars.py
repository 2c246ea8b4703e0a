"""Stepping back, keeping a person or a unit away, letting them back, and the question asked of whoever gets a part."""

from collections.abc import Collection, Iterable
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from cases.choices import BarKind
from cases.forms.fields import ChoiceField, TextField
from cases.forms.step import EMPTY, StepForm
from cases.models import Case
from cases.models.guarding import barred_from
from stations.choices import OrgKind
from stations.models import Organisation, Staff

NONE, RELATED = "NONE", "RELATED"


class RecuseForm(StepForm):
    button = "我要回避"
    explain = "与当事人或案情有利害关系的应当回避。提交后您不再看到这件案件，手里的工作马上交给负责人。"
    reason = TextField(label="为什么回避", rows=3, help_text="只有负责人和上级看得到。")


class BarForm(StepForm):
    """Either a person or a unit."""

    button = "不再让其知情"
    explain = "选中的人（或单位的全部人员）马上看不到这件案件，手里的工作随之转交，也不会收到任何提醒。"
    staff = ChoiceField(label="谁不能知情", required=False)
    unit = ChoiceField(label="或者整个单位", required=False, help_text="已发给该单位的转交会自动收回。")
    kind = ChoiceField(
        label="原因",
        choices=[EMPTY, *(choice for choice in BarKind.choices if choice[0] != BarKind.RECUSED)],
    )
    reason = TextField(label="说明", rows=3, help_text="只有负责人和上级看得到。")

    def prepare(self) -> None:
        barred = barred_from(self.case.pk)
        self.people = {
            str(one.pk): one
            for one in _people_near(self.case)
            if one not in barred and one.pk != self.user.pk
        }
        self.units = {str(one.pk): one for one in units_near(self.case) if one.pk not in barred.units}
        groups = _grouped(
            (one.organisation.name if one.organisation else "", key, one.name)
            for key, one in self.people.items()
        )
        self._offer("staff", "不选人", groups)
        self._offer(
            "unit", "不选单位", _grouped((kind_of(one), key, one.name) for key, one in self.units.items())
        )

    def _offer(self, name: str, empty: str, groups: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, ChoiceField)  # noqa: S101 – declared so above
        field.choices = [("", empty), *groups]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        chosen = [data.get("staff"), data.get("unit")]
        if all(chosen) or not (any(chosen) or self.errors):
            self.add_error("staff", "请选一个人，或者选一个单位，只选其一。")
        return data

    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        who = self.people[data["staff"]] if data["staff"] else self.units[data["unit"]]
        return {"who": who, "kind": BarKind(data["kind"]), "reason": data["reason"]}


def _place(case: Case) -> str:
    """The digits of the county, or of the city where the case has none."""
    return case.county_code or case.station.region_id[:4]


def _people_near(case: Case) -> Iterable[Staff]:
    """Everybody of the county, and of the federation above it."""
    place = _place(case)
    here = Q(organisation__region__code__startswith=place) | Q(
        organisation__kind=OrgKind.FEDERATION, organisation__region=f"{place[:4]:0<12}"
    )
    people = Staff.objects.working().filter(here).select_related("organisation")
    return people.order_by(
        "organisation__region", "organisation__kind", "organisation__name", "name_pinyin", "pk"
    )


def units_near(case: Case) -> Iterable[Organisation]:
    return units_around(_place(case))


def units_around(place: str) -> Iterable[Organisation]:
    """The units of a county and those of its city, without the village points of others."""
    here = Q(region__code__startswith=place) | Q(region=f"{place[:4]:0<12}")
    found = Organisation.objects.active().filter(here).select_related("department")
    return found.order_by("kind", "department__sort", "region", "name", "pk")


def kind_of(unit: Organisation) -> str:
    return unit.department.name if unit.department else unit.get_kind_display()


def _grouped(rows: Iterable[tuple[str, str, str]]) -> list[tuple[str, Any]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for group, key, label in rows:
        groups.setdefault(group, []).append((key, label))
    return list(groups.items())


class LiftBarForm(StepForm):
    button = "解除"
    explain = "解除后可以重新看到这件案件；原来手里的工作不自动还回。"
    lifted = ChoiceField(label="解除对谁的回避、屏蔽")
    reason = TextField(label="为什么解除", rows=3)

    def prepare(self) -> None:
        rows = (
            self.case.bars.live().select_related("staff__organisation", "organisation").order_by("at", "pk")
        )
        self.rows = {str(row.pk): row for row in rows}
        field = self.fields["lifted"]
        assert isinstance(field, ChoiceField)  # noqa: S101 – declared so above
        field.choices = [
            EMPTY,
            *((key, f"{row.who}（{row.get_kind_display()}）") for key, row in self.rows.items()),
        ]

    def clean_lifted(self) -> Any:
        return self.rows[self.cleaned_data["lifted"]]


class ConflictQuestion(forms.Form):
    """A form that gives somebody a part: whoever bears the name of somebody she has declared is asked about.

    Source: 信访工作条例 (2022) 第28条第3款.
    """

    asks_of: ClassVar[str] = "owner"

    doubtful: Collection[int] = ()

    def ask(self, related: Collection[int], doubtful: Collection[int]) -> None:
        """Offer none of `related`; put the question where one of `doubtful` is offered."""
        field: Any = self.fields[self.asks_of]
        asked = [one for one in _left_over(field, related) if one.pk in doubtful]
        if not asked:
            return
        self.doubtful = doubtful
        names = "、".join(one.name for one in asked)
        self.fields["conflict"] = ChoiceField(
            label=f"{field.label}与当事人有无利害关系？",
            required=False,
            choices=[EMPTY, (NONE, "已核实，无利害关系"), (RELATED, "需要回避")],
            help_text=f"当事人中有人与{names}本人或其申报的亲属同名。选{names}的，请先核实再回答。",
        )
        order = list(self.fields)
        order.insert(order.index(self.asks_of) + 1, order.pop())
        self.order_fields(order)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        person, answer = data.get(self.asks_of), data.get("conflict")
        if person is not None and person.pk in self.doubtful:
            if not answer:
                self.add_error("conflict", f"{person.name}与当事人有无利害关系？请核实后选择。")
            elif answer == RELATED:
                self.add_error(self.asks_of, ValidationError(f"{person.name}需要回避，请另选他人。"))
        return data

    @property
    def confirmed(self) -> Staff | None:
        """Whom somebody has just confirmed to have no interest in the matter."""
        person: Staff | None = self.cleaned_data.get(self.asks_of)
        return person if person is not None and person.pk in self.doubtful else None


def _left_over(field: Any, related: Collection[int]) -> list[Staff]:
    """Whom the field still offers without `related`."""
    if isinstance(field, forms.ModelChoiceField):
        field.queryset = field.queryset.exclude(pk__in=related)  # type: ignore[union-attr]
        return list(field.queryset)
    field.people = {key: one for key, one in field.people.items() if one.pk not in related}
    field.choices = [choice for choice in field.choices if not choice[0] or choice[0] in field.people]
    return list(field.people.values())


class AsksOfConflict(ConflictQuestion, StepForm):
    """The question in a step of a case."""

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in super().values().items() if name != "conflict"}
