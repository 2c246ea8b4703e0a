"""gunicorn in production: python -m gunicorn --config deploy/gunicorn.conf.py weiquan.wsgi:application"""

import multiprocessing
import os

bind = os.environ.get("WEIQUAN_LISTEN", "unix:/run/weiquan/web.sock")
umask = 0o007  # nginx reaches the socket through the group
workers = int(os.environ.get("WEB_WORKERS", multiprocessing.cpu_count() * 2 + 1))
worker_class = "gthread"
threads = 4
timeout = 60
graceful_timeout = 30
max_requests = 5000  # a slow leak in a library ends with its worker
max_requests_jitter = 500
control_socket_disable = True
# Requests are logged by nginx, without what was asked for.
accesslog = None
errorlog = "-"
