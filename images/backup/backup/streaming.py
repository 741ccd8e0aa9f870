"""The receiver of PostgreSQL's log: writes down what the server logs as it does so, and up to when it has all of it."""

import re
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from backup import postgres, settings
from backup.postgres import Server
from backup.received import ASIDE, SYSTEM, complete, note
from backup.results import new_id
from backup.settings import JobError, StoppedError

SLOT = "backup"
AGAIN_SECONDS = 5
NOTE_SECONDS = 5
STATUS_SECONDS = 10
"""How often the receiver tells the server how far it is."""
GAP = re.compile(r"requested WAL segment \S+ has already been removed")
MOST_PENDING = 1000

WHO = """
SELECT system_identifier::text, pg_walfile_name(pg_current_wal_flush_lsn()),
    EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = %s AND wal_status = 'lost')
FROM pg_control_system()
"""
HOW_FAR = """
SELECT clock_timestamp(), (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint, (restart_lsn - '0/0'::pg_lsn)::bigint
FROM pg_replication_slots WHERE slot_name = %s AND active
"""
"""A slot that logs all begins with what its receiver has flushed; pg_stat_replication shows that to few roles."""


def receive() -> None:
    """Write down what the server logs, as it does so, until SIGTERM; begin again when the server was away."""
    with suppress(StoppedError):
        while True:
            try:
                server = postgres.backup_server()
                with server.password_file():
                    fit(server, settings.WAL)
                    _receive(server, settings.WAL)
            except StoppedError:
                raise
            except JobError as failure:
                _say(str(failure))
            time.sleep(AGAIN_SECONDS)


def fit(server: Server, folder: Path) -> None:
    """Set aside what the server's log does not go on from: another server's, one before a recovery, one with a gap."""
    with server.session(settings.name("POSTGRES_DATABASE")) as session:
        row = session.execute(WHO, [SLOT]).fetchone()
        if row is None:
            raise JobError("the server does not tell who it is")
        identifier, current, lost = row
        if lost:
            # It was away for more than the server keeps for it; the slot is of no use any more.
            session.execute("SELECT pg_drop_replication_slot(%s)", [SLOT])
    known = folder / SYSTEM
    segments = complete(folder)
    foreign = known.exists() and known.read_text() != identifier
    if segments and (lost or foreign or segments[-1][8:] > current[8:]):
        set_aside(folder)
    known.write_text(identifier)


def set_aside(folder: Path) -> None:
    """Put what was received into a folder of its own, from which job wal stores it."""
    aside = folder / f"{ASIDE}{new_id()}"
    aside.mkdir()
    for path in list(folder.iterdir()):
        if path.is_file():
            path.rename(aside / path.name)
    _say(f"the server's log does not go on from what was received: that is in {aside}, and a new base is needed")


@dataclass
class Progress:
    """Up to which moment the log is here, found by asking the server again and again."""

    pending: list[tuple[datetime, int]] = field(default_factory=list)
    """Moments, and how far the server had come then."""

    def reached(self, moment: datetime, written: int, flushed: int | None) -> datetime | None:
        """The last moment whose log is flushed here, which it need not be for the one that is asked about; or None."""
        if len(self.pending) < MOST_PENDING:
            self.pending.append((moment, written))
        done = [then for then, far in self.pending if flushed is not None and far <= flushed]
        self.pending = self.pending[len(done) :]
        return max(done, default=None)


def _receive(server: Server, folder: Path) -> None:
    command = ["pg_receivewal", "--no-password", *server.place_options(), f"--slot={SLOT}"]
    made = subprocess.run([*command, "--create-slot", "--if-not-exists"], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise JobError(" ".join(made.stderr.split()))
    interval = f"--status-interval={STATUS_SECONDS}"
    said = watched([*command, f"--directory={folder}", "--synchronous", "--no-loop", interval], server, folder)
    if GAP.search(said):
        set_aside(folder)
    raise JobError(said[-300:] or "pg_receivewal ended")


def watched(command: list[str], server: Server, folder: Path) -> str:
    """Let a receiver run to its end, note how far it is meanwhile, and return what it complained of."""
    progress = Progress()
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            while True:
                with suppress(subprocess.TimeoutExpired):
                    return " ".join(process.communicate(timeout=NOTE_SECONDS)[1].split())
                _note(progress, server, folder)
        except BaseException:
            process.kill()
            raise


def _note(progress: Progress, server: Server, folder: Path) -> None:
    try:
        with server.session(settings.name("POSTGRES_DATABASE")) as session:
            row = session.execute(HOW_FAR, [SLOT]).fetchone()
        if row and (moment := progress.reached(*row)):
            note(folder, moment)
    except StoppedError:
        raise
    except JobError as failure:
        # What was not noted is too old soon, and fails job wal.
        _say(str(failure))


def _say(line: str) -> None:
    sys.stderr.write(f"receive-wal: {line}\n")
