"""The clockwork as it runs in production, with a quicker pendulum: every task each second, or those that are named."""

import os

from weiquan.celery import app

SECONDS = float(os.environ.get("QUICK_SECONDS", "1"))
NAMED = os.environ.get("QUICK_TASKS", "").split()

for sentence, entry in list(app.conf.beat_schedule.items()):
    entry["schedule"] = SECONDS
    if NAMED and entry["task"] not in NAMED:
        del app.conf.beat_schedule[sentence]
