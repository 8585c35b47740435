"""The environment in which the tests were started; PyTorch adds to it when it is imported."""

from __future__ import annotations

import os

AS_STARTED = dict(os.environ)
