"""The command line `research`: each command is a function of a module of its own, put together here."""

import typer

from operations.clients import cypher, psql, redis
from operations.command_line import EPILOG
from operations.exit_codes import told
from operations.shell import shell
from operations.status import status

app = typer.Typer(no_args_is_help=True, help="Look after a stack of Market Research.", pretty_exceptions_enable=False)


@app.callback()
def research() -> None:
    """Look after a stack of Market Research."""


app.command(epilog=EPILOG)(status)
app.command(epilog=EPILOG)(shell)
app.command(epilog=EPILOG)(psql)
app.command(epilog=EPILOG)(cypher)
app.command(epilog=EPILOG)(redis)


def main() -> None:
    """Run the command that the command line names."""
    with told():
        app()


if __name__ == "__main__":
    main()
