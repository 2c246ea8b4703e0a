"""Celery: the clockwork. Rows in the database decide what is due; beat only looks."""

import os

from celery import Celery
from celery.schedules import crontab
from kombu.transport.redis import Channel

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weiquan.settings")

# Handing back what it was busy with, a worker that has just lost the broker reaches for the connection it lost and dies
# of it (kombu 5.7). Nothing needs handing back: what is due stands in the database, and beat asks again.
Channel.do_restore = False

app = Celery("weiquan")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "remind of clocks whose moment has come, every minute": {
        "task": "cases.tasks.remind",
        "schedule": 60.0,
    },
    "send waiting notices by mail, every minute": {
        "task": "cases.tasks.send_notices",
        "schedule": 60.0,
    },
    "make the volumes of filed cases, every minute": {
        "task": "cases.tasks.make_archive_volumes",
        "schedule": 60.0,
    },
    "re-date provisional deadlines after a holiday notice, every ten minutes": {
        "task": "cases.tasks.redate_provisional",
        "schedule": 600.0,
    },
    "count anew the months in which something happened, every ten minutes": {
        "task": "cases.tasks.count_figures",
        "schedule": 600.0,
    },
    "anchor the heads of all event chains, every night at 02:10": {
        "task": "cases.tasks.anchor_chains",
        "schedule": crontab(hour=2, minute=10),
    },
    "tell heads of people away whose work nobody minds, every hour of the working day": {
        "task": "cases.tasks.tell_of_absences",
        "schedule": crontab(hour="8-18", minute=5),
    },
    "propose to supervise departments that are silent, every morning at 08:35": {
        "task": "cases.tasks.propose_supervision",
        "schedule": crontab(hour=8, minute=35),
    },
    "remind stations of what an assessment told them to put right, every morning at 08:45": {
        "task": "cases.tasks.remind_of_corrections",
        "schedule": crontab(hour=8, minute=45),
    },
    "tell heads what others read of their cases in the past week, every Monday at 08:40": {
        "task": "cases.tasks.tell_of_reads",
        "schedule": crontab(hour=8, minute=40, day_of_week=1),
    },
    "keep people away from open cases of those they have declared since, every night at 02:25": {
        "task": "cases.tasks.bar_declared",
        "schedule": crontab(hour=2, minute=25),
    },
    "check that no promise is broken, every night at 02:40": {
        "task": "cases.tasks.check_promises",
        "schedule": crontab(hour=2, minute=40),
    },
    "drop intake drafts nobody came back for, every night at 03:20": {
        "task": "cases.tasks.drop_old_drafts",
        "schedule": crontab(hour=3, minute=20),
    },
    "make the ledgers that were asked for, check and import those that came, every minute": {
        "task": "cases.tasks.work_on_ledgers",
        "schedule": 60.0,
    },
    "wipe ledgers nobody may fetch any longer, every night at 03:35": {
        "task": "cases.tasks.wipe_ledgers",
        "schedule": crontab(hour=3, minute=35),
    },
}
