"""The migration job, once more."""

from operations.exit_codes import ExitCode, OperationError
from operations.running_stack import RunningStack

JOB = "migration"
LAST_LINES = 5


def migrated(stack: RunningStack) -> None:
    """Give a restored database what its dump may be too old for: tables of this version, the API's right to them.

    Raises OperationError with the end of the job's log when it fails.
    """
    jobs = [one for one in stack.containers() if one.service == JOB]
    for job in jobs[-1:]:
        stack.engine.client.api.start(job.id)
        code = stack.engine.client.api.wait(job.id)["StatusCode"]
        if code != 0:
            log = " ".join(stack.engine.last_log_lines(job.id, LAST_LINES))
            raise OperationError(
                ExitCode.BROKEN,
                f"what was restored could not be brought to this version of the API: {log}. Mend the cause, then "
                f"`docker start -a {job.name}` tries again",
            )
