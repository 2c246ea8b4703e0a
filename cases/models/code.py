"""Lists of codes that only people read, and the counters behind case and letter numbers."""

from time import monotonic

from django.db import connection, models
from django.db.models import F


class CodeSet(models.TextChoices):
    MATTER_CATEGORY = "MATTER_CATEGORY", "问题类别"
    CHARACTERISTIC = "CHARACTERISTIC", "人群特征"
    ETHNICITY = "ETHNICITY", "民族"
    EDUCATION = "EDUCATION", "文化程度"
    MARITAL = "MARITAL", "婚姻状况"
    OCCUPATION = "OCCUPATION", "职业"
    REFERRAL_RESULT = "REFERRAL_RESULT", "部门办理结果"
    DANGER_ITEM = "DANGER_ITEM", "危险评估问题"


class CodeItemQuerySet(models.QuerySet["CodeItem"]):
    def in_set(self, code_set: str) -> "CodeItemQuerySet":
        return self.filter(code_set=code_set).order_by("sort", "code")

    def usable(self) -> "CodeItemQuerySet":
        return self.filter(enabled=True)


class CodeItem(models.Model):
    """One entry of one list. Entries in use are switched off, never deleted."""

    PERSONAL: tuple[str, ...] = ()

    code_set = models.CharField("清单", max_length=32, choices=CodeSet)
    code = models.CharField("代码", max_length=40)
    name = models.CharField("名称", max_length=120)
    parent = models.CharField("上级代码", max_length=40, blank=True)
    sort = models.PositiveIntegerField("顺序", default=0)
    enabled = models.BooleanField("启用", default=True)
    valid_from = models.DateField("启用日期", null=True, blank=True)
    valid_to = models.DateField("停用日期", null=True, blank=True)

    objects = CodeItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "代码"
        constraints = [
            models.UniqueConstraint(fields=["code_set", "code"], name="code_unique_in_set"),
            models.CheckConstraint(
                condition=models.Q(valid_from=None)
                | models.Q(valid_to=None)
                | models.Q(valid_to__gte=F("valid_from")),
                name="code_valid_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code_set}:{self.code}"


# Lists change a few times a year and are read on every page: each process keeps them for half a minute.
KEEP_SECONDS = 30.0
_kept: dict[str, tuple[float, tuple[CodeItem, ...]]] = {}


def code_items(code_set: str) -> tuple[CodeItem, ...]:
    """The whole list, switched-off entries included, in its order."""
    kept = _kept.get(code_set)
    if kept is None or monotonic() - kept[0] > KEEP_SECONDS:
        kept = (monotonic(), tuple(CodeItem.objects.in_set(code_set)))
        _kept[code_set] = kept
    return kept[1]


def code_names(code_set: str) -> dict[str, str]:
    return {item.code: item.name for item in code_items(code_set)}


def forget_codes() -> None:
    """Read the lists anew, after a change or between tests."""
    _kept.clear()


class Counter(models.Model):
    """The latest serial given out under one prefix; the row is held until commit, so no serial is doubled."""

    PERSONAL: tuple[str, ...] = ()

    prefix = models.CharField(max_length=60, primary_key=True)
    latest = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.prefix}:{self.latest}"

    @classmethod
    def take(cls, prefix: str) -> int:
        """The next serial under `prefix`, from 1."""
        table = connection.ops.quote_name(cls._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} AS counter (prefix, latest) VALUES (%s, 1) "  # noqa: S608 – our own table name
                "ON CONFLICT (prefix) DO UPDATE SET latest = counter.latest + 1 RETURNING latest",
                [prefix],
            )
            return int(cursor.fetchone()[0])
