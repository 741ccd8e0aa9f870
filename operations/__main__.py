"""The command line `research`: each command is a function of a module of its own, put together here."""

import os

import typer

from operations.audit import audit
from operations.backup import backup
from operations.clients import cypher, psql, redis
from operations.command_line import EPILOG
from operations.data import data
from operations.deploy import deploy
from operations.doctor import doctor
from operations.exit_codes import told
from operations.logs import logs
from operations.maintenance import maintenance
from operations.plan import plan
from operations.release import release
from operations.restore import restore
from operations.rollback import rollback
from operations.rotate import rotate
from operations.shell import shell
from operations.status import status
from operations.unlock import unlock
from toolchain.ssh_engine import engine_over_ssh

app = typer.Typer(no_args_is_help=True, help="Look after a stack of Market Research.", pretty_exceptions_enable=False)


@app.callback()
def research(context: typer.Context) -> None:
    """Look after a stack of Market Research."""
    context.with_resource(engine_over_ssh(os.environ))


CHANGING = (doctor, status, plan, deploy, release, rollback, rotate, unlock, maintenance, restore)
LOOKING = (audit, logs, shell, psql, cypher, redis)
for command in (*CHANGING, *LOOKING):
    app.command(epilog=EPILOG)(command)
app.add_typer(backup, name="backup", epilog=EPILOG)
app.add_typer(data, name="data")


def main() -> None:
    """Run the command that the command line names."""
    with told():
        app()


if __name__ == "__main__":
    main()
