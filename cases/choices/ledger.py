"""Ledgers that leave the house as files, and ledgers that come in."""

from enum import nonmember

from django.db.models import TextChoices


class ExportStatus(TextChoices):
    WAITING = "WAITING", "正在生成"
    READY = "READY", "可以下载"
    FAILED = "FAILED", "没有生成"
    WIPED = "WIPED", "已过期清除"


class ImportStatus(TextChoices):
    """Where an upload stands. What a worker has to do are the statuses in `at_work`."""

    UPLOADED = "UPLOADED", "请对应各列"
    CHECKING = "CHECKING", "正在核对"
    CHECKED = "CHECKED", "核对完，待导入"
    IMPORTING = "IMPORTING", "正在导入"
    DONE = "DONE", "已导入"
    TAKING_BACK = "TAKING_BACK", "正在撤销导入"
    TAKEN_BACK = "TAKEN_BACK", "已撤销导入"
    DROPPED = "DROPPED", "已放弃"

    at_work = nonmember(("CHECKING", "IMPORTING", "TAKING_BACK"))
    undecided = nonmember(("UPLOADED", "CHECKED"))


class RowState(TextChoices):
    """What the dry run says of one row; only GOOD ones are imported."""

    GOOD = "GOOD", "可以导入"
    BAD = "BAD", "有错，不导入"
    REPEATED = "REPEATED", "重复，不导入"
    KNOWN = "KNOWN", "疑似已登记，不导入"
