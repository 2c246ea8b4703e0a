"""The environment variables that the project's own programs run with."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

import environ

from weiquan.launcher.places import CHECKOUT, Places
from weiquan.sealing.keys import new_key_ring


def read_dotenv() -> None:
    """Take .env into account as settings.py does, because it may name the servers to use."""
    file = Path(os.environ.get("WEIQUAN_ENV_FILE", CHECKOUT / ".env"))
    if file.exists():
        environ.Env.read_env(file)


def demo_surroundings(places: Places, *, database: str, broker: str) -> dict[str, str]:
    """For the demo: its own keys, unless some were given."""
    made = {
        "SECRET_KEY": ("secret-key.txt", lambda: secrets.token_urlsafe(50)),
        "WEIQUAN_KEYS": ("keys.json", new_key_ring),
    }
    variables = {**os.environ, **servers(database, broker), "DEMO": "1"}
    for name, (file, make) in made.items():
        if name not in variables and f"{name}_FILE" not in variables:
            variables[f"{name}_FILE"] = str(_kept(places.home / file, make()))
    return variables


def throwaway_surroundings(*, database: str, broker: str, debug: bool) -> dict[str, str]:
    """For tests, checks and measurements: nothing of this machine's own configuration gets in."""
    own = {name: value for name, value in os.environ.items() if name not in _configured()}
    return {
        **own,
        **servers(database, broker),
        "WEIQUAN_ENV_FILE": os.devnull,
        "SECRET_KEY": secrets.token_urlsafe(50),
        "WEIQUAN_KEYS": new_key_ring(),
        "DEMO": "1",
        "DEBUG": "1" if debug else "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def servers(database: str, broker: str) -> Mapping[str, str]:
    return {
        "DATABASE_URL": database,
        "REDIS_URL": broker,
        "DJANGO_SETTINGS_MODULE": "weiquan.settings",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",  # file names and logs hold Chinese characters, whatever the terminal's locale is
    }


def _configured() -> set[str]:
    """Names that .env.example documents, with their _FILE twins."""
    lines = (CHECKOUT / ".env.example").read_text(encoding="utf-8").splitlines()
    names = {line.lstrip("# ").partition("=")[0] for line in lines if "=" in line}
    return names | {f"{name}_FILE" for name in names}


def _kept(file: Path, fresh: str) -> Path:
    """A secret in a file only its owner may read; made at the first start and then kept."""
    if not file.exists():
        half = file.with_suffix(".new")
        half.unlink(missing_ok=True)
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(fresh)
        half.rename(file)
    return file
