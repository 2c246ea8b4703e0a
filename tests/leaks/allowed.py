"""The table of what may be seen where by whom, read from allowed.csv and held against what was seen."""

import csv
from collections import defaultdict
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from tests.leaks.visitor import Seen

TABLE = Path(__file__).parent / "allowed.csv"
READERS = Path(__file__).parent / "readers.csv"


@dataclass
class Rule:
    """One line: these fields, of these cases, on these surfaces, to these readers, and why."""

    line: int
    fields: list[str]
    cases: list[str]
    surfaces: list[str]
    readers: list[str]
    used: set[str] = field(default_factory=set)

    def allows(self, seen: tuple[str, str, str, str], groups: "Groups") -> bool:
        label, case, surface, role = seen
        fields = [name for name in self.fields if fnmatchcase(label, name)]
        surfaces = [name for name in self.surfaces if fnmatchcase(surface, name)]
        readers = [name for name in self.readers if name == "*" or role in groups.of(name, case)]
        if not (fields and surfaces and readers and (case in self.cases or self.cases == ["*"])):
            return False
        self.used |= {*fields, *surfaces, *readers, *(name for name in self.cases if name in (case, "*"))}
        return True

    @property
    def idle(self) -> list[str]:
        """Words of this line that allowed nothing anybody saw."""
        return [
            name
            for names in (self.fields, self.surfaces, self.readers, self.cases)
            for name in names
            if name not in self.used
        ]


class Groups:
    """Who belongs to a group of readers, case by case: readers.csv. A role is a group of its own."""

    def __init__(self) -> None:
        self._of: dict[tuple[str, str], set[str]] = defaultdict(set)
        with READERS.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                self._of[row["group"], row["case"]] |= set(row["roles"].split())

    def of(self, name: str, case: str) -> set[str]:
        return (
            self._of.get((name, case))
            or self._of.get((name, "*"))
            or ({name} if not self._is_group(name) else set())
        )

    def _is_group(self, name: str) -> bool:
        return any(group == name for group, _ in self._of)


def read_rules() -> list[Rule]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["why"] for row in rows), "every line of allowed.csv says why"
    return [
        Rule(
            number,
            row["fields"].split(),
            row["cases"].split(),
            row["surfaces"].split(),
            row["readers"].split(),
        )
        for number, row in enumerate(rows, start=2)
    ]


def judge(seen: Seen) -> tuple[list[str], list[str]]:
    """What was seen and is not allowed, one line a surface and field; and what is allowed but was never seen."""
    rules, groups = read_rules(), Groups()
    outside: dict[tuple[str, str], set[tuple[str, str, str]]] = defaultdict(set)
    for found, where in seen.rows.items():
        if not [rule for rule in rules if rule.allows(found, groups)]:
            outside[found[2], found[0]].add((found[1], found[3], where))
    idle = [f"allowed.csv line {rule.line}: never seen: {' '.join(rule.idle)}" for rule in rules if rule.idle]
    return [_told(key, sorted(rows)) for key, rows in sorted(outside.items())], idle


def _told(key: tuple[str, str], rows: list[tuple[str, str, str]]) -> str:
    surface, label = key
    by_case: dict[str, list[str]] = defaultdict(list)
    for case, role, _ in rows:
        by_case[case].append(role)
    whom = "; ".join(f"{case}: {' '.join(roles)}" for case, roles in by_case.items())
    return f"{label} on {surface} — {whom} (first at {rows[0][2]})"
