"""Load or renew the regions: `manage.py import_regions [file] [--villages 4104] [--as-of 2026-10-31]`."""

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from stations.regions import (
    DEFAULT_LIST,
    DEFAULT_VILLAGES,
    RegionListError,
    import_list,
    read_list,
    villages_file,
)


class Command(BaseCommand):
    help = "导入行政区划。不给文件时导入随附的全国四级区划和平顶山（4104）的村（社区）。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="CSV 或 CSV.gz，列：code,name[,replaces]")
        parser.add_argument(
            "--villages", metavar="PREFIX", help="只取此代码开头的行，如 4104；不给文件时取随附的村（社区）"
        )
        parser.add_argument(
            "--as-of",
            type=date.fromisoformat,
            metavar="YYYY-MM-DD",
            help="清单的生效日期：清单里没有的旧代码到前一日为止，并指明由谁接替",
        )
        parser.add_argument("--force", action="store_true", help="停用数量过多时仍然导入")

    def handle(self, *args: Any, **options: Any) -> None:
        for path, prefix in self._lists(options["file"], options["villages"]):
            try:
                done = import_list(
                    read_list(path, prefix=prefix), as_of=options["as_of"], force=options["force"]
                )
            except (RegionListError, OSError) as error:
                raise CommandError(f"{path.name}：{error}") from error
            self.stdout.write(
                f"{path.name}：新增 {done.added}，更新 {done.renamed}，停用 {done.ended}，"
                f"其中 {done.followed} 个有接替"
            )

    def _lists(self, file: Path | None, prefix: str | None) -> list[tuple[Path, str]]:
        if file:
            return [(file, prefix or "")]
        villages = villages_file(prefix or DEFAULT_VILLAGES)
        if not villages.exists():
            raise CommandError(f"没有随附 {prefix} 的村（社区）。请在 --villages 前给出含有它们的文件。")
        return [(DEFAULT_LIST, ""), (villages, "")]
