"""The settings of the system, and one page more: the floor that everything is measured against."""

from weiquan.settings import *  # noqa: F403
from weiquan.settings import BASE_DIR, TEMPLATES

ROOT_URLCONF = "bench.urls"
TEMPLATES[0]["DIRS"] = [*TEMPLATES[0]["DIRS"], BASE_DIR / "bench" / "templates"]
