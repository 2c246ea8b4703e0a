"""Tables that go to other departments, and those told month by month."""

from datetime import date

from cases.choices import Adoption, PaperKind, ReferralKind
from cases.models import ClockRule, CodeSet, code_names
from cases.statistics.figures.cells import At, Cell, Head, Look, Row, Table, share
from cases.statistics.figures.context import Context
from cases.statistics.figures.tables import LEVELS, WAYS, lines
from stations.models import Organisation

SENT = "按发出转交的次数和时间；到期按到期日，签收、反馈到期时没有办到的为逾期；退回按同意退回的时间。"


def clock_names() -> dict[str, str]:
    """What periods are called, by code: the newest words for each."""
    rows = ClockRule.objects.order_by("code", "version").values_list("code", "name")
    return dict(rows)


def _departments(context: Context, *measures: str) -> dict[int, str]:
    """Every department something was counted for, the federations' order left to the alphabet of their codes."""
    found = {int(dim.split(":")[0]) for measure in measures for dim in context.now.by(measure)}
    rows = Organisation.objects.filter(pk__in=found).order_by("department__sort", "region_id", "pk")
    return dict(rows.values_list("pk", "name"))


def punctuality(context: Context) -> Table:
    """By department: what was sent, what was due and late, what came back."""
    below = context.place.is_below_county
    rows: list[Row] = []
    needs: list[tuple[At, list[At]]] = []
    departments = _departments(context, "DEPT_SENT", "DEPT_DUE", "DEPT_RETURNED", "DEPT_PRESSED")
    for pk, name in departments.items():
        rows.append(Row(name, _department_cells(context, [pk]), below))
    rows.append(Row("合计", _department_cells(context, list(departments)), below, is_total=True))
    last = len(rows) - 1
    sums = [((last, column), [(n, column) for n in range(last)]) for column in (0, 1, 2, 4, 5, 7, 8)]
    for n in range(len(rows)):
        needs += [((n, 3), [(n, 1), (n, 2)]), ((n, 6), [(n, 4), (n, 5)])]
    heads = [
        Head("转交"),
        *(Head(words, "签收") for words in ("到期", "逾期", "及时率")),
        *(Head(words, "反馈") for words in ("到期", "逾期", "及时率")),
        Head("退回"),
        Head("督办"),
    ]
    return Table("各部门签收、反馈", SENT, "部门", heads, rows, sums=sums, needs=needs, chart="punctual")


def _department_cells(context: Context, pks: list[int]) -> list[Cell]:
    names = tuple(str(pk) for pk in pks)

    def told(measure: str, kind: str = "") -> Cell:
        dims = tuple(f"{name}:{kind}" if kind else name for name in names)
        cell = context.count(measure, dims)
        return cell if dims else Cell(0)

    cells = [told("DEPT_SENT")]
    for kind in ("SIGN", "ANSWER"):
        due, late = told("DEPT_DUE", kind), told("DEPT_LATE", kind)
        in_time = share(int(due.value or 0) - int(late.value or 0), int(due.value or 0))
        cells += [due, late, Cell(in_time, Look.RATE)]
    return [*cells, told("DEPT_RETURNED"), told("DEPT_PRESSED")]


def answers(context: Context) -> Table:
    """What the departments answered, by the result they named."""
    names = code_names(CodeSet.REFERRAL_RESULT)
    below = context.place.is_below_county
    departments = _departments(context, "DEPT_RESULT")
    told = context.now.by("DEPT_RESULT")
    rows = []
    for dim, _ in sorted(
        told.items(), key=lambda one: (list(departments).index(int(one[0].split(":")[0])), -one[1])
    ):
        pk, result = dim.split(":", 1)
        words = f"{departments[int(pk)]}：{names.get(result, result)}"
        rows.append(Row(words, [context.count("DEPT_RESULT", (dim,))], below))
    rows.append(Row("合计", [context.count("DEPT_RESULT")], below, is_total=True))
    last = len(rows) - 1
    return Table(
        "反馈的办理结果",
        "按结果反馈的次数和时间；退回重办后再次反馈的另计。",
        "部门和结果",
        [Head("次数")],
        rows,
        sums=[((last, 0), [(n, 0) for n in range(last)])],
    )


def complained(context: Context) -> Table:
    """The bodies complained of most often. Source: 信访工作条例 (2022) 第41条."""
    told = context.now.by("COMPLAINED")
    names = dict(Organisation.objects.filter(pk__in=told).values_list("pk", "name"))
    below = context.place.is_below_county
    rows = [
        Row(names.get(int(pk), pk), [context.count("COMPLAINED", (pk,))], below)
        for pk, _ in sorted(told.items(), key=lambda one: (-one[1], one[0]))
    ]
    rows.append(Row("合计", [context.count("COMPLAINED")], below, is_total=True))
    last = len(rows) - 1
    return Table(
        "被投诉较多的单位",
        "按登记时写明的被投诉单位（系统内的单位），一件一个单位计一次，按登记时间。",
        "单位",
        [Head("件")],
        rows,
        sums=[((last, 0), [(n, 0) for n in range(last)])],
    )


def passed_on(context: Context) -> Table:
    """Referrals, supervision, and what was taken up of it. Source: 信访工作条例 (2022) 第41条."""
    return lines(
        context,
        "转送、交办、督办和采纳",
        "转送、交办按发出的转交；督办按签发的文书；采纳按收到的回复。",
        (
            *((kind.label, "REFER", (kind.value,)) for kind in ReferralKind),
            *((kind.label, "PAPER", (kind.value,)) for kind in PaperKind),
            *((f"回复：{one.label}", "ADOPTION", (one.value,)) for one in Adoption),
        ),
    )


def months(context: Context) -> Table:
    """件次 month by month and by way."""
    told: dict[tuple[date, str], int] = {}
    for row in context.months(["CONTACT"]):
        key = (row.start, row.dim.split(":")[0])
        told[key] = told.get(key, 0) + row.value
    rows = []
    for month in context.period.months():
        counts = [told.get((month, way), 0) for way, _ in WAYS]
        rows.append(
            Row(
                _month(month),
                [Cell(count) for count in (*counts, sum(counts))],
                context.place.is_below_county,
            )
        )
    width = len(WAYS)
    return Table(
        "各月来信来访来电",
        "按件次、录入时间，按整月。",
        "月份",
        [*(Head(name) for _, name in WAYS), Head("合计")],
        rows,
        sums=[((n, width), [(n, column) for column in range(width)]) for n in range(len(rows))],
        chart="months",
    )


def settled_months(context: Context) -> Table:
    """Where matters were settled, month by month."""
    told = {(row.start, row.dim): row.value for row in context.months(["CLOSED"])}
    rows = []
    for month in context.period.months():
        counts = [told.get((month, level.value), 0) for level in LEVELS]
        rows.append(
            Row(
                _month(month),
                [Cell(count) for count in (*counts, sum(counts))],
                context.place.is_below_county,
            )
        )
    width = len(LEVELS)
    return Table(
        "各月在哪一级化解",
        "按办结时间，按整月；重新办理后再次办结的另计。",
        "月份",
        [*(Head(level.label) for level in LEVELS), Head("合计")],
        rows,
        sums=[((n, width), [(n, column) for column in range(width)]) for n in range(len(rows))],
        chart="levels",
    )


def _month(month: date) -> str:
    return f"{month.year}年{month.month}月"
