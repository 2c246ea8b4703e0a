#!/usr/bin/env bash
# Run as root, after new code lies in /opt/weiquan: back up, install, migrate, restart.
set -euo pipefail
cd /opt/weiquan

systemctl start weiquan-backup.service
"${PYTHON:-python3.11}" weiquan/launcher/environment.py production
deploy/manage check --deploy --fail-level ERROR
# As root, so that the running system cannot change its own scripts.
systemd-run --quiet --pipe --wait --collect --property=EnvironmentFile=/etc/weiquan/weiquan.env \
    --property=UMask=0022 --working-directory=/opt/weiquan \
    /opt/weiquan/.venv/bin/python -B manage.py collectstatic --no-input --verbosity 0
systemctl stop weiquan-worker.service weiquan-beat.service
deploy/manage migrate
systemctl restart weiquan.target weiquan-web.service weiquan-worker.service weiquan-beat.service
systemctl --no-pager --lines 0 status weiquan-web.service weiquan-worker.service weiquan-beat.service
