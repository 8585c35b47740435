"""`python -m unrolled charlm`: train a language model by character, and let it write."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from unrolled.charlm import Training
    from unrolled.data.corpora import Corpus

TRAINING_OPTIONS = {
    "cell": "cell",
    "hidden": "hidden_dim",
    "window": "window",
    "streams": "batch_size",
    "steps": "steps",
    "rate": "rate",
    "max_norm": "max_norm",
    "seed": "seed",
}
"""Options of the command, and what `Settings` calls them."""


def charlm(
    context: typer.Context,
    corpus: Annotated[
        str, typer.Option(help="python, shakespeare (downloaded once), or a text file.")
    ] = "python",
    cell: Annotated[str, typer.Option(help="rnn, lstm or gru.")] = "rnn",
    hidden: Annotated[int, typer.Option(help="Units of the state.")] = 256,
    window: Annotated[int, typer.Option(help="Characters the gradient goes back.")] = 64,
    streams: Annotated[int, typer.Option(help="Pieces of the text read side by side.")] = 32,
    steps: Annotated[int, typer.Option(help="Updates in all.")] = 4000,
    rate: Annotated[float, typer.Option(help="Adam's rate at the start; it falls to 0.")] = 0.004,
    max_norm: Annotated[float, typer.Option(help="Longer gradients are shortened to it.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Of the weights and of the writing.")] = 0,
    checkpoint: Annotated[Path, typer.Option(help="Where the training is kept.")] = Path(
        "charlm.pt"
    ),
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint.")] = False,
    save_every: Annotated[int, typer.Option(help="Steps from one save to the next.")] = 200,
    prompt: Annotated[
        str, typer.Option(help="What the model continues; the text's beginning unless given.")
    ] = "",
    length: Annotated[int, typer.Option(help="Characters to write; 0 for none.")] = 400,
    temperature: Annotated[float, typer.Option(help="Below 1 safer, above 1 wilder.")] = 0.8,
    top_k: Annotated[int, typer.Option(help="Only among so many; 0 for all.")] = 0,
) -> None:
    """Train a recurrent network on a text, character by character, and let it write.

    The training is saved every so often, and on Ctrl-C; --resume goes on as if nothing had
    happened. A finished training is not trained further: --resume only lets it write.
    """
    from unrolled import charlm_checkpoint, validate
    from unrolled.charlm import Settings, Training
    from unrolled.data.corpora import encode, load
    from unrolled.data.download import DownloadError

    console = Console()
    try:
        validate.size("save-every", save_every)
        validate.size("length", length, least=0)
        validate.positive("temperature", temperature)
        validate.size("top-k", top_k, least=0)
        given = {TRAINING_OPTIONS[name]: context.params[name] for name in TRAINING_OPTIONS}
        settings = Settings(**given)
        kept = _kept(context, checkpoint, resume, settings)
        text = load(corpus)
        training = Training(
            encode(text.train, text.alphabet),
            len(text.alphabet),
            kept.settings if kept else settings,
        )
        if kept:
            if (kept.alphabet, kept.text) != (text.alphabet, charlm_checkpoint.fingerprint(text)):
                raise ValueError(f"corpus: {checkpoint} was trained on another text than {corpus}")
            training.load_state_dict(kept.training)
        prompt = prompt or text.train[:20]
        encode(prompt, text.alphabet)
    except (ValueError, RuntimeError, DownloadError) as error:
        raise typer.BadParameter(_option_names(str(error))) from error
    console.print(
        f"{text.name}: {len(text.train):,} characters to learn from, {len(text.held_out):,} held "
        f"out; {training.model.parameter_count():,} parameters on {training.device}"
    )
    if not _train(console, training, text, checkpoint, save_every):
        console.print(f"Stopped and saved as {checkpoint}; go on with --resume.")
        raise typer.Exit(130)
    _report(console, training, text)
    if length:
        _write(console, training, text, prompt, length, temperature, top_k, seed)


def _kept(context: typer.Context, path: Path, resume: bool, settings: Any) -> Any:
    """Return the checkpoint to go on from, or None for a new training.

    Raises:
        ValueError: A file that would be overwritten, or options that contradict it.
    """
    from unrolled import charlm_checkpoint

    if not resume:
        if path.exists():
            raise ValueError(f"checkpoint: {path} is there already; --resume goes on from it")
        if not path.parent.is_dir():
            raise ValueError(f"checkpoint: there is no folder {path.parent}")
        return None
    kept = charlm_checkpoint.read(path)
    for option, field in TRAINING_OPTIONS.items():
        source = context.get_parameter_source(option)
        set_by_hand = source is not None and source.name == "COMMANDLINE"
        was, now = getattr(kept.settings, field), getattr(settings, field)
        if set_by_hand and option != "seed" and was != now:
            raise ValueError(f"{option}: got {now}, but {path} was begun with {was}")
    return kept


def _train(console: Console, training: Training, text: Corpus, path: Path, save_every: int) -> bool:
    """Make the updates that are left; return False when Ctrl-C ended it. Saves in both cases."""
    from unrolled import charlm_checkpoint

    if training.step >= training.settings.steps:
        return True
    columns = (TextColumn("{task.completed}/{task.total}"), BarColumn(), TimeRemainingColumn())
    loss = TextColumn("loss {task.fields[loss]:.3f} nats")
    steps, mean = training.settings.steps, 0.0
    with _interrupts() as asked, Progress(*columns, loss, console=console) as progress:
        task = progress.add_task("", total=steps, completed=training.step, loss=mean)
        while training.step < steps and not asked:
            found = training.advance()
            mean = found if not mean else 0.98 * mean + 0.02 * found
            progress.update(task, completed=training.step, loss=mean)
            if training.step % save_every == 0:
                charlm_checkpoint.save(path, training, text)
                console.print(f"step {training.step}: loss {mean:.4f}, saved")
        charlm_checkpoint.save(path, training, text)
    return training.step >= steps


@contextmanager
def _interrupts() -> Iterator[list[int]]:
    """Collect the first Ctrl-C instead of raising it, so that a step is never torn apart."""
    asked: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        asked.append(number)
        signal.signal(number, before)  # the second one ends the program at once

    before = signal.signal(signal.SIGINT, note)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)


def _report(console: Console, training: Training, text: Corpus) -> None:
    from math import log

    from unrolled.charlm import held_out_loss
    from unrolled.data.corpora import encode

    nats = held_out_loss(training.model, encode(text.held_out, text.alphabet))
    console.print(f"held-out loss {nats:.4f} nats, {nats / log(2):.4f} bits a character")


def _write(
    console: Console,
    training: Training,
    text: Corpus,
    prompt: str,
    length: int,
    temperature: float,
    top_k: int,
    seed: int,
) -> None:
    from unrolled.sampling import generate

    (written,) = generate(
        training.model,
        text.alphabet,
        prompt,
        length,
        temperature=temperature,
        top_k=top_k or None,
        seed=seed,
    )
    # Not console.print: it would read [brackets] as markup and break long lines.
    typer.echo(prompt + written)


def _option_names(message: str) -> str:
    """Name the option as it is written on the command line."""
    name, colon, rest = message.partition(":")
    options = {field: option for option, field in TRAINING_OPTIONS.items()}
    known = {**options, "max_norm": "max-norm", "text": "prompt", "tokens": "corpus"}
    return f"--{known.get(name, name)}{colon}{rest}" if " " not in name else message
