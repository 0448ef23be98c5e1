"""
Figures for an administrator's monitoring, in Prometheus' words. Nothing in them tells one person from another.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

__all__ = ["Figures"]


class Figures:
    """
    What is counted.

    Attributes:
        requests: requests by operation and status.
        seconds: how long they took, but for streams.
        streams: live streams that are open.
        accounts: accounts whose connection is held.
        sign_ins: attempts to sign in, by how they ended.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "carrierpost_http_requests_total", "Requests", ["operation", "status"], registry=self._registry
        )
        self.seconds = Histogram(
            "carrierpost_http_request_seconds", "Duration of requests", ["operation"], registry=self._registry
        )
        self.streams = Gauge("carrierpost_live_streams", "Live streams that are open", registry=self._registry)
        self.accounts = Gauge("carrierpost_accounts_held", "Accounts whose connection is held", registry=self._registry)
        self.sign_ins = Counter("carrierpost_sign_ins_total", "Attempts to sign in", ["end"], registry=self._registry)

    def text(self) -> bytes:
        """
        Write them as Prometheus reads them.
        """
        return generate_latest(self._registry)
