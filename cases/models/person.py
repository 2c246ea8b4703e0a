"""People: who they are, how they can be reached without harm, and their part in a case."""

from collections.abc import Iterable
from typing import Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from cases.choices import AgeBand, Capacity, PersonRole, PhoneSafety, Relation, Sex, Status
from stations.models import Organisation
from weiquan.sealing import BigramField, BlindIndexField, SealedModel, SealedTextField

# New grams wait in a list that every search reads through; short, neither a search nor an insert pays much for it.
PENDING_KILOBYTES = 256


class Person(SealedModel):
    """One human being as one unit knows her. The same ID number in another unit, or on the other side of a matter, is
    another row; the blind index says that they are the same, and nothing else."""

    PERSONAL = (
        "name",
        "id_number",
        "id_override_reason",
        "birth_date",
        "address_now",
        "address_papers",
        "work_place",
    )

    name = SealedTextField("姓名", blank=True, default="")
    name_index = BlindIndexField(source="name", kind="name")
    name_grams = BigramField(source=("name",), kind="name")
    id_number = SealedTextField("身份证号", blank=True, default="")
    id_number_index = BlindIndexField(source="id_number", kind="id_number")
    id_override_reason = SealedTextField("证件号不合规仍保留的原因", blank=True, default="")
    birth_date = SealedTextField("出生日期", blank=True, default="")
    sex = models.CharField("性别", max_length=1, choices=Sex, default=Sex.UNKNOWN)
    ethnicity = models.CharField("民族", max_length=40, blank=True)
    education = models.CharField("文化程度", max_length=40, blank=True)
    marital = models.CharField("婚姻状况", max_length=40, blank=True)
    occupation = models.CharField("职业", max_length=40, blank=True)
    capacity = models.CharField("民事行为能力", max_length=8, choices=Capacity, default=Capacity.FULL)
    characteristics = ArrayField(
        models.CharField(max_length=40), verbose_name="人群特征", default=list, blank=True
    )
    address_now = SealedTextField("现在住处", blank=True, default="")
    address_papers = SealedTextField("文书送达地址", blank=True, default="")
    work_place = SealedTextField("单位或学校", blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "人员"
        indexes = [
            GinIndex(
                fields=["name_grams"],
                name="person_name_grams",
                opclasses=["array_ops"],
                gin_pending_list_limit=PENDING_KILOBYTES,
            ),
            models.Index(
                fields=["id_number_index"],
                condition=Q(id_number_index__isnull=False),
                name="person_by_id_number",
            ),
            models.Index(fields=["name_index"], condition=Q(name_index__isnull=False), name="person_by_name"),
        ]

    def __str__(self) -> str:
        return f"person {self.pk}"


class Phone(SealedModel):
    """One number of a person and what may happen when it is dialled."""

    PERSONAL = ("number", "window", "pass_phrase", "remark")

    person = models.ForeignKey(Person, models.CASCADE, related_name="phones")
    number = SealedTextField("电话")
    number_index = BlindIndexField(source="number", kind="phone")
    safety = models.CharField("能否拨打", max_length=10, choices=PhoneSafety, default=PhoneSafety.SAFE)
    hide_caller = models.BooleanField("不要说明来电单位", default=False)
    window = SealedTextField("方便回电的时间", blank=True, default="")
    pass_phrase = SealedTextField("暗语", blank=True, default="")
    remark = SealedTextField("接听人或说明", blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "电话"
        indexes = [models.Index(fields=["number_index"], name="phone_by_number")]

    def __str__(self) -> str:
        return f"phone {self.pk}"


class PartyQuerySet(models.QuerySet["Party"]):
    def known_as(self, *, id_number: str = "", phones: Iterable[str] = ()) -> Self:
        """Parts of people with this ID number or one of these phones. Not as a respondent: whoever is complained of
        is not found by her number. Nor by a number that must not be dialled: somebody else answers there, and he
        must not learn that she came. Void cases do not count."""
        # Two look-ups by index first: asked for as one OR over a join, the database would read every part there is.
        people: list[UUID] = []
        if id_number:
            people += Person.objects.filter(id_number_index=id_number).values_list("pk", flat=True)
        if numbers := list(phones):
            index = Phone._meta.get_field("number_index")
            keys = [index.of(number) for number in numbers]
            hers = Phone.objects.filter(number_index__in=keys).exclude(safety=PhoneSafety.UNSAFE)
            people += hers.values_list("person_id", flat=True)
        known = self.filter(person__in=people)
        return known.exclude(role=PersonRole.RESPONDENT).exclude(case__status=Status.VOID)


class Party(models.Model):
    """A person's part in a case. An anonymous petitioner has a part but no person."""

    PERSONAL: tuple[str, ...] = ()

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="parties")
    person = models.ForeignKey(Person, models.PROTECT, related_name="parties", null=True, blank=True)
    role = models.CharField("身份", max_length=16, choices=PersonRole)
    relation = models.CharField("与信访人的关系", max_length=16, choices=Relation, blank=True)
    employer = models.ForeignKey(
        Organisation,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="所在单位（系统内）",
    )
    age_band = models.CharField("年龄段", max_length=10, choices=AgeBand, default=AgeBand.UNKNOWN)
    position = models.PositiveSmallIntegerField(default=0)

    objects = PartyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "当事人"
        constraints = [
            models.UniqueConstraint(fields=["case", "person", "role"], name="party_once_per_role"),
            models.CheckConstraint(
                condition=Q(person__isnull=False)
                | Q(role__in=(PersonRole.PETITIONER, PersonRole.RESPONDENT)),
                name="party_has_person_unless_unknown",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.pk}"
