"""PDF by typst: a template of ours, and data that is shown but never run."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import typst
from django.core.serializers.json import DjangoJSONEncoder

TEMPLATES = Path(__file__).parent / "typst"
FONTS = Path(pylopdf_fonts_zh_cn.__file__).parent


def compile_pdf(template: str, data: dict[str, Any], *, at: datetime) -> bytes:
    """The PDF/A of `typst/<template>.typ` filled with data. The same data at the same moment gives the same bytes,
    on a machine with the same fonts.

    Raises: typst.TypstError when the template is wrong; it never depends on what a person typed.
    """
    told = json.dumps(data, ensure_ascii=False, cls=DjangoJSONEncoder)
    made: bytes = typst.compile(
        TEMPLATES / f"{template}.typ",
        root=TEMPLATES,
        font_paths=[FONTS],
        sys_inputs={"data": told},
        pdf_standards="a-2b",
        timestamp=at.astimezone(UTC).replace(microsecond=0),
    )
    return made
