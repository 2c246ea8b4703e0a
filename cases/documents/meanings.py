"""What each placeholder of a Word template stands for, in the words of the layout it comes from."""

from collections.abc import Iterator

from cases.choices import DocType
from cases.documents.kinds import KINDS
from cases.documents.layout import COMMON, Facts, Layout, Rows, places_in, walk

# Names that stand in sentences, where nothing beside them says what they are.
SAID: dict[str, str] = {
    "issuer": "制发单位",
    "number": "文号",
    "title": "文书标题",
    "addressee": "主送单位或者收件人",
    "day": "成文日期",
    "contact": "联系人",
    "phone": "联系电话",
    "accepted": "受理日期",
    "age": "年龄段",
    "answered": "是否附回执（只用来判断）",
    "asked": "申请日期",
    "basis": "依据",
    "bodies": "会同或者参加的单位",
    "case_number": "案号",
    "category": "事项类别",
    "chair": "主持人",
    "co_units": "联合督办单位",
    "court": "法院",
    "danger": "不得当面调解的提示（高危时才有）",
    "days": "延长天数",
    "department": "承办单位",
    "due": "延长后的期限",
    "employer": "用人单位",
    "excused": "请假的单位",
    "form": "信访形式",
    "host": "主办单位",
    "kind": "文书名称",
    "lead": "督办要求前面的话",
    "letter": "转办函的文号",
    "made": "协议生效日期",
    "matter": "反映的事项",
    "meeting": "会议名称",
    "mode": "代理方式",
    "nominal": "原定期限",
    "original": "原意见的单位和文号",
    "original_on": "原意见的日期",
    "person": "本人姓名",
    "petitioner": "信访人",
    "place": "地点",
    "present": "出席的单位",
    "printed": "“已印发”字样（印发以后才有）",
    "received": "收到日期",
    "right": "不服怎么办的告知",
    "sender": "来函单位",
    "sent": "转办日期",
    "sex": "性别",
    "target": "被督办单位",
    "term": "办理期限和要求",
    "time": "时间",
    "to": "主送单位",
    "trigger": "督办原因",
    "unit": "本单位",
    "urgency": "紧急程度",
    "urgent": "情况紧急的说明（紧急时才有）",
    "verb": "转送、交办等字样",
    "visitor": "回访人",
    "withheld": "撤回同意的说明（撤回时才有）",
    "word": "“处理”或者“答复”",
}
# The same name says something else on these.
OWN: dict[DocType, dict[str, str]] = {
    DocType.AGENCY_AUTH: {"term": "代理期限"},
    DocType.INTRO_LETTER: {"days": "有效天数"},
    DocType.MEETING_AGENDA: {"kind": "会议类型"},
    DocType.MEETING_MINUTES: {"kind": "会议类型"},
    DocType.MEETING_NOTICE: {"kind": "会议类型"},
    DocType.MONITOR_RECORD: {"court": "送交法院的说明"},
    DocType.OBJECTION_LETTER: {"letter": "来函文号"},
    DocType.PO_APPLICATION: {"kept_apart": "现住址、电话另页密封的说明"},
    DocType.SUPERVISE_NOTICE: {"term": "回复期限"},
    DocType.URGE_OPINION: {"term": "回复期限"},
    DocType.VISIT_RECORD: {"satisfaction": "对本站的评价", "partner": "对责任单位的评价"},
}


def meanings(doc_type: DocType) -> dict[str, str]:
    """Every name a template of this document may use, and what will stand in its place."""
    layout = KINDS[doc_type].layout
    told = SAID | dict(_labels(layout)) | {name: SAID[name] for name in COMMON} | OWN.get(doc_type, {})
    return {name: told[name] for name in layout.names()}


def _labels(layout: Layout) -> Iterator[tuple[str, str]]:
    """A word beside a single fact, what is asked for on the page, the headings of a table."""
    for block in walk(layout.blocks):
        if isinstance(block, Facts):
            for row in block.rows:
                pairs = zip(row[::2], row[1::2], strict=True)
                yield from ((cell[1:-1], word) for word, cell in pairs if {cell[1:-1]} == places_in(cell))
        if isinstance(block, Rows):
            yield block.name, "表格：" + "、".join(heading for _, heading, _ in block.columns)
    yield from ((free.name, free.label) for free in layout.frees())
