"""A Chromium and a Chinese font for the browser journeys: found, or installed where that is possible."""

import os
import shutil
import subprocess

from weiquan.launcher.console import say, warn
from weiquan.launcher.places import Places
from weiquan.launcher.process import shown

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")


def chromium() -> str | None:
    """The program that CHROMIUM names, else the first one on PATH."""
    for name in (os.environ.get("CHROMIUM"), *NAMES):
        found = shutil.which(name) if name else None
        if found:
            return found
    return None


def has_chinese_font() -> bool:
    """Without one a page shows boxes. Where fontconfig cannot be asked, believe it."""
    if not shutil.which("fc-list"):
        return True
    answer = subprocess.run(["fc-list", ":lang=zh-cn", "family"], capture_output=True, text=True, check=False)
    return bool(answer.stdout.strip())


def make_sure(places: Places) -> str | None:
    """The browser, after installing what is missing with apt when root may; None when there is none."""
    missing = [] if chromium() else ["chromium"]
    if missing or not has_chinese_font():
        missing.append("fonts-noto-cjk")
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        _install(missing, places)
    return chromium()


def _install(packages: list[str], places: Places) -> None:
    log = places.logs / "apt.log"
    say(f"Installing {' and '.join(packages)} for the browser journeys …")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    with log.open("ab") as out:
        for command in (["apt-get", "update", "-qq"], install):
            done = subprocess.run(
                command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, env=quiet, check=False
            )
            if done.returncode:
                warn(f"! {' '.join(command[:2])} failed; see {shown(log)}")
                return
