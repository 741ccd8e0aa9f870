"""Services that a restore stopped, started again when it did not come to its end."""

import logging

from backup.dormant import Dormants
from backup.engine import EngineError, GoneError, RefusedError
from backup.work import put, read

RESUME = "`research restore --resume` starts it"
MINE, OTHERS = "containers", "by_hand"
"""In the note: whom the scheduler still tries to start, and whom it has told of that others have to."""


def start_again(dormants: Dormants) -> None:
    """Start what /work/stopped.json names, as far as this may be done here; whoever calls holds the lock of `alone`.

    Whom the engine could not start now is tried again; whom this scheduler may not start stays in the note, for
    `research restore --resume`. The note goes when nobody is left.
    """
    note = dormants.work.stopped
    content = read(note)
    names = content.get(MINE)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        logging.error("%s names no containers, and is put away: see with `research status` what is stopped", note)
        note.unlink(missing_ok=True)
        return
    told = f"stopped by {content.get('why') or 'somebody'} since {content.get('since') or 'then'}"
    came = {name: _started(dormants, name, told) for name in names}
    others = [*content.get(OTHERS, []), *(name for name in names if came[name] == OTHERS)]
    again = [name for name in names if came[name] == MINE]
    if again or others:
        put(note, {**content, MINE: again, OTHERS: others})
    else:
        note.unlink(missing_ok=True)


def is_left(dormants: Dormants) -> bool:
    """Whether there is a note that `start_again` has anything to do with: one for others alone it leaves as it is."""
    note = dormants.work.stopped
    content = read(note)
    return note.exists() and not (content.get(MINE) == [] and content.get(OTHERS))


def _started(dormants: Dormants, name: str, told: str) -> str:
    """Who is to start a container now; nobody when it runs."""
    container = dormants.jobs.containers.get(name)
    if container is None:
        logging.error("%s, %s, is not this scheduler's to start: %s", name, told, RESUME)
        return OTHERS
    try:
        fresh = dormants.engine.start(container)
    except GoneError:
        logging.error("%s, %s: %s; %s", name, told, dormants.jobs.gone(name), RESUME)
        return OTHERS
    except RefusedError as error:
        logging.error("%s, %s, may not be started here (%s): %s", name, told, error, RESUME)
        return OTHERS
    except EngineError as error:
        logging.error("%s, %s, could not be started, the next try follows: %s", name, told, error)
        return MINE
    logging.warning("%s, %s, %s", name, told, "is started again" if fresh else "runs again")
    return ""
