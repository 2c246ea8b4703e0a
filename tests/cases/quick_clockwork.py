"""The clockwork as it runs in production, with a quicker pendulum: every task each second."""

from weiquan.celery import app

for entry in app.conf.beat_schedule.values():
    entry["schedule"] = 1.0
