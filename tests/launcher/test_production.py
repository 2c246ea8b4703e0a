"""What production installs is enough: nothing of the project needs a development package to be imported."""

import subprocess
import sys

from weiquan.launcher.places import CHECKOUT

# Import names whose distribution stands in the development lock alone.
DEVELOPMENT = ["django_stubs_ext", "pytest", "hypothesis", "playwright", "aiosmtpd", "mypy"]
SCRIPT = f"""
import sys, pkgutil, importlib

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {DEVELOPMENT!r}:
            raise ImportError(f"{{name}} is for development")

sys.meta_path.insert(0, Blocker())
import django
django.setup()
for package in ("weiquan", "stations", "cases"):
    found = importlib.import_module(package)
    for module in pkgutil.walk_packages(found.__path__, f"{{package}}."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
            print(module.name)
"""


def test_every_module_imports_without_development_packages() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert {"weiquan.urls", "stations.admin", "cases.tasks"} <= set(done.stdout.split())
