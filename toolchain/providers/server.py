"""The plugin protocol: every call of the engine, answered by the resource that it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent import futures
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc
from pulumi.runtime.rpc import UNKNOWN

from toolchain.providers.difference import difference
from toolchain.providers.failures import ProviderError
from toolchain.providers.inputs import Naming, check, unsupported
from toolchain.providers.reporting import reported
from toolchain.providers.resource import Cancelled, Resource, State
from toolchain.providers.schema import Values
from toolchain.providers.wire import (
    difference_message,
    message_of,
    outputs_message,
    values_of,
)

_LARGEST_MESSAGE = 400 * 1024 * 1024
_CALLS_AT_ONCE = 64


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """One provider: its version, the resource types that it has, and how its settings make them."""

    def __init__(
        self,
        version: str,
        settings: frozenset[str],
        resources: Callable[[Values, Cancelled], Mapping[str, Resource]],
    ) -> None:
        """Take what differs between providers; settings are the configuration keys that it knows."""
        self.version = version
        self.settings = settings | {"version"}
        self.cancelled = Cancelled()
        self._make_resources = resources
        self._resources = resources({}, self.cancelled)

    def resource(self, urn: str) -> Resource:
        """Return the resource type of a URN; raise ProviderError for one that is not here."""
        token = urn.split("::")[2].rsplit("$", 1)[-1]
        if token not in self._resources:
            raise ProviderError(unsupported(f"resource type {token}"))
        return self._resources[token]

    def GetPluginInfo(self, request: Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:  # noqa: N802
        """Say which official version this one stands in for."""
        return plugin_pb2.PluginInfo(version=self.version)

    def CheckConfig(  # noqa: N802
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Refuse settings that would be ignored."""
        news = values_of(request.news)
        failures = [
            provider_pb2.CheckFailure(property=name, reason=unsupported(f"provider setting {name}"))
            for name in sorted(news.keys() - self.settings)
        ]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def DiffConfig(  # noqa: N802
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        """Say nothing of the settings: no change of them replaces a resource."""
        return provider_pb2.DiffResponse()

    @reported
    def Configure(  # noqa: N802
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        """Take the settings; secrets are kept by the engine, as with the official plugins."""
        self._resources = self._make_resources(values_of(request.args), self.cancelled)
        return provider_pb2.ConfigureResponse(supportsPreview=True, supports_autonaming_configuration=True)

    @reported
    def Check(  # noqa: N802
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Fill in names and defaults; refuse what is not supported."""
        kind = self.resource(request.urn).kind
        inputs, failures = check(kind, values_of(request.olds), values_of(request.news), Naming.of(request))
        reasons = [provider_pb2.CheckFailure(property=found.name, reason=found.reason) for found in failures]
        return provider_pb2.CheckResponse(inputs=message_of(inputs), failures=reasons)

    @reported
    def Diff(  # noqa: N802
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        """Compare state with inputs."""
        kind = self.resource(request.urn).kind
        return difference_message(kind, difference(kind, values_of(request.olds), values_of(request.news)))

    @reported
    def Create(  # noqa: N802
        self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CreateResponse:
        """Make a resource, or only say what it would look like."""
        resource, inputs = self.resource(request.urn), values_of(request.properties)
        if request.preview:
            promised = resource.plan(inputs) | {"id": UNKNOWN}
            return provider_pb2.CreateResponse(properties=outputs_message(resource.kind, promised))
        made = resource.create(inputs)
        return provider_pb2.CreateResponse(id=made.identifier, properties=outputs_message(resource.kind, made.outputs))

    @reported
    def Read(  # noqa: N802
        self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ReadResponse:
        """Say what a resource looks like now; an empty answer means that it is gone."""
        resource = self.resource(request.urn)
        found = resource.read(State(request.id, values_of(request.properties), values_of(request.inputs)))
        if found is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=found.identifier,
            properties=outputs_message(resource.kind, found.outputs),
            inputs=message_of(found.inputs),
        )

    @reported
    def Update(  # noqa: N802
        self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.UpdateResponse:
        """Change a resource in place, or only say what it would look like."""
        resource = self.resource(request.urn)
        state = State(request.id, values_of(request.olds), values_of(request.old_inputs))
        changed = resource.update(state, values_of(request.news), preview=request.preview)
        return provider_pb2.UpdateResponse(properties=outputs_message(resource.kind, changed))

    @reported
    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> Empty:  # noqa: N802
        """Remove a resource."""
        state = State(request.id, values_of(request.properties), values_of(request.old_inputs))
        self.resource(request.urn).delete(state)
        return Empty()

    @reported
    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Empty:  # noqa: N802
        """Refuse functions."""
        raise ProviderError(unsupported(f"function {request.tok}"))

    def Cancel(self, request: Empty, context: grpc.ServicerContext) -> Empty:  # noqa: N802
        """Ask running operations to finish."""
        self.cancelled.set()
        return Empty()


def serve(provider: Provider) -> tuple[grpc.Server, int]:
    """Start serving on a free local port and return the server with that port."""
    size = [("grpc.max_receive_message_length", _LARGEST_MESSAGE), ("grpc.max_send_message_length", _LARGEST_MESSAGE)]
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=_CALLS_AT_ONCE), options=size)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port
