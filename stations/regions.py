"""Bring a list of regions into the table. Codes are never deleted: those no longer listed end on a date."""

import csv
import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from stations.choices import level_of
from stations.seeds import DATA

DEFAULT_LIST = DATA / "regions.csv.gz"
DEFAULT_VILLAGES = "4104"
# More than this share ended at once is a truncated list rather than a reform.
LARGEST_SHARE_ENDED = 0.1


class RegionListError(Exception):
    """The list cannot be right; the message says why, for the person who runs the import."""


@dataclass(frozen=True)
class RegionRow:
    """One line: a full code, a name, and the full codes it replaces, separated by spaces."""

    code: str
    name: str
    replaces: str = ""


@dataclass(frozen=True)
class Imported:
    """How many regions came in, changed, and ended."""

    added: int
    renamed: int
    ended: int
    followed: int


def villages_file(prefix: str) -> Path:
    """Where the shipped villages of a region would be."""
    return DATA / f"villages_{prefix}.csv.gz"


def read_list(path: Path, *, prefix: str = "") -> Iterator[RegionRow]:
    """Lines of a CSV (also gzipped) with columns code, name and, if wanted, replaces (codes it took over).

    Codes may be cut to their level: 410423 for a county.

    Raises: RegionListError when a line is not a region.
    """
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig") as lines:
        reader = csv.DictReader(lines)
        if not {"code", "name"} <= set(reader.fieldnames or []):
            raise RegionListError("文件第一行须有 code 和 name 两列。")
        for number, line in enumerate(reader, start=2):
            if line["code"].startswith(prefix):
                yield _row(line, number)


def _row(line: dict[str, str], number: int) -> RegionRow:
    code, name = line["code"].strip(), (line["name"] or "").strip()
    if not code.isascii() or not code.isdigit() or len(code) not in {2, 4, 6, 9, 12}:
        raise RegionListError(f"第 {number} 行：区划代码“{code}”不是 2、4、6、9 或 12 位数字。")
    if not name or len(name) > 60:
        raise RegionListError(f"第 {number} 行：名称为空或超过 60 个字。")
    replaced = (line.get("replaces") or "").split()
    return RegionRow(code.ljust(12, "0"), name, " ".join(old.ljust(12, "0") for old in replaced))


@transaction.atomic
def import_list(rows: Iterable[RegionRow], *, as_of: date | None = None, force: bool = False) -> Imported:
    """Add and rename; with `as_of`, also end what this newer list leaves out and name the successors.

    What a list is silent about stays: a list of one province ends nothing elsewhere, villages are compared
    county by county. Running it twice changes nothing the second time.

    Raises: RegionListError for a code without its parent, or when too much would end at once.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CREATE)
        with cursor.copy("COPY region_list (code, name, level, parent_id, replaces) FROM STDIN") as copy:
            for row in {row.code: row for row in rows}.values():
                copy.write_row(
                    (row.code, row.name, level_of(row.code).value, _parent(row.code), row.replaces)
                )
        cursor.execute("ANALYZE region_list")
        _check_parents(cursor)
        cursor.execute(_RENAME)
        renamed = cursor.rowcount
        cursor.execute(_ADD, [as_of])
        added = cursor.rowcount
        ended = followed = 0
        if as_of:
            ended, followed = _end(cursor, as_of, force=force)
        cursor.execute("DROP TABLE IF EXISTS region_list, region_compared")
    return Imported(added, renamed, ended, followed)


def _parent(code: str) -> str | None:
    above = level_of(code).above
    return code[: above.digits].ljust(12, "0") if above else None


def _end(cursor: CursorWrapper, as_of: date, *, force: bool) -> tuple[int, int]:
    cursor.execute(_COMPARE)
    if not force:
        _check_share(cursor)
    ended_on = as_of - timedelta(days=1)
    cursor.execute(_END, [ended_on])
    ended = cursor.rowcount
    cursor.execute(_FOLLOW_LISTED, [ended_on])
    followed = cursor.rowcount
    cursor.execute(_FOLLOW_NAMED, [as_of, ended_on])
    return ended, followed + cursor.rowcount


def _check_parents(cursor: CursorWrapper) -> None:
    cursor.execute(_ORPHANS)
    orphans = [code for (code,) in cursor.fetchall()]
    if orphans:
        raise RegionListError(f"这些区划的上级不在表中，也不在文件中：{'、'.join(orphans)}。请先导入上级。")


def _check_share(cursor: CursorWrapper) -> None:
    cursor.execute(_SHARE)
    ending, compared = cursor.fetchone()
    if compared and ending / compared > LARGEST_SHARE_ENDED:
        raise RegionListError(
            f"这份清单会停用 {ending} 个区划（比对范围内共 {compared} 个），多半是文件不完整。"
            "确认无误后加 --force 再导入。"
        )


_CREATE = """
    CREATE TEMPORARY TABLE region_list (
        code varchar(12) PRIMARY KEY, name varchar(60), level varchar(8), parent_id varchar(12), replaces text
    ) ON COMMIT DROP
"""
_ORPHANS = """
    SELECT code FROM region_list AS l
    WHERE parent_id IS NOT NULL
      AND NOT EXISTS (SELECT FROM region_list AS p WHERE p.code = l.parent_id)
      AND NOT EXISTS (SELECT FROM stations_region AS p WHERE p.code = l.parent_id)
    ORDER BY code LIMIT 5
"""
# A listed code that had ended is in force again.
_RENAME = """
    UPDATE stations_region AS r SET name = l.name, valid_to = NULL, successor_id = NULL
    FROM region_list AS l
    WHERE r.code = l.code AND (r.name <> l.name OR r.valid_to IS NOT NULL)
"""
_ADD = """
    INSERT INTO stations_region (code, name, level, parent_id, valid_from)
    SELECT code, name, level, parent_id, %s FROM region_list
    ON CONFLICT (code) DO NOTHING
"""
# In force, of a level and a province (villages: a county) the list covers; provinces never end here.
_COMPARE = """
    CREATE TEMPORARY TABLE region_compared ON COMMIT DROP AS
    WITH scope AS (
        SELECT DISTINCT level, left(code, CASE level WHEN 'VILLAGE' THEN 6 ELSE 2 END) AS prefix
        FROM region_list
    )
    SELECT r.code, EXISTS (SELECT FROM region_list AS l WHERE l.code = r.code) AS listed
    FROM stations_region AS r
    JOIN scope ON scope.level = r.level AND r.code LIKE scope.prefix || '%'
    WHERE r.valid_to IS NULL AND r.level <> 'PROVINCE'
"""
_SHARE = "SELECT count(*) FILTER (WHERE NOT listed), count(*) FROM region_compared"
_END = """
    UPDATE stations_region AS r SET valid_to = greatest(%s, r.valid_from)
    FROM region_compared AS c WHERE c.code = r.code AND NOT c.listed
"""
# The list may say which codes a new one replaces; else the only new one of that name, level and city does.
_FOLLOW_LISTED = """
    UPDATE stations_region AS old SET successor_id = l.code
    FROM region_list AS l
    WHERE l.replaces LIKE '%%' || old.code || '%%' AND old.valid_to = %s AND old.successor_id IS NULL
"""
_FOLLOW_NAMED = """
    UPDATE stations_region AS old SET successor_id = found.code
    FROM (
        SELECT gone.code AS gone_code, min(new.code) AS code
        FROM stations_region AS gone
        JOIN stations_region AS new
          ON new.level = gone.level AND new.name = gone.name AND left(new.code, 4) = left(gone.code, 4)
         AND new.valid_to IS NULL AND new.valid_from = %s
        WHERE gone.valid_to = %s AND gone.successor_id IS NULL
        GROUP BY gone.code HAVING count(*) = 1
    ) AS found
    WHERE old.code = found.gone_code
"""
