"""情况分析: the basic figures of a place and period, and the sentences written from them.

Sentences are written from the cells as they are shown, so what is hidden in a table is hidden in the text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cases.statistics.figures import tables
from cases.statistics.figures.cells import GUARD, At, Cell, Head, Look, Row, Table, points, share
from cases.statistics.figures.context import Context, Sum
from cases.statistics.figures.tables import (
    ALL_WAYS,
    ANSWER_CODES,
    COMPARED,
    CONTACTS,
    CONTINUED,
    FIRST,
    MATTERS,
    NOTICE_CODES,
    PERIODS,
    PLEASED,
    REPEAT,
    WAYS,
    ways,
)

# Rows of the first table, in order; what is written after them begins with the ways.
TOTAL, FIRSTS, REPEATS, FURTHER, WAYS_FROM = 0, 1, 2, 3, 4
PERSONS = WAYS_FROM + len(WAYS)
MATTER, REPEAT_RATE = PERSONS + 1, PERSONS + 2
# Each rate of the other table stands after what was due, what was done of it, and the rest.
TRIPLES = (
    (
        "到期的受理告知",
        "按期告知",
        "逾期告知",
        "及时受理率",
        Sum("DUE", NOTICE_CODES),
        Sum("LATE", NOTICE_CODES),
    ),
    (
        "到期的办结答复",
        "按期答复",
        "逾期答复",
        "按期办结率",
        Sum("DUE", ANSWER_CODES),
        Sum("LATE", ANSWER_CODES),
    ),
    ("参加评价", "满意、基本满意", "其他评价", "满意率", Sum("RATED"), Sum("RATED", PLEASED)),
)
NOW, BEFORE, AGO = 0, 1, 3  # columns that hold figures, beside the changes 2 and 4
MOST = 3


@dataclass(frozen=True)
class Section:
    """`name` is set where the paragraphs are left to whoever signs the report."""

    title: str
    paragraphs: list[str]
    name: str = ""


# What no figure says. (name, heading)
OWN = (("causes", "三、原因分析"), ("problems", "四、存在问题"), ("advice", "五、工作建议"))


def figures(context: Context) -> list[Table]:
    return [
        _basics(context),
        tables.categories(context),
        tables.results(context),
        tables.outcomes(context),
        tables.settled_where(context),
        _kept(context),
        tables.special(context),
        *([_units(context)] if context.parts else []),
    ]


def _basics(context: Context) -> Table:
    table = tables.lines(
        context,
        "基本数",
        f"件次{CONTACTS}件{MATTERS}重复信访率为重复件次除以全部件次，变化用百分点。",
        (
            ("件次", "CONTACT", None),
            ("其中初次", "CONTACT", ways(ALL_WAYS, FIRST)),
            ("其中重复", "CONTACT", ways(ALL_WAYS, REPEAT)),
            ("其中补充材料", "CONTACT", ways(ALL_WAYS, CONTINUED)),
            *((f"{name}（件次）", "CONTACT", ways([way])) for way, name in WAYS),
            ("人次", "PERSONS", None),
            ("件", "MATTER", None),
        ),
    )
    for column in (NOW, BEFORE, AGO):
        table.sums += [
            ((TOTAL, column), [(row, column) for row in (FIRSTS, REPEATS, FURTHER)]),
            ((TOTAL, column), [(row, column) for row in range(WAYS_FROM, PERSONS)]),
        ]
    _add_rate(context, table, "重复信访率", REPEATS, TOTAL)
    return table


def _kept(context: Context) -> Table:
    """Terms and what people thought, each whole split in two so that neither half can be worked out."""
    table = Table("时限和评价", f"{PERIODS}评价按每轮第一次。变化用百分点。", "项目", COMPARED, [])
    spans = (context.now, context.before, context.year_ago)
    for whole_name, good_name, other_name, rate, whole, part in TRIPLES:
        here = len(table.rows)
        wholes = [whole.of(told) for told in spans]
        parts = [part.of(told) for told in spans]
        others = [all_ - some for all_, some in zip(wholes, parts, strict=True)]
        good, other = (others, parts) if part.measure == "LATE" else (parts, others)
        for name, told in ((whole_name, wholes), (good_name, good), (other_name, other)):
            cells = [Cell(told[0]), Cell(told[1]), Cell(None), Cell(told[2]), Cell(None)]
            table.rows.append(Row(name, cells, context.place.is_below_county))
        table.sums += [((here, n), [(here + 1, n), (here + 2, n)]) for n in (NOW, BEFORE, AGO)]
        _add_rate(context, table, rate, here + 1, here)
    return table


def _add_rate(context: Context, table: Table, name: str, part: int, whole: int) -> None:
    """A row with the rate of two rows; its changes are told in hundredths."""
    here = len(table.rows)
    rates = {
        n: share(_number(table.at((part, n))), _number(table.at((whole, n)))) for n in (NOW, BEFORE, AGO)
    }
    cells = [
        Cell(rates[NOW], Look.RATE),
        Cell(rates[BEFORE], Look.RATE),
        Cell(points(rates[NOW], rates[BEFORE]), Look.POINTS),
        Cell(rates[AGO], Look.RATE),
        Cell(points(rates[NOW], rates[AGO]), Look.POINTS),
    ]
    table.rows.append(Row(name, cells, context.place.is_below_county))
    made_of: dict[int, list[At]] = {n: [(part, n), (whole, n)] for n in (NOW, BEFORE, AGO)}
    table.needs += [((here, n), from_) for n, from_ in made_of.items()]
    table.needs += [((here, 2), made_of[NOW] + made_of[BEFORE]), ((here, 4), made_of[NOW] + made_of[AGO])]


def _units(context: Context) -> Table:
    told = context.of_parts(["CONTACT"])
    whole = context.now.sum("CONTACT")
    rows = [
        Row(
            part.name,
            [
                context.of_part(part, told[part.code], "CONTACT"),
                Cell(share(told[part.code].sum("CONTACT"), whole), Look.RATE),
            ],
            part.is_below_county,
        )
        for part in context.parts
    ]
    total = [context.count("CONTACT"), Cell(share(whole, whole), Look.RATE)]
    rows.append(Row("合计", total, context.place.is_below_county, is_total=True))
    last = len(rows) - 1
    return Table(
        "各单位件次",
        CONTACTS,
        "单位",
        [Head("件次"), Head("占比")],
        rows,
        sums=[((last, 0), [(n, 0) for n in range(last)])],
        needs=[((n, 1), [(n, 0)]) for n in range(last)],
    )


# -- in words


def sections(told: Sequence[Table]) -> list[Section]:
    """The report in the order federations write it; causes, problems and advice are nobody's but the writer's."""
    named = {table.title: table for table in told}
    basics = named["基本数"]
    if _number(basics.at((TOTAL, NOW))) <= 0:
        facts = ["本期没有新增来信来访来电。", *_handled(named)]
        return [Section("一、基本情况", facts), *_own()]
    facts = [
        _received(basics),
        _by_way(basics),
        _by_category(named["问题类别"]),
        *_handled(named),
    ]
    return [
        Section("一、基本情况", facts),
        Section("二、主要特点", list(_features(named))),
        *_own(),
    ]


def _own() -> list[Section]:
    return [Section(title, [], name) for name, title in OWN]


def _received(basics: Table) -> str:
    total, matter = basics.rows[TOTAL].cells, basics.rows[MATTER].cells
    parts = "，".join(
        f"{name}{_of(basics.at((row, NOW)), total[NOW], '件次')}"
        for name, row in (("初次", FIRSTS), ("重复", REPEATS), ("补充材料", FURTHER))
    )
    return (
        f"本期收到来信来访来电等{total[NOW].text}件次、{basics.at((PERSONS, NOW)).text}人次，{_moved(total)}；"
        f"登记{matter[NOW].text}件，{_moved(matter)}。其中{parts}。"
    )


def _by_way(basics: Table) -> str:
    total = basics.at((TOTAL, NOW))
    said = [
        f"{name}{_of(basics.at((row, NOW)), total, '件次')}，{_moved(basics.rows[row].cells)}"
        for row, (_, name) in enumerate(WAYS, WAYS_FROM)
        if basics.at((row, NOW)).value
    ]
    return f"按来源分：{'；'.join(said)}。"


def _by_category(table: Table) -> str:
    said = [
        f"{row.name}类{row.cells[0].text}件次，占{row.cells[1].text}，{_said('同比', row.cells[3])}"
        for row in _tops(table)
        if row.cells[0].value
    ]
    return f"按问题类别分：{'；'.join(said)}。"


def _handled(named: dict[str, Table]) -> list[str]:
    rows = {row.name: row.cells for row in named["办理结果"].rows}
    closed = rows["办结"]
    said = "，".join(
        f"{name}{cells[NOW].text}{'件' if name in ('并案', '作废') else '次'}"
        for name, cells in rows.items()
        if cells[NOW].value and not name.startswith(("办结", "未结"))
    )
    first = f"办结{closed[NOW].text}件次，{_moved(closed)}；期末未结{rows['未结（期末）'][NOW].text}件。"
    told = [first + (f"办理中{said}。" if said else "")]
    for title, begin in (("办结结果", "办结结果："), ("在哪一级化解", "化解层级：")):
        if words := _spread(named[title]):
            told.append(f"{begin}{words}。")
    if rates := _rates(named["时限和评价"]):
        told.append(f"{rates}。")
    return told


def _spread(table: Table) -> str:
    return "，".join(
        f"{row.name}{row.cells[0].text}件次，占{row.cells[1].text}"
        for row in table.rows
        if row.cells[0].value and not row.is_total
    )


def _rates(table: Table) -> str:
    return "；".join(
        f"{row.name}{row.cells[NOW].text}，{_moved(row.cells)}"
        for row in table.rows
        if row.cells[NOW].look is Look.RATE and row.cells[NOW].value is not None
    )


def _features(named: dict[str, Table]) -> Iterable[str]:
    """What stands out, named only where every figure it rests on is shown."""
    basics, fields = named["基本数"], _tops(named["问题类别"])
    if names := _largest((row.name, row.cells) for row in fields):
        yield f"反映较多的是{names}。"
    kinds = [row for row in named["问题类别"].rows if row.indent]
    if names := _largest((row.name, row.cells) for row in kinds):
        yield f"具体问题中较多的是{names}。"
    if names := _risen(fields):
        yield f"同比增加较多的是{names}。"
    repeated = basics.rows[REPEAT_RATE].cells
    yield f"重复信访率{repeated[NOW].text}，{_moved(repeated)}。"
    special = [
        row for row in named["集体访、越级、重大"].rows if row.cells[NOW].value and row.name != "初次（件）"
    ]
    if special:
        said = "，".join(f"{row.name}{row.cells[NOW].text}（{_moved(row.cells)}）" for row in special)
        yield f"{said}。"
    if "各单位件次" in named and (
        names := _largest((row.name, row.cells) for row in named["各单位件次"].rows if not row.is_total)
    ):
        yield f"件次较多的单位是{names}。"


def _largest(rows: Iterable[tuple[str, list[Cell]]]) -> str:
    shown = [(name, cells) for name, cells in rows if not cells[0].hidden and _number(cells[0]) > 0]
    shown.sort(key=lambda one: -_number(one[1][0]))
    return "、".join(f"{name}（{cells[0].text}件次，占{cells[1].text}）" for name, cells in shown[:MOST])


def _risen(rows: Iterable[Row]) -> str:
    risen = [
        (_number(row.cells[0]) - _number(row.cells[2]), row)
        for row in rows
        if not any(cell.hidden for cell in row.cells) and _number(row.cells[0]) > _number(row.cells[2])
    ]
    risen.sort(key=lambda one: -one[0])
    return "、".join(
        f"{row.name}（{row.cells[2].text}件次增至{row.cells[0].text}件次）" for _, row in risen[:MOST]
    )


def _tops(table: Table) -> list[Row]:
    return [row for row in table.rows if not row.indent and not row.is_total]


def _of(part: Cell, whole: Cell, unit: str) -> str:
    """A figure with its share, unless that would tell a hidden one."""
    known = not part.hidden and not whole.hidden
    rate = Cell(share(_number(part), _number(whole)), Look.RATE).text if known else GUARD
    return f"{part.text}{unit}，占{rate}"


def _moved(cells: Sequence[Cell]) -> str:
    return f"{_said('环比', cells[2])}，{_said('同比', cells[4])}"


def _said(name: str, cell: Cell) -> str:
    """上升, 下降 or 持平; a base of nothing says nothing."""
    words = cell.text
    if cell.hidden or cell.value is None:
        return f"{name}{words}"
    if words[0] in "+-":
        return f"{name}{'上升' if words[0] == '+' else '下降'}{words[1:]}"
    return f"{name}持平"


def _number(cell: Cell) -> float:
    return float(cell.value) if isinstance(cell.value, int | float) else 0.0
