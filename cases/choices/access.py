"""Reading: what was opened and how."""

from django.db.models import TextChoices


class AccessKind(TextChoices):
    VIEW = "VIEW", "查看"
    REVEAL = "REVEAL", "展开遮盖内容"
    SEARCH = "SEARCH", "检索命中"
    PRINT = "PRINT", "打印"
    CALL = "CALL", "拨打电话"
    BREAK_IN = "BREAK_IN", "破门查看"
    EXPORT = "EXPORT", "导出台账"


class FieldGroup(TextChoices):
    """What one press of 查看 opens."""

    PAGE = "PAGE", "案件页"
    IDENTITY = "IDENTITY", "姓名与证件"
    CONTACT = "CONTACT", "电话与联系要求"
    ADDRESS = "ADDRESS", "住址"
    STORY = "STORY", "反映内容与笔录"
    RESPONDENT = "RESPONDENT", "被反映人"
    QUERY_CODE = "QUERY_CODE", "查询码"
    HANDLING = "HANDLING", "办理记录"
    SAFETY = "SAFETY", "危险评估与安全计划"
    MONITOR = "MONITOR", "监测事项"
    CONSENT = "CONSENT", "同意与提供记录"
