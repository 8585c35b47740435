"""torchvision's models, with pretrained weights where they are at hand, else random ones.

Run as a program, `python -m unrolled.vision.weights`, it fetches the weights that the
appendix can use; building a page never does.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import torch
from torch import nn

from unrolled import validate_kinds, validate_tensor
from unrolled.vision.needed import torchvision

DETECTOR = "fasterrcnn_resnet50_fpn_v2"
MODELS = (DETECTOR, "resnet18", "resnet50")


@dataclass(frozen=True, eq=False)
class Built:
    """A model in evaluation mode, and where its weights come from."""

    model: nn.Module
    pretrained: bool
    weights: str

    @property
    def notice(self) -> str:
        """One line on what the numbers mean."""
        if self.pretrained:
            return f"pretrained: {self.weights}"
        return "RANDOM WEIGHTS: nothing was learned"


def build(name: str, *, seed: int = 0, download: bool = False, **options: Any) -> Built:
    """Build a model of torchvision, with its default weights when their file is at hand.

    The file is looked for where PyTorch keeps it, in `TORCH_HOME`. Without it the weights are
    random, from `seed`. Leaves PyTorch's random state as it was.

    Args:
        name: As `torchvision.models.list_models` has it.
        download: Fetch the file when it is not there.
        options: Of torchvision's own function for this model.

    Raises:
        ModuleNotFoundError: torchvision is not installed; the message has the command.
        TypeError: An argument of another kind.
        ValueError: torchvision has no such model, or the file does not hold its weights.
        ConnectionError: The file cannot be fetched.
    """
    validate_kinds.text("name", name)
    validate_tensor.seed("seed", seed)
    validate_kinds.flag("download", download)
    models = torchvision("torchvision.models")
    try:
        make, weights = models.get_model_builder(name), models.get_model_weights(name).DEFAULT
    except ValueError as error:
        raise ValueError(f"name: torchvision has no model {name!r}") from error
    file = weights_file(weights.url)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if download or _there(file):
            model = _pretrained(make, weights, file, options)
            return Built(model.eval(), True, str(weights))
        bare = {"weights_backbone": None} if name in models.list_models(models.detection) else {}
        return Built(make(weights=None, **bare, **options).eval(), False, f"random, seed {seed}")


def weights_file(url: str) -> Path:
    """Return where PyTorch keeps the file that comes from an address."""
    return Path(torch.hub.get_dir(), "checkpoints", Path(urlparse(url).path).name)


def _there(file: Path) -> bool:
    """Say whether a file can be opened, in a way that whoever keeps results can see."""
    try:
        file.open("rb").close()
    except OSError:
        return False
    return True


def _pretrained(make: Any, weights: Any, file: Path, options: dict[str, Any]) -> nn.Module:
    from pickle import UnpicklingError
    from urllib.error import URLError

    try:
        model: nn.Module = make(weights=weights, progress=False, **options)
    except (URLError, TimeoutError) as error:
        raise ConnectionError(f"cannot fetch {weights.url}: {error}; put it at {file}") from error
    except (RuntimeError, EOFError, UnpicklingError) as error:
        raise ValueError(f"{file}: does not hold {weights}; delete it. {error}") from error
    return model


def main() -> None:
    """Fetch the weights of all three models."""
    import typer

    for name in MODELS:
        typer.echo(f"{name}: {build(name, download=True).notice}")


if __name__ == "__main__":
    main()
