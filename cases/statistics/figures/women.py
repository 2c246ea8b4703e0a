"""妇女发展纲要、规划监测: what the yearly monitoring asks of the federations, unit by unit."""

from cases.choices import HandlingMethod, MonitorKind
from cases.statistics.figures.cells import Head, Row, Table
from cases.statistics.figures.context import Context

# Title, group, measure, groups of it.
COLUMNS: tuple[tuple[str, str, str, tuple[str, ...] | None], ...] = (
    ("告诫书", "", "MONITOR", (MonitorKind.WARNING_LETTER.value,)),
    ("协助本人申请（次）", "人身安全保护令", "METHOD", (HandlingMethod.PROTECTION_ORDER.value,)),
    ("代为申请", "人身安全保护令", "MONITOR", (MonitorKind.ORDER_APPLICATION.value,)),
    ("其中已递交法院", "人身安全保护令", "STEP", ("MO_FILE",)),
    ("法院核发", "人身安全保护令", "MONITOR", (MonitorKind.PROTECTION_ORDER.value,)),
    ("庇护人次", "", "MONITOR", (MonitorKind.SHELTER.value,)),
    ("法律援助受援妇女", "", "AID_WOMEN", None),
)
RULE = (
    "只计本系统登记的。告诫书、代为申请、核发、庇护按建立监测的次数和时间，协助本人申请按办理记录的次数；庇护一次入住计一人次，随同子女不计。"
    "受援妇女按司法行政部门首次反馈予以援助或指派律师的件，受援人（受害人，没有的为信访人）登记为女性的计一人。"
    "公安、法院、法律援助机构的全部数字请与其核对后填报。"
)


def monitoring(context: Context) -> Table:
    """One row for each part of the place: counties for a city, townships for a county."""
    below = context.of_parts(sorted({column[2] for column in COLUMNS})) if context.parts else {}
    rows = [
        Row(
            part.name,
            [context.of_part(part, below[part.code], measure, dims) for *_, measure, dims in COLUMNS],
            part.is_below_county,
        )
        for part in context.parts
    ]
    rows.append(
        Row(
            "合计" if context.parts else context.place.name,
            [context.count(measure, dims) for *_, measure, dims in COLUMNS],
            context.place.is_below_county,
            is_total=True,
        )
    )
    last = len(rows) - 1
    return Table(
        "妇女发展规划监测",
        RULE,
        "单位",
        [Head(title, group) for title, group, *_ in COLUMNS],
        rows,
        sums=[((last, n), [(row, n) for row in range(last)]) for n in range(len(COLUMNS)) if last],
    )
