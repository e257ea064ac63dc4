"""Every test of a reward process runs on both rungs that hold it: with the second wall and without."""

from __future__ import annotations

import pytest

from eureka_cli.sandbox.zygote import Zygote


@pytest.fixture(scope="session", params=["bubblewrap", "lock"])
def zygote(request):
    started = Zygote.start(second_wall=request.param == "bubblewrap")
    if request.param == "bubblewrap" and started.note:
        started.close()
        pytest.skip(started.note)
    yield started
    started.close()
