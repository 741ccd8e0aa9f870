"""Failures inside a call, as the statuses that the engine expects."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn, Protocol, TypeVar

import grpc

from toolchain.providers.failures import InitError, ProviderError
from toolchain.providers.resource import Resource
from toolchain.providers.wire import incomplete_details


class _Servicer(Protocol):
    def resource(self, urn: str) -> Resource: ...


Servicer = TypeVar("Servicer", bound=_Servicer)
Answer = TypeVar("Answer")
Call = Callable[[Servicer, Any, grpc.ServicerContext], Answer]


def reported(call: Call[Servicer, Answer]) -> Call[Servicer, Answer]:
    """Abort the call with the failure's text; a resource that exists all the same travels in the status details."""

    @wraps(call)
    def guarded(self: Servicer, request: Any, context: grpc.ServicerContext) -> Answer:
        try:
            return call(self, request, context)
        except InitError as failure:
            context.set_trailing_metadata(incomplete_details(self.resource(request.urn).kind, failure))
            _abort(context, f"{call.__name__.lower().removesuffix('e')}ing {request.urn}: {failure.reason}")
        except ProviderError as failure:
            _abort(context, str(failure))

    return guarded


def _abort(context: grpc.ServicerContext, text: str) -> NoReturn:
    context.abort(grpc.StatusCode.UNKNOWN, text)
    raise AssertionError("abort returns")
