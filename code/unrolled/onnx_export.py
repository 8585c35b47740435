"""Write one step of a character network as an ONNX file with int8 weights, and run it.

ONNX is a file format for networks that many programs can run. Neither half of this module
needs PyTorch: `save` takes arrays, and `Stepper` runs the file with ONNX Runtime.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from unrolled import validate, validate_kinds
from unrolled.quantise import MATRICES, quantise

if TYPE_CHECKING:
    from jaxtyping import Float, Shaped


def save(weights: dict[str, np.ndarray], path: str | Path) -> int:
    """Write the step `(character, state) -> (logits, next state)` to `path`; return its bytes.

    Matrices are stored as int8 with a scale for each column, biases as float32. The inputs
    are `character`, (B,) int64, and `state`, (B, H) float32.

    Args:
        weights: As `unrolled.tiny.matrices` returns them.

    Raises:
        ImportError: The package `onnx` is missing; the message says how to install it.
        TypeError, ValueError: Not finite numbers under these names and in these shapes.
    """
    path, weights = _path(path), _float32(weights)
    path.write_bytes(_model(weights).SerializeToString())
    return path.stat().st_size


def _model(weights: dict[str, np.ndarray]) -> Any:
    """The whole graph as one literal, which is long, in the order in which it runs."""
    onnx = _needed("onnx")
    helper = _needed("onnx.helper")
    stored = {name: weights[name] for name in ("b_h", "b_y")}
    for name in MATRICES:
        small = quantise(weights[name])
        stored |= {name: small.codes, f"{name}_scale": small.scale}
    H, V = weights["W_hy"].shape
    node, real = helper.make_node, onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        [
            node("Gather", ["W_xh", "character"], ["row"]),  # one-hot times W_xh is a row of it
            node("DequantizeLinear", ["row", "W_xh_scale"], ["from_input"], axis=1),
            node("DequantizeLinear", ["W_hh", "W_hh_scale"], ["R"], axis=1),
            node("MatMul", ["state", "R"], ["from_state"]),
            node("Add", ["from_input", "from_state"], ["sum"]),
            node("Add", ["sum", "b_h"], ["a"]),
            node("Tanh", ["a"], ["next"]),
            node("DequantizeLinear", ["W_hy", "W_hy_scale"], ["O"], axis=1),
            node("MatMul", ["next", "O"], ["product"]),
            node("Add", ["product", "b_y"], ["logits"]),
        ],
        "step",
        [
            helper.make_tensor_value_info("character", onnx.TensorProto.INT64, ["B"]),
            helper.make_tensor_value_info("state", real, ["B", H]),
        ],
        [
            helper.make_tensor_value_info("logits", real, ["B", V]),
            helper.make_tensor_value_info("next", real, ["B", H]),
        ],
        [_needed("onnx.numpy_helper").from_array(value, name) for name, value in stored.items()],
    )
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    _needed("onnx.checker").check_model(model)
    return model


class Stepper:
    """A network from an ONNX file that reads one character at a time and keeps the state.

    Args:
        exact: Compute what the file says, in float32. Otherwise ONNX Runtime may replace
            parts of it by faster ones that round more, as it does unless told otherwise.
        settings: Names and values for the runtime's session, as its documentation has them.

    Raises:
        ImportError: The package `onnxruntime` is missing; the message says how to install it.
        FileNotFoundError: There is no such file.
        TypeError, ValueError: Another file, a batch below 1, settings that the runtime does not
            take; in a call, not integers (B,) below V.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        batch: int = 1,
        exact: bool = True,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        batch, exact = validate.size("batch", batch), validate_kinds.flag("exact", exact)
        settings = _settings(settings)
        runtime = _needed("onnxruntime")
        if not _path(path).is_file():
            raise FileNotFoundError(f"path: {str(path)!r} is no file, expected one that save wrote")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        if exact:
            options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        for name, setting in settings.items():
            options.add_session_config_entry(name, setting)
        try:
            self._session = runtime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
            _, hidden = self._session.get_inputs()[1].shape
            _, self._vocabulary = self._session.get_outputs()[0].shape
        except Exception as error:  # the runtime has kinds of its own
            raise ValueError(f"path, settings: got {str(path)!r}, but {error}") from error
        self.state = np.zeros((batch, hidden), np.float32)  # (B, H)

    def __call__(self, character: np.ndarray) -> Float[np.ndarray, "B V"]:
        """Read one character of each sequence, (B,), and return logits for the next.

        Called once a step, so the characters are not looked at, as they are in `read`.
        """
        inputs = {"character": character, "state": self.state}
        logits, self.state = self._session.run(None, inputs)
        return np.asarray(logits)

    def read(self, characters: Shaped[np.ndarray, "B T"]) -> Float[np.ndarray, "B T V"]:
        """Read all characters, one after the other, and return the logits of every step."""
        given = (len(self.state), "T")
        characters = validate_kinds.integers("characters", characters, self._vocabulary, given)
        return np.stack([self(column) for column in characters.T], axis=1)


def _path(path: str | Path) -> Path:
    if not isinstance(path, str | Path):
        raise TypeError(f"path: got {validate_kinds.short(path)}, expected a path")
    return Path(path)


def _settings(settings: Mapping[str, str] | None) -> Mapping[str, str]:
    if settings is None:
        return {}
    for name, setting in validate_kinds.instance("settings", settings, Mapping).items():
        validate_kinds.text("settings", name)
        validate_kinds.text(f"settings[{name!r}]", setting)
    return settings


def _float32(weights: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The five arrays, float32, in shapes that fit each other."""
    validate_kinds.named("weights", weights, *MATRICES, "b_h", "b_y")

    def fitting(name: str, *shape: int | str) -> np.ndarray:
        single = np.dtype(np.float32)
        return validate.array(f"weights[{name!r}]", weights[name], single, shape)

    H, V = fitting("W_hy", "H", "V").shape
    shapes = {"W_xh": (V, H), "W_hh": (H, H), "W_hy": (H, V), "b_h": (H,), "b_y": (V,)}
    return {name: fitting(name, *shape) for name, shape in shapes.items()}


def _needed(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        raise ImportError(
            f"{package} is not installed, and this needs it: pip install {package}"
        ) from error
