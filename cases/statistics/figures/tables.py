"""The tables of the reports that federations file (factsheet §5.3), each with the rule it counts by."""

from collections.abc import Callable, Sequence

from cases.choices import (
    AgeBand,
    DangerLevel,
    HandlingMethod,
    MonitorKind,
    MonitorStep,
    Outcome,
    ReferralKind,
    Relation,
    Satisfaction,
    ServiceType,
    Sex,
    Step,
    VictimNeed,
    ViolenceType,
    VisitResult,
)
from cases.models import CodeSet, code_items, code_names
from cases.statistics.figures.cells import At, Cell, Head, Look, Row, Table, change, share
from cases.statistics.figures.context import Context, Sum
from cases.statistics.figures.entries import SOLVED
from cases.statistics.figures.reading import Figures
from stations.choices import ActivityForm, AdminLevel

CONTACTS = "按件次：一信、一电、一次网上留言、一批来访各计一件次，重复的也计；按录入时间。归首先登记的单位，转到别处不另计。"
MATTERS = "按件：同一人（批人）同一诉求为一件；按登记时间。并案、作废在办理当月冲减，不改以前各月。"
CLOSINGS = "按办结时间；重新办理后再次办结的另计一次，原来的不减。"
PERIODS = "按到期日：到期日落在本期的期限，到期时没有办到的为逾期；以后补办、延期、改期不改变。"
COMPARED = (
    Head("本期"),
    Head("上期"),
    Head("环比"),
    Head("上年同期"),
    Head("同比"),
)
FIRST, REPEAT, CONTINUED = "FIRST", "REPEAT", "CONTINUED"
WAYS = (
    ("LETTER", "来信"),
    ("VISIT", "来访"),
    ("PHONE", "来电"),
    ("ONLINE", "网络"),
    ("IN", "转入"),
    ("FOUND", "走访发现"),
)
LEVELS = (AdminLevel.VILLAGE, AdminLevel.TOWNSHIP, AdminLevel.COUNTY, AdminLevel.CITY)
ON_SPOT, MEDIATE, LEGAL_AID = (
    HandlingMethod.ANSWER_ON_SPOT.value,
    HandlingMethod.MEDIATE.value,
    HandlingMethod.LEGAL_AID.value,
)
SIGNED = (MonitorStep.SIGN.value,)
ASSIGNED = (ReferralKind.ASSIGN.value,)
PASSED_ON = tuple(kind.value for kind in ReferralKind if kind != ReferralKind.ASSIGN)
NOTICE_CODES = ("XF-NOTICE", "XF-NOTICE-T")
ANSWER_CODES = ("XF-DECIDE", "IN-TOTAL")
PLEASED = (Satisfaction.SATISFIED.value, Satisfaction.BASICALLY.value)


def ways(which: Sequence[str], *occurrences: str) -> tuple[str, ...]:
    return tuple(f"{way}:{one}" for way in which for one in occurrences or (FIRST, REPEAT, CONTINUED))


ALL_WAYS = tuple(way for way, _ in WAYS)
# Title, group, measure, groups of it.
UNIT_COLUMNS: tuple[tuple[str, str, str, tuple[str, ...] | None], ...] = (
    ("合计件次", "", "CONTACT", None),
    *(
        (words, name, "CONTACT", ways([way], occurrence))
        for way, name in WAYS
        for occurrence, words in ((FIRST, "初"), (REPEAT, "重"))
    ),
    ("补充材料", "", "CONTACT", ways(ALL_WAYS, CONTINUED)),
    ("来访人次", "", "PERSONS", ways(["VISIT"])),
    ("件数", "", "MATTER", None),
    ("受理转入", "", "TAKEN_IN", None),
    ("办结", "", "CLOSED", None),
)


def by_unit(context: Context) -> Table:
    """Units × ways × first or repeated; the last row is the place itself."""
    measures = sorted({column[2] for column in UNIT_COLUMNS} - {"TAKEN_IN"})
    below = context.of_parts([*measures, "TAKEN_IN"]) if context.parts else {}
    still_open = context.open_in_parts()
    rows = []
    for part in context.parts:
        cells = [context.of_part(part, below[part.code], measure, dims) for *_, measure, dims in UNIT_COLUMNS]
        rows.append(Row(part.name, [*cells, Cell(still_open[part.code])], below_county=part.is_below_county))
    own = [context.count(measure, dims) for *_, measure, dims in UNIT_COLUMNS]
    if context.parts:  # a matter passed within the area is nothing that came into it
        own[[column[2] for column in UNIT_COLUMNS].index("TAKEN_IN")] = Cell(None)
    total = [*own, Cell(context.open_here)]
    rows.append(
        Row(
            "合计" if context.parts else context.place.name,
            total,
            context.place.is_below_county,
            is_total=True,
        )
    )
    return Table(
        "各单位来信来访来电",
        f"{CONTACTS}来访计批次，人次按每批人数相加；件数{MATTERS}“受理转入”只在接收单位计。“未结”为期末在办件数。",
        "单位",
        [*(Head(title, group) for title, group, *_ in UNIT_COLUMNS), Head("未结")],
        rows,
        sums=[*_down(rows), *_across(rows, 0, range(1, 14))],
    )


def _down(rows: Sequence[Row]) -> list[tuple[At, list[At]]]:
    """The last row is the sum of the others, column by column."""
    last = len(rows) - 1
    if last < 1:
        return []
    columns = [
        n for n, cell in enumerate(rows[last].cells) if cell.look is Look.COUNT and cell.value is not None
    ]
    return [((last, column), [(n, column) for n in range(last)]) for column in columns]


def _across(rows: Sequence[Row], total: int, parts: range) -> list[tuple[At, list[At]]]:
    return [((n, total), [(n, part) for part in parts]) for n in range(len(rows))]


def categories(context: Context, *, deep: bool = True) -> Table:
    """件次 of each category with its share and 同比; sub-categories that occurred are listed under theirs."""
    told, ago = context.now.by("CATEGORY"), context.year_ago.by("CATEGORY")
    items = code_items(CodeSet.MATTER_CATEGORY)
    whole = sum(told.values())
    table = Table(
        "问题类别",
        f"{CONTACTS}每件次按主要类别计一次。",
        "类别",
        [Head("件次"), Head("占比"), Head("上年同期"), Head("同比")],
        [],
    )
    tops: list[At] = []
    for top in (item for item in items if not item.parent):
        below = [item for item in items if item.parent == top.code]
        codes = (top.code, *(item.code for item in below))
        here = len(table.rows)
        _category_row(context, table, top.name, codes, told, ago, whole)
        tops.append((here, 0))
        named = [item for item in below if told.get(item.code) or ago.get(item.code)] if deep else []
        for item in named:
            _category_row(context, table, item.name, (item.code,), told, ago, whole, indent=True)
        if named and not (told.get(top.code) or ago.get(top.code)):
            parts = range(here + 1, here + 1 + len(named))
            table.sums += [((here, column), [(n, column) for n in parts]) for column in (0, 2)]
    _category_row(context, table, "合计", None, told, ago, whole)
    table.rows[-1].is_total = True
    table.sums += [((len(table.rows) - 1, column), [(n, column) for n, _ in tops]) for column in (0, 2)]
    return table


def _category_row(
    context: Context,
    table: Table,
    name: str,
    codes: tuple[str, ...] | None,
    told: dict[str, int],
    ago: dict[str, int],
    whole: int,
    *,
    indent: bool = False,
) -> None:
    chosen = codes if codes is not None else (*{*told, *ago},)
    now, then = sum(told.get(code, 0) for code in chosen), sum(ago.get(code, 0) for code in chosen)
    cells = [
        context.count("CATEGORY", codes),
        Cell(share(now, whole), Look.RATE),
        Cell(then),
        Cell(change(now, then), Look.CHANGE),
    ]
    here = len(table.rows)
    table.rows.append(Row(name, cells, context.place.is_below_county, indent=indent))
    table.needs += [((here, 1), [(here, 0)]), ((here, 3), [(here, 0), (here, 2)])]


def lines(
    context: Context, title: str, rule: str, told: Sequence[tuple[str, str, tuple[str, ...] | None]]
) -> Table:
    """One figure a row, beside the period before and a year ago."""
    rows = [
        Row(name, context.compared(measure, dims), context.place.is_below_county)
        for name, measure, dims in told
    ]
    needs = [((n, place), [(n, 0), (n, then)]) for n in range(len(rows)) for place, then in ((2, 1), (4, 3))]
    return Table(title, rule, "项目", COMPARED, rows, needs=needs)


def results(context: Context) -> Table:
    table = lines(
        context,
        "办理结果",
        f"当场答复、调解、法律援助按办理记录的次数；代理按签订的委托书；转办、交办按发出的转交。办结{CLOSINGS}未结为期末在办件数。",
        (
            ("当场答复", "METHOD", (ON_SPOT,)),
            ("转办（转送、移送、转介）", "REFER", PASSED_ON),
            ("交办", "REFER", ASSIGNED),
            ("调解", "METHOD", (MEDIATE,)),
            ("代理", "STEP", SIGNED),
            ("法律援助", "METHOD", (LEGAL_AID,)),
            ("办结", "CLOSED", None),
            ("不予受理", "STEP", (Step.REFUSE.value,)),
            ("引导告知", "STEP", (Step.REDIRECT.value,)),
            ("并案", "STEP", (Step.MERGE.value,)),
            ("作废", "STEP", (Step.VOID.value,)),
        ),
    )
    table.rows.append(
        Row(
            "未结（期末）",
            [Cell(context.open_here), *(Cell(None) for _ in range(4))],
            context.place.is_below_county,
        )
    )
    return table


def special(context: Context) -> Table:
    return lines(
        context,
        "集体访、越级、重大",
        f"集体访为5人及以上的来访，批次、人次都计。重大为登记时标为重大紧急的件。{CONTACTS}",
        (
            ("集体访批次", "GROUP", None),
            ("集体访人次", "GROUP_PERSONS", None),
            ("越级上报", "SKIPPED", None),
            ("重大紧急（件）", "MAJOR", None),
            ("初次（件）", "OCCURRENCE", (FIRST,)),
        ),
    )


def volumes(context: Context) -> Table:
    return lines(
        context,
        "总量",
        f"件次{CONTACTS}件{MATTERS}",
        (
            ("件次", "CONTACT", None),
            ("其中初次", "CONTACT", ways(ALL_WAYS, FIRST)),
            ("其中重复", "CONTACT", ways(ALL_WAYS, REPEAT)),
            *((f"{name}（件次）", "CONTACT", ways([way])) for way, name in WAYS),
            ("人次", "PERSONS", None),
            ("件", "MATTER", None),
            ("办结", "CLOSED", None),
        ),
    )


def month_report(context: Context) -> Table:
    services = ((f"服务人次·{service.label}", "SERVICE", (service.value,)) for service in ServiceType)
    return lines(
        context,
        "维权站工作",
        f"接待{CONTACTS}服务人次按办理记录中填写的人次相加；信访代理按签订的委托书；其余按办理记录次数，以录入时间为准。化解为办结结果属解决、调解成功、答复、"
        "支持、救助到位、转办收到答复的。活动按登记的场次和录入时间。",
        (
            ("接待件次", "CONTACT", None),
            ("接待人次", "PERSONS", None),
            ("服务人次", "SERVICE", None),
            *services,
            ("走访排查发现（件次）", "CONTACT", ways(["FOUND"])),
            ("化解", "OUTCOME", SOLVED),
            ("调解", "METHOD", (MEDIATE,)),
            ("信访代理件次", "STEP", SIGNED),
            ("家庭暴力投诉件次", "DV_CONTACT", None),
            ("协助报警", "METHOD", (HandlingMethod.POLICE_REPORT.value,)),
            ("法律咨询", "METHOD", (HandlingMethod.LEGAL_ADVICE.value,)),
            ("心理疏导", "METHOD", (HandlingMethod.COUNSEL.value,)),
            ("家庭教育、婚姻家庭辅导次数", "METHOD", (HandlingMethod.FAMILY_GUIDE.value,)),
            ("回访", "FOLLOW_UP", None),
            ("活动场次", "ACTIVITY", None),
            *((f"活动·{form.label}", "ACTIVITY", (form.value,)) for form in ActivityForm),
            ("活动参与人次", "ACTIVITY_PEOPLE", None),
        ),
    )


def violence(context: Context) -> Table:
    return lines(
        context,
        "家庭暴力情况",
        "涉家暴：类别含家庭暴力，或已作危险评估（含记明未能评估的）；投诉按件次、录入时间。高危按件，首次评为高危时计。"
        "告诫书、保护令、庇护按建立监测的次数，强制报告按作出报告的次数，再发按登记的再次施暴、违反禁令次数。",
        (
            ("投诉件次", "DV_CONTACT", None),
            ("涉家暴（件）", "DV_MATTER", None),
            ("高危（件）", "HIGH", None),
            ("告诫书", "MONITOR", (MonitorKind.WARNING_LETTER.value,)),
            ("代为申请保护令", "MONITOR", (MonitorKind.ORDER_APPLICATION.value,)),
            ("其中已递交法院", "STEP", ("MO_FILE",)),
            ("保护令（法院核发）", "MONITOR", (MonitorKind.PROTECTION_ORDER.value,)),
            ("庇护次数", "MONITOR", (MonitorKind.SHELTER.value,)),
            ("强制报告", "STEP", ("MO_REPORT",)),
            ("再次施暴、违反禁令", "STEP", ("MO_BREACH",)),
            ("协助报警", "METHOD", (HandlingMethod.POLICE_REPORT.value,)),
        ),
    )


def police_results(context: Context) -> Table:
    """Source: 公通字〔2024〕34号 第21条."""
    return lines(
        context,
        "公安机关处理结果",
        "涉家暴的件，按公安机关反馈的结果和反馈时间；同一件同一类结果计一次，一件可有几类。追究刑事责任含刑事立案、拘留、移送审查起诉。",
        (
            ("批评教育", "DV_POLICE", ("CRITICIZED",)),
            ("告诫", "DV_POLICE", ("WARNED",)),
            ("治安处罚", "DV_POLICE", ("PUNISHED",)),
            ("追究刑事责任", "DV_POLICE", ("PROSECUTED",)),
        ),
    )


def spread(context: Context, title: str, rule: str, measure: str, labels: dict[str, str]) -> Table:
    """One measure by its groups, with shares; groups that nobody labelled are told as 未填."""
    told = context.now.by(measure)
    known = dict(labels)
    if others := tuple(dim for dim in told if dim not in known):
        known[" "] = "未填"
    whole = sum(told.values())
    rows: list[Row] = []
    needs: list[tuple[At, list[At]]] = []
    for dim, name in known.items():
        dims = others if dim == " " else (dim,)
        count = sum(told.get(one, 0) for one in dims)
        needs.append(((len(rows), 1), [(len(rows), 0)]))
        rows.append(
            Row(
                name,
                [context.count(measure, dims), Cell(share(count, whole), Look.RATE)],
                context.place.is_below_county,
            )
        )
    total = [context.count(measure), Cell(share(whole, whole), Look.RATE)]
    rows.append(Row("合计", total, context.place.is_below_county, is_total=True))
    last = len(rows) - 1
    return Table(
        title,
        rule,
        "分组",
        [Head("数"), Head("占比")],
        rows,
        sums=[((last, 0), [(n, 0) for n in range(last)])],
        needs=needs,
    )


def violence_spreads(context: Context) -> list[Table]:
    once = "按件，登记为涉家暴时计一次"
    return [
        spread(context, "受害人性别", f"{once}，以统计时的登记为准。", "DV_SEX", dict(Sex.choices)),
        spread(context, "受害人年龄段", f"{once}。", "DV_AGE", dict(AgeBand.choices)),
        spread(
            context,
            "受害人文化程度",
            f"{once}，以统计时的登记为准。",
            "DV_EDUCATION",
            code_names(CodeSet.EDUCATION),
        ),
        spread(context, "加害人是受害人的", f"{once}。", "DV_RELATION", dict(Relation.choices)),
        spread(
            context, "暴力形式", "按首次填写的评估，一件可有几种。", "VIOLENCE", dict(ViolenceType.choices)
        ),
        spread(context, "危险等级", "按件，首次评估的等级。", "DANGER", dict(DangerLevel.choices)),
        spread(context, "受害人需要", "按首个服务方案，一件可有几项。", "NEED", dict(VictimNeed.choices)),
        spread(context, "回访结果", "按回访次数，含全部回访。", "FOLLOW_UP", dict(VisitResult.choices)),
    ]


def settled_where(context: Context) -> Table:
    table = spread(
        context, "在哪一级化解", CLOSINGS, "CLOSED", {level.value: level.label for level in LEVELS}
    )
    table.chart = "share"
    return table


def outcomes(context: Context) -> Table:
    return spread(context, "办结结果", CLOSINGS, "OUTCOME", dict(Outcome.choices))


def indicators(context: Context) -> Table:
    """The names of the petition system (factsheet §5.2)."""
    within = [tuple(level.value for level in LEVELS[: n + 1]) for n in range(3)]
    closed = Sum("CLOSED")
    told = (
        ("及时受理率", Sum("DUE", NOTICE_CODES, "LATE"), Sum("DUE", NOTICE_CODES)),
        ("按期办结率", Sum("DUE", ANSWER_CODES, "LATE"), Sum("DUE", ANSWER_CODES)),
        ("一次性化解率", Sum("FIRST_ONCE"), Sum("FIRST_CLOSED")),
        ("重复信访率", Sum("CONTACT", ways(ALL_WAYS, REPEAT)), Sum("CONTACT")),
        ("群众参评率", Sum("RATED"), closed),
        ("满意率（站、妇联）", Sum("RATED", PLEASED), Sum("RATED")),
        ("满意率（责任单位）", Sum("RATED_DEPT", PLEASED), Sum("RATED_DEPT")),
        ("化解率", Sum("OUTCOME", SOLVED), closed),
        ("不出村率", Sum("CLOSED", within[0]), closed),
        ("不出乡率", Sum("CLOSED", within[1]), closed),
        ("不出县率", Sum("CLOSED", within[2]), closed),
        ("代理成功率", Sum("AGENCY_SUPPORTED"), Sum("AGENCY_ENDED")),
    )
    rows = [Row(name, context.rate(part, whole), context.place.is_below_county) for name, part, whole in told]
    needs: list[tuple[At, list[At]]] = [
        ((n, place), [(n, 0), (n, 1)]) for n in range(len(rows)) for place in (2, 3, 4)
    ]
    return Table(
        "主要指标",
        f"受理、办结{PERIODS}一次性化解：初次信访在首轮办结、结果属化解、办结前没有重复来访的，除以首轮办结的初次信访。代理成功：终结的代理中诉求得到支持的（部分支持不计，解除的不计入）。参评按每轮第一次评价。"
        "率的变化用百分点。",
        "指标",
        [Head("分子"), Head("分母"), Head("本期"), Head("比上期"), Head("比上年同期")],
        rows,
        needs=needs,
    )


def amounts(context: Context) -> Table:
    """What is no rate: how many, how long on average, how many late."""
    table = lines(
        context,
        "办结与逾期",
        f"{CLOSINGS}办结时长为自然日，从登记（重新办理的从重新办理）到办结。逾期{PERIODS}"
        "逾期时长为到期次日起的自然日，按本期逾期后办到的期限算；还没有办到的不算。",
        (("办结件次", "CLOSED", None), ("逾期件次", "LATE", None), ("初次（件）", "OCCURRENCE", (FIRST,))),
    )
    base = [(0, 0), (0, 1), (0, 3)]
    _add_days(context, table, "平均办结时长（日）", _average, base)
    _add_days(context, table, "最长办结时长（日）", lambda told: _longest(told, "CLOSED_IN"), base)
    here = len(table.rows)
    table.rows.append(Row("逾期后办到的期限", context.compared("DONE_LATE"), context.place.is_below_county))
    table.needs += [((here, 2), [(here, 0), (here, 1)]), ((here, 4), [(here, 0), (here, 3)])]
    base = [(here, 0), (here, 1), (here, 3)]
    _add_days(context, table, "平均逾期时长（日）", _average_late, base)
    _add_days(context, table, "最长逾期时长（日）", lambda told: _longest(told, "DONE_LATE"), base)
    return table


def _add_days(
    context: Context,
    table: Table,
    name: str,
    days: Callable[[Figures], float | None],
    reckoned_from: list[At],
) -> None:
    told = [days(figures) for figures in (context.now, context.before, context.year_ago)]
    cells = [Cell(value, Look.DAYS) for value in told]
    changes = [Cell(change(told[0] or 0, then or 0), Look.CHANGE) for then in told[1:]]
    here = len(table.rows)
    table.rows.append(
        Row(name, [cells[0], cells[1], changes[0], cells[2], changes[1]], context.place.is_below_county)
    )
    table.needs += [((here, place), reckoned_from) for place in range(5)]


def _average(figures: Figures) -> float | None:
    closed = figures.sum("CLOSED")
    return figures.sum("CLOSE_DAYS") / closed if closed > 0 else None


def _average_late(figures: Figures) -> float | None:
    told = figures.by("DONE_LATE")
    return share(sum(int(days) * count for days, count in told.items()), sum(told.values()))


def _longest(figures: Figures, measure: str) -> float | None:
    """Of a measure by days; a closing of a case voided later has gone again."""
    return max((int(days) for days, count in figures.by(measure).items() if count > 0), default=None)


def where_lost(context: Context, names: dict[str, str]) -> Table:
    """Periods of ours by how many ran out unmet, the most first."""
    due, late = context.now.by("DUE"), context.now.by("LATE")
    rows: list[Row] = []
    needs: list[tuple[At, list[At]]] = []
    for code in sorted(due, key=lambda code: (-late.get(code, 0), -due[code], code)):
        needs.append(((len(rows), 2), [(len(rows), 0), (len(rows), 1)]))
        cells = [
            context.count("DUE", (code,)),
            context.count("LATE", (code,)),
            Cell(share(late.get(code, 0), due[code]), Look.RATE),
        ]
        rows.append(Row(names.get(code, code), cells, context.place.is_below_county))
    total = [
        context.count("DUE"),
        context.count("LATE"),
        Cell(share(sum(late.values()), sum(due.values())), Look.RATE),
    ]
    rows.append(Row("合计", total, context.place.is_below_county, is_total=True))
    last = len(rows) - 1
    needs.append(((last, 2), [(last, 0), (last, 1)]))
    sums: list[tuple[At, list[At]]] = [
        ((last, column), [(n, column) for n in range(last)]) for column in (0, 1)
    ]
    return Table(
        "时限失守",
        PERIODS,
        "期限",
        [Head("到期"), Head("逾期"), Head("逾期率")],
        rows,
        sums=sums,
        needs=needs,
        chart="late",
    )
