"""
What tests of the client share: an authority whose certificates nobody else trusts.
"""

from __future__ import annotations

import pytest

from tests.client.network import Authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Make an authority that nobody trusts who does not name its file."""
    return Authority(tmp_path_factory.mktemp("authority"))
