"""What may go wrong in a provider, in the terms of the plugin protocol."""

from __future__ import annotations

from toolchain.providers.schema import Values


class ProviderError(Exception):
    """An operation did not happen; the text says why."""


class InitError(Exception):
    """The resource exists, but not as wanted: the engine keeps it in state together with the reason."""

    def __init__(self, reason: str, identifier: str, outputs: Values, inputs: Values) -> None:
        """Take the reason, and the resource as it is."""
        super().__init__(reason)
        self.reason = reason
        self.identifier = identifier
        self.outputs = outputs
        self.inputs = inputs
