"""PDF by typst: a template of ours, and data that is shown but never run."""

import json
import re
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import typst
from django.core.serializers.json import DjangoJSONEncoder

TEMPLATES = Path(__file__).parent / "typst"
FONTS = Path(pylopdf_fonts_zh_cn.__file__).parent
# Control characters as JSON writes them, but for the line break and the tab.
_CONTROL = re.compile(r"(?<!\\)((?:\\\\)*)\\(?:u00[01][0-9a-f]|u007f|[bfr])")


def compile_pdf(template: str, data: dict[str, Any], *, at: datetime) -> bytes:
    """The PDF/A of `typst/<template>.typ` filled with data. The same data at the same moment gives the same bytes,
    on a machine with the same fonts. A character no font has is left blank; the file is then a plain PDF, because
    PDF/A may hold none.

    Raises: typst.TypstError when the template is wrong; it never depends on what a person typed.
    """
    told = json.dumps(data, ensure_ascii=False, cls=DjangoJSONEncoder).replace("\x7f", "")
    options: dict[str, Any] = {
        "root": TEMPLATES,
        "font_paths": _fonts(),
        "sys_inputs": {"data": _CONTROL.sub(r"\1", told)},
        "timestamp": at.astimezone(UTC).replace(microsecond=0),
    }
    source = TEMPLATES / f"{template}.typ"
    try:
        made: bytes = typst.compile(source, pdf_standards="a-2b", **options)
    except typst.TypstError as broken:
        if "could not be displayed" not in str(broken):
            raise
        made = typst.compile(source, **options)
    return made


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Looked for once a process: the search takes longer than a page."""
    return typst.Fonts(font_paths=[FONTS])
