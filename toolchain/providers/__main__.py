"""Serve one of the built-in providers: `python -m toolchain.providers docker`."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module

from toolchain.providers.server import serve

PROVIDERS = ("docker", "random")
"""Each in a module of its own: one does not load what only the other needs, since every `pulumi` call starts both."""


def main(arguments: list[str]) -> int:
    """Print the port, then serve until the engine ends the process; further arguments are the engine's own."""
    name = arguments[0] if arguments else ""
    if name not in PROVIDERS:
        sys.stderr.write(f"provider {name!r} is unknown; built in: {', '.join(PROVIDERS)}\n")
        return 2
    server, port = serve(import_module(f"toolchain.providers.{name}_provider").provider())
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    with suppress(KeyboardInterrupt):
        server.wait_for_termination()
    server.stop(None)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
