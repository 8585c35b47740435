"""Make PyTorch deterministic from the moment a block imports it, and import it for no other."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class WhenTorchIsImported(MetaPathFinder):
    """Put first on `sys.meta_path`; it steps aside once PyTorch is found."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "torch":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec("torch")
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def execute_and_set(module: ModuleType) -> None:
            execute(module)
            # Not use_deterministic_algorithms: that imports the compiler as well, for a second.
            module.set_deterministic_debug_mode("error")

        spec.loader.exec_module = execute_and_set  # type: ignore[method-assign]
        return spec
