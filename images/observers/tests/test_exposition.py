"""What an exporter answers over HTTP, and how it ends."""

from collections.abc import Iterable
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from observers.exposition import listen, main
from observers.settings import SettingsError
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class One(Collector):
    """A collector of one metric."""

    def collect(self) -> Iterable[Metric]:
        return [GaugeMetricFamily("answer", "The answer.", 42)]


def test_metrics_and_health_are_there_and_nothing_else() -> None:
    server = listen(One(), 0)
    try:
        address = f"http://127.0.0.1:{server.server_port}"
        assert b"answer 42.0" in urlopen(f"{address}/metrics").read()
        assert urlopen(f"{address}/health").read() == b"ok\n"
        with pytest.raises(HTTPError, match="404"):
            urlopen(f"{address}/").read()
    finally:
        server.shutdown()
        server.server_close()


def test_a_wrong_setting_ends_it_with_one_line(caplog: pytest.LogCaptureFixture) -> None:
    def run() -> None:
        raise SettingsError("STACK: not set")

    assert main(run) == 2
    assert caplog.messages == ["STACK: not set"]
