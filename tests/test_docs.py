"""What the documents say is so: files, commands, roles, permissions, dates, words. No database."""

import csv
import re
import tomllib
from datetime import date, datetime
from pathlib import Path

import pytest
from django.core.management import get_commands

from cases.choices import ClockUnit
from cases.deadlines import CHINA, Period, china_date, compute_due, early_stages, last_day, late_stage
from stations.choices import OrgKind
from stations.roles import ADMIN_ROLES, GRANTS, HOMES, Permission, Role
from stations.seeds import ANNOUNCED_YEARS
from stations.workdays import Calendar
from tests.leaks.filling import sealed_fields, sealed_models
from tests.plans import shipped_plans

ROOT = Path(__file__).parent.parent
PLACES = ("*.md", "docs/*.md", "deploy/*.md", "stations/**/*.md", "static/**/*.md", "templates/**/*.md")
DOCUMENTS = sorted(path for place in PLACES for path in ROOT.glob(place))
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
FOLDERS = ("weiquan", "stations", "cases", "templates", "static", "tests", "deploy", "docs", "bench", ".ci")
IN_WORDS = {
    "village point": OrgKind.VILLAGE_POINT,
    "station": OrgKind.STATION,
    "federation": OrgKind.FEDERATION,
    "department": OrgKind.DEPARTMENT,
}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def code_of(text: str) -> list[str]:
    """Everything set as code: blocks, and words between backticks."""
    blocks = re.findall(r"^```.*?\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    return blocks + re.findall(r"`([^`]+)`", rest)


def table(text: str, *headings: str) -> list[list[str]]:
    """The rows of every table with these headings."""
    lines = text.splitlines()
    start = "| " + " | ".join(headings) + " |"
    rows: list[list[str]] = []
    for number, line in enumerate(lines):
        if line != start:
            continue
        for row in lines[number + 2 :]:
            if not row.startswith("|"):
                break
            rows.append([cell.strip() for cell in row.strip("|").split("|")])
    assert rows, f"no table {start}"
    return rows


def anchors(text: str) -> set[str]:
    """The addresses of the headings, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", read(name))
    broken = []
    for link in links:
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name
        if not target.exists() or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            broken.append(link)

    assert broken == []


@pytest.mark.parametrize("name", NAMES)
def test_files_named_exist(name: str) -> None:
    paths = re.compile(rf"(?<![\w/.])(?:{'|'.join(map(re.escape, FOLDERS))})/[\w./-]*")
    named = {path for code in code_of(read(name)) for path in paths.findall(code)}

    assert {path for path in named if not (ROOT / path).exists()} == set()


@pytest.mark.parametrize("name", NAMES)
def test_commands_named_exist(name: str) -> None:
    code = code_of(read(name))
    targets = set(re.search(r"^\.PHONY: (.+)$", read("Makefile"), re.MULTILINE)[1].split())  # type: ignore[index]
    made = {target for text in code for target in re.findall(r"\bmake ([a-z][a-z-]*)", text)}
    managed = {
        command
        for text in code
        for command in re.findall(r"(?:manage\.py|deploy/manage) ([a-z][a-z_]+)", text)
    }

    assert made - targets == set()
    assert managed - set(get_commands()) == set()


def test_changelog_begins_with_the_version() -> None:
    newest = re.search(r"^## (\S+)", read("CHANGELOG.md"), re.MULTILINE)

    assert newest is not None
    assert newest[1] == tomllib.loads(read("pyproject.toml"))["project"]["version"]


def test_readme_lists_every_role() -> None:
    rows = table(read("README.md"), "role", "中文", "sits in", "does")

    listed = [(code.strip("`"), label) for code, label, _, _ in rows]
    homes = {
        code.strip("`"): frozenset(IN_WORDS[word] for word in homes.split(", "))
        for code, _, homes, _ in rows
        if homes != "anywhere"
    }

    assert listed == [(role.value, role.label) for role in Role]
    assert homes == {role.value: HOMES[role] for role in Role if role not in ADMIN_ROLES}


def test_security_lists_every_permission_with_its_roles() -> None:
    rows = table(read("docs/security.md"), "permission", "allows", "roles")

    listed = {code.strip("`"): {role.strip("`") for role in roles.split()} for code, _, roles in rows}

    assert listed == {
        str(permission): {role.value for role in Role if permission in GRANTS[role]}
        for permission in Permission
    }


@pytest.fixture(scope="module")
def shipped() -> Calendar:
    """The calendar of a fresh installation."""
    days: dict[str, set[date]] = {"REST": set(), "WORK": set()}
    for name in ("holidays", "statutory_days"):
        for row in csv.DictReader(read(f"stations/data/{name}.csv").splitlines()):
            days[row["kind"]].add(date.fromisoformat(row["date"]))
    return Calendar(frozenset(days["REST"]), frozenset(days["WORK"]), frozenset(ANNOUNCED_YEARS))


EXAMPLES = table(read("docs/counting-time.md"), "start", "period", "counted", "ends", "why")


@pytest.mark.parametrize("row", EXAMPLES, ids=lambda row: f"{row[0]} {row[1]}")
def test_example_of_counting_is_right(row: list[str], shipped: Calendar) -> None:
    start, period, counted, ends, _ = row
    amount, unit, *extra = period.split()

    due = compute_due(
        datetime.fromisoformat(start).replace(tzinfo=CHINA),
        int(amount),
        ClockUnit(unit),
        shipped,
        int(extra[1]) if extra else 0,
    )

    assert counted == last_day(due.nominal).isoformat()
    assert ends == last_day(due.effective).isoformat() + (" provisional" if due.provisional else "")


def test_example_of_reminders_is_right(shipped: Calendar) -> None:
    rows = table(read("docs/counting-time.md"), "name", "day")
    start = datetime(2026, 11, 16, 9, tzinfo=CHINA)
    end = compute_due(start, 15, ClockUnit.DAY, shipped).effective

    period, plan = Period(start, end, ClockUnit.DAY), shipped_plans()["STANDARD"]
    stages = early_stages(period, plan, shipped)
    stages += [late_stage(period, count, plan, shipped) for count in range(5)]

    assert rows == [[stage.name, china_date(stage.at).isoformat()] for stage in stages]


def test_every_clock_rule_is_explained() -> None:
    text = read("docs/counting-time.md")
    shown = {
        code
        for cells in table(text, "clock", "starts", "ends with", "condition")
        for code in cells[0].split(", ")
    }

    rules = csv.DictReader(read("cases/data/clock_rules.csv").splitlines())
    by_itself = {row["code"] for row in rules if row["starts"] in ("SYSTEM", "SIGNED")}

    assert shown == by_itself - {"JC-SCREEN"}
    assert "`XF-EXTEND` has no clock of its own" in text


def test_glossary_names_what_the_code_calls_it() -> None:
    glossary, _, _ = read("docs/glossary.md").partition("## Not in this version")
    source = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("cases", "stations", "weiquan")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts
    )
    words = set(re.findall(r"\w+", source))
    rows = table(glossary, "中文", "identifier", "remark")

    named = {
        word
        for _, identifiers, _ in rows
        for word in re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", identifiers)))
    }

    assert named - words == set()


def test_privacy_names_every_sealed_field_once() -> None:
    rows = table(read("docs/privacy.md"), "group", "fields", "why", "ground", "who sees it", "how long")
    named = [
        f"{model}.{field}"
        for row in rows
        for model, fields in re.findall(r"`(\w+): ([\w ]+)`", row[1])
        for field in fields.split()
    ]

    stored = {f"{model.__name__}.{field}" for model in sealed_models() for field in sealed_fields(model)}

    assert sorted(named) == sorted(set(named))
    assert set(named) == stored
    assert all(cell for row in rows for cell in row)
