"""`make run` and its relatives: the demo on servers of its own, kept until somebody says stop."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import FrameType

from weiquan.launcher import postgres, valkey
from weiquan.launcher.console import Trouble, framed, say
from weiquan.launcher.places import CHECKOUT, Places, demo_places, fresh_log, holder, only_one
from weiquan.launcher.postgres import Postgres
from weiquan.launcher.process import Program, shown, stop_process
from weiquan.launcher.surroundings import demo_surroundings, read_dotenv
from weiquan.launcher.valkey import Valkey

HOST = "127.0.0.1"
FIRST_PORT = 8000
PORTS_TRIED = 50
WEB_PATIENCE = 90.0


class Stop(BaseException):
    """Ctrl-C, TERM or a closed terminal: leave through every `finally`."""


@dataclass
class Demo:
    """What is running for a checkout: its servers, the programs on them, and the variables they share."""

    places: Places
    variables: dict[str, str]
    own: Sequence[Postgres | Valkey]
    programs: list[Program]

    def watched(self) -> list[Program]:
        return [server.program for server in self.own] + self.programs


# -- the commands ----------------------------------------------------------------------------------


def run() -> int:
    """Start everything, say where it is, watch it, and stop everything in the reverse order."""
    places = demo_places().prepare()
    with stoppable(), ours_or_running(places, "make run") as ours:
        if not ours:
            say(places.address.read_text(encoding="utf-8"))
            say("It runs in another window; stop it there with Ctrl-C.")
            return 0
        try:
            with started_servers(places) as demo:
                prepare(demo, "--seed")
                serve(demo)
        finally:
            places.address.unlink(missing_ok=True)
    say("Everything has been stopped.")
    return 0


def reset() -> int:
    """Build the demo anew: drop its own database; in one that DATABASE_URL names, remove only the demo."""
    with stoppable(), servers_of(demo_places().prepare(), "make demo-reset") as demo:
        if "DATABASE_URL" in os.environ:
            prepare(demo, "--reset")
        else:
            own = Postgres(demo.places)
            say("Dropping the demo's database …")
            own.drop_database()
            own.make_role()
            prepare(demo, "--seed")
        say("The demo has been rebuilt.")
        return 0
    return 1


def manage(arguments: Sequence[str]) -> int:
    """manage.py on the demo's servers, running or not: `make manage ARGS=shell`."""
    with stoppable(), servers_of(demo_places().prepare(), "make manage") as demo:
        return subprocess.call([sys.executable, "manage.py", *arguments], cwd=CHECKOUT, env=demo.variables)
    return 1


# -- servers ---------------------------------------------------------------------------------------


@contextlib.contextmanager
def started_servers(places: Places) -> Iterator[Demo]:
    read_dotenv()
    database, broker = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    own: list[Postgres | Valkey] = []
    with contextlib.ExitStack() as running:
        if database:
            say("Using the database of DATABASE_URL.")
            postgres.check_given(database)
        else:
            server = Postgres(places)
            database = launch(server, server.programs, own, running)
        if broker:
            say("Using the server of REDIS_URL.")
            valkey.check_given(broker)
        else:
            store = Valkey(places)
            broker = launch(store, store.source, own, running)
        yield Demo(places, demo_surroundings(places, database=database, broker=broker), own, [])


def launch(
    server: Postgres | Valkey, title: object, own: list[Postgres | Valkey], running: contextlib.ExitStack
) -> str:
    say(f"Starting {title} …")
    running.callback(server.stop)
    server.start()
    own.append(server)
    return server.url


@contextlib.contextmanager
def ours_or_running(places: Places, task: str) -> Iterator[bool]:
    """True with the lock of the checkout in hand; False when another launcher has the demo up already."""
    told = False
    while True:
        with only_one(places.lock, task) as ours:
            if ours:
                places.address.unlink(missing_ok=True)  # left by a launcher that was killed
            if ours or places.address.exists():
                yield ours
                return
        if not told:
            other, number = holder(places.lock)
            say(f"This checkout is being looked after already ({other}, process {number}). Waiting …")
            told = True
        time.sleep(0.3)


@contextlib.contextmanager
def servers_of(places: Places, task: str) -> Iterator[Demo]:
    """The demo's servers: those of a running `make run`, else started for this task and stopped after it."""
    with ours_or_running(places, task) as ours:
        if ours:
            with started_servers(places) as demo:
                yield demo
            return
        read_dotenv()
        database = os.environ.get("DATABASE_URL") or Postgres(places).url
        broker = os.environ.get("REDIS_URL") or Valkey(places).url
        yield Demo(places, demo_surroundings(places, database=database, broker=broker), [], [])


def prepare(demo: Demo, task: str) -> None:
    """Migrations, static files, the demo city; what they say is shown, and kept in a log."""
    arguments = [sys.executable, "-m", "weiquan.launcher.prepare", task]
    with fresh_log(demo.places.logs, "prepare") as log:
        process = subprocess.Popen(
            arguments,
            cwd=CHECKOUT,
            env=demo.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
        try:
            for line in process.stdout or ():
                log.write(line)
                say(line.decode("utf-8", "replace").rstrip())
            code = process.wait()
        finally:
            stop_process(process, signal.SIGTERM, 10.0)
    if code:
        path = demo.places.logs / "prepare.log"
        last = "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-12:])
        raise Trouble(f"The database could not be brought up to date. The end of {shown(path)}:\n{last}")


# -- the programs ----------------------------------------------------------------------------------


def serve(demo: Demo) -> None:
    listener = free_port()
    address = f"http://{HOST}:{listener.getsockname()[1]}"
    demo.variables.setdefault("SITE_URL", address)
    demo.programs += programs(demo, listener)
    try:
        for program in demo.programs:
            say(f"Starting {program.name} …")
            program.start()
        wait_for_web(address, demo.programs[0])
        announce(demo, address)
        while True:
            for program in demo.watched():
                program.look_after()
            time.sleep(0.5)
    finally:
        say("Stopping …")
        for program in reversed(demo.programs):
            program.stop()


def programs(demo: Demo, listener: socket.socket) -> list[Program]:
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "--app", "weiquan"]
    web = [
        *(*python, "gunicorn", "weiquan.wsgi:application"),
        *("--workers", "2", "--worker-class", "gthread", "--threads", "4"),
        # The launcher keeps the port, so a restarted server cannot lose it to another program.
        *("--bind", f"fd://{listener.fileno()}"),
        *("--no-control-socket", "--graceful-timeout", "10"),
    ]
    worker = [
        *celery,
        "worker",
        "--concurrency",
        "2",
        "--loglevel",
        "INFO",
        "--without-mingle",
        "--without-gossip",
    ]
    beat = [
        *celery,
        "beat",
        "--loglevel",
        "INFO",
        "--schedule",
        str(demo.places.home / "beat"),
        "--pidfile",
        "",
    ]

    def program(name: str, arguments: list[str], descriptors: Sequence[int] = ()) -> Program:
        return Program(name, arguments, demo.places.logs, demo.variables, descriptors=descriptors)

    return [program("web", web, [listener.fileno()]), program("worker", worker), program("beat", beat)]


def free_port() -> socket.socket:
    """Listen on PORT, or on the next port that is free."""
    try:
        wanted = int(os.environ.get("PORT") or FIRST_PORT)
    except ValueError:
        raise Trouble(f"PORT must be a number, not {os.environ['PORT']!r}.") from None
    for port in range(wanted, min(wanted + PORTS_TRIED, 65536)):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
            listener.listen(128)
        except PermissionError:
            raise Trouble(f"An ordinary user may not open port {port}; choose one above 1023.") from None
        except OSError:
            listener.close()
            continue
        if port != wanted:
            say(f"Port {wanted} is taken by another program; using {port}.")
        return listener
    raise Trouble(f"No port from {wanted} on is free. Name another: make run PORT=9000")


def wait_for_web(address: str, web: Program) -> None:
    latest = time.monotonic() + WEB_PATIENCE
    # The demo is on this machine; a proxy of the environment would not find it.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while True:
        try:
            with opener.open(f"{address}/healthz", timeout=10):
                return
        except urllib.error.HTTPError as error:
            problem = f"/healthz answers {error.code}"
        except OSError as error:
            problem = str(error)
        if not web.alive or time.monotonic() > latest:
            raise Trouble(
                f"The web server does not answer ({problem}). The end of {shown(web.log_path)}:\n{web.tail()}"
            )
        time.sleep(0.2)


def announce(demo: Demo, address: str) -> None:
    accounts = subprocess.run(
        [sys.executable, "manage.py", "demo_accounts"],
        cwd=CHECKOUT,
        env=demo.variables,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if accounts.returncode:
        raise Trouble(f"The demo accounts could not be listed:\n{accounts.stderr}")
    box = framed(
        [
            f"维权 runs at  {address}",
            "",
            *accounts.stdout.splitlines(),
            "",
            f"Logs: {shown(demo.places.logs)}    Stop: Ctrl-C",
        ]
    )
    half = demo.places.address.with_suffix(".new")
    half.write_text(box, encoding="utf-8")
    half.rename(demo.places.address)
    say(box)


# -- stopping ---------------------------------------------------------------------------------------


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Turn the first Ctrl-C, TERM or hang-up into an orderly way out, which later ones cannot break off."""
    signals = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup asks to go on
        signals.append(signal.SIGHUP)

    def stop(number: int, frame: FrameType | None) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        raise Stop

    for each in signals:
        signal.signal(each, stop)
    with contextlib.suppress(Stop):
        yield
