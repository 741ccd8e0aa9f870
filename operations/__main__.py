"""The command line `research`: each command is a function of a module of its own, put together here."""

import typer

app = typer.Typer(no_args_is_help=True, help="Look after a stack of Market Research.", pretty_exceptions_enable=False)


@app.callback()
def research() -> None:
    """Look after a stack of Market Research."""


def main() -> None:
    """Run the command that the command line names."""
    app()


if __name__ == "__main__":
    main()
