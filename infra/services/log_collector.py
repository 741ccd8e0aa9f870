"""The log collector: brings the containers' log lines from the engine's files to the log store."""

from collections.abc import Sequence

from infra.container import Process
from infra.network import Network
from infra.service import HealthCheck, Service
from infra.services.victorialogs import Victorialogs
from infra.stack import Stack
