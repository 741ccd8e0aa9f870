"""Services that a restore stopped, started again when it did not come to its end."""

import logging

from backup.dormant import Dormants
from backup.engine import EngineError, GoneError, RefusedError
from backup.work import read


def start_again(dormants: Dormants) -> None:
    """Start what /work/stopped.json names, as far as this may be done here; whoever calls holds the lock of `alone`.

    The note stays while the engine is away, and goes when nothing more can be done.
    """
    note = dormants.work.stopped
    if not note.exists():
        return
    content = read(note)
    names = content.get("containers")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        logging.error("%s names no containers, and is put away: see with `research status` what is stopped", note)
        names = []
    told = f"stopped by {content.get('why') or 'somebody'} since {content.get('since') or 'then'}"
    done = [_started(dormants, name, told) for name in names]
    if all(done):
        note.unlink(missing_ok=True)


def _started(dormants: Dormants, name: str, told: str) -> bool:
    """Whether nothing is left to be done about a container."""
    if name not in dormants.jobs.containers:
        logging.error("%s, %s, is not this scheduler's to start: `docker start` it", name, told)
        return True
    container = dormants.jobs.containers[name]
    try:
        fresh = dormants.engine.start(container)
    except GoneError:
        logging.error("%s, %s: %s", name, told, dormants.jobs.gone(name))
    except RefusedError as error:
        logging.error("%s, %s, may not be started here (%s): `docker start %s`", name, told, error, container)
    except EngineError as error:
        logging.error("%s, %s, could not be started, the next try follows: %s", name, told, error)
        return False
    else:
        logging.warning("%s, %s, %s", name, told, "is started again" if fresh else "runs again")
    return True
