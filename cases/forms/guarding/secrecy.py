"""Sealing a case, opening it again, and who may read it meanwhile."""

from collections.abc import Iterable
from typing import Any

from cases.forms.fields import ChoiceField, TextField
from cases.forms.guarding.bars import AsksOfConflict
from cases.forms.step import EMPTY, StepForm
from stations.models import Staff


class SealForm(StepForm):
    button = "封存"
    explain = (
        "封存后只有承办人、协办人、承办单位负责人、县妇联分管领导和指定的人能查阅，其他人只知道有这个案号。"
    )
    reason = TextField(label="为什么封存", rows=3, max_length=1000)


class UnsealForm(StepForm):
    button = "解除封存"
    explain = "解除后，本地有权限的工作人员都能查阅。涉及性侵害未成年人的，不要解除。"
    reason = TextField(label="为什么解除", rows=3, max_length=1000)


class ReaderField(ChoiceField):
    """One person by name and unit; cleans into the Staff row."""

    people: dict[str, Staff]

    def offer(self, people: Iterable[Staff]) -> None:
        self.people = {str(person.pk): person for person in people}
        self.choices = [
            EMPTY,
            *(
                (key, f"{person.name}（{person.organisation.name}）")
                for key, person in self.people.items()
                if person.organisation
            ),
        ]

    def clean(self, value: Any) -> Staff:
        return self.people[super().clean(value)]


class ReaderForm(StepForm):
    reader = ReaderField(label="查阅人")

    def offer(self, people: Iterable[Staff]) -> None:
        field = self.fields["reader"]
        assert isinstance(field, ReaderField)  # noqa: S101 – declared so above
        field.offer(people)


class NameReaderForm(AsksOfConflict, ReaderForm):
    asks_of = "reader"

    button = "指定查阅人"
    explain = "只指定办理这件案件离不开的人。指定后立即通知本人，每次查阅都有记录。"
    reason = TextField(label="为什么要让其查阅", rows=2, max_length=1000)


class EndReaderForm(ReaderForm):
    button = "取消查阅人"
    explain = "取消后其不再能打开这件案件。承办人、协办人随办理职责查阅，不在这里取消。"
    reason = TextField(label="为什么取消", rows=2, max_length=1000)
