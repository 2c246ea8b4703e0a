"""The console program behind the Makefile: it starts real servers and what runs on them.

`environment.py` makes the virtual environment and so uses the standard library alone. Everything else runs
inside it: `python -m weiquan.launcher run | test | bench | check | fix | demo-reset | manage`.
"""
