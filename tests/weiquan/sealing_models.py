"""Models that only the sealing tests use; their tables come and go with the fixtures of those tests."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from weiquan.sealing import (
    BigramField,
    BlindIndexField,
    SealedBytesField,
    SealedJSONField,
    SealedModel,
    SealedTextField,
)


def without_country(phone: str) -> str:
    return phone.strip().removeprefix("+86")


class Letter(SealedModel):
    place = models.CharField(max_length=50, default="")
    sender = SealedTextField()
    sender_index = BlindIndexField(source="sender", kind="name", db_index=True)
    phone = SealedTextField(null=True)
    phone_index = BlindIndexField(source="phone", kind="phone", normalise=without_country)
    facts = SealedTextField(default="")
    demand = SealedTextField(null=True)
    grams = BigramField(source=("facts", "demand"), kind="story")
    extras = SealedJSONField(null=True)
    scan = SealedBytesField(null=True)

    class Meta:
        app_label = "sealing_tests"
        indexes = [GinIndex(fields=["grams"], name="letter_grams")]

    def __str__(self) -> str:
        return str(self.pk)


class Enclosure(SealedModel):
    id = None
    letter = models.OneToOneField(Letter, models.CASCADE, primary_key=True)
    text = SealedTextField()

    class Meta:
        app_label = "sealing_tests"

    def __str__(self) -> str:
        return str(self.pk)


MODELS = (Letter, Enclosure)
