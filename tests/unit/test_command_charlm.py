"""`python -m unrolled charlm`: trains, saves, resumes, writes, and refuses by name."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

import unrolled
from unrolled.__main__ import app

# The type of the context that typer hands over is not the one it names.
pytestmark = pytest.mark.usefixtures("shapes_unchecked")

TEXT = "the cat sat on the mat and the rat sat on the cat. " * 40
SIZES = ["--hidden", "8", "--window", "5", "--streams", "4"]
SMALL = [*SIZES, "--steps", "40", "--save-every", "10", "--length", "30"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("cat.txt").write_text(TEXT, "utf-8")
    return tmp_path


def run(*options: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["charlm", "--corpus", "cat.txt", *options])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    words = re.sub(r"[│╭╮╰╯─\s]+", " ", result.output)
    return result.exit_code, words


def test_trains_saves_and_writes(folder: Path) -> None:
    code, output = run(*SMALL, "--prompt", "the ", "--top-k", "3")
    assert code == 0, output
    assert re.search(r"step 10: loss \d\.\d+, saved", output)
    assert re.search(r"held-out loss \d\.\d+ nats, \d\.\d+ bits", output)
    assert "the " in output
    assert Path("charlm.pt").is_file()


def test_resume_of_a_finished_training_only_writes(folder: Path) -> None:
    assert run(*SMALL)[0] == 0
    before = Path("charlm.pt").read_bytes()
    code, output = run("--resume", "--length", "10")
    assert code == 0, output
    assert "held-out loss" in output
    assert Path("charlm.pt").read_bytes() == before


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["--corpus", "none.txt"], ["--corpus: there is no file none.txt"]),
        (["--corpus", "."], ["--corpus: . is a folder"]),
        (["--hidden", "0"], ["--hidden: got 0, expected an integer of at least 1"]),
        (["--cell", "gpt"], ["--cell: got 'gpt', expected one of"]),
        (["--steps", "ten"], ["'--steps'", "valid integer"]),
        (["--rate", "-1"], ["--rate: got -1.0"]),
        (["--max-norm", "0"], ["--max-norm: got 0.0"]),
        (["--temperature", "0"], ["--temperature: got 0.0"]),
        (["--top-k", "-1"], ["--top-k: got -1"]),
        (["--length", "-1"], ["--length: got -1"]),
        (["--save-every", "0"], ["--save-every: got 0"]),
        (["--window", "5000"], ["--corpus:", "expected more than the window"]),
        (["--prompt", "Zebra"], ["--prompt: 'Z'", "is not among the"]),
        (["--resume"], ["--checkpoint: there is no file charlm.pt"]),
        (["--checkpoint", "no/such/x.pt"], ["--checkpoint: there is no folder"]),
        (["--nonsense", "1"], ["--nonsense"]),
    ],
)
def test_bad_arguments(folder: Path, options: list[str], parts: list[str]) -> None:
    code, output = run(*SMALL, *options)
    assert code == 2, output
    for part in parts:
        assert part in output
    assert "learn from" not in output
    assert sorted(path.name for path in folder.iterdir()) == ["cat.txt"]


def test_a_checkpoint_is_not_overwritten_and_not_contradicted(folder: Path) -> None:
    assert run(*SMALL)[0] == 0
    code, output = run(*SMALL)
    assert code == 2
    assert "charlm.pt is there already; --resume goes on" in output
    code, output = run("--resume", "--hidden", "9")
    assert code == 2
    assert "--hidden: got 9, but charlm.pt was begun with 8" in output
    Path("cat.txt").write_text(TEXT.replace("cat", "dog"), "utf-8")
    code, output = run("--resume")
    assert code == 2
    assert "was trained on another text" in output


def test_shakespeare_without_a_network(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLLED_DATA", str(folder / "data"))
    monkeypatch.setattr("unrolled.data.corpora.SHAKESPEARE_URL", "http://127.0.0.1:9/input.txt")
    monkeypatch.setattr("unrolled.data.download.time.sleep", lambda seconds: None)
    code, output = run("--corpus", "shakespeare")
    assert code == 2
    assert "could not be downloaded in 3 attempts: no connection" in output


def process(folder: Path, name: str, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "unrolled", "charlm", "--corpus", "cat.txt"]
    environment = os.environ | {
        "PYTHONPATH": str(Path(unrolled.__file__).parents[1]),
        "OMP_NUM_THREADS": "1",
        "UNROLLED_DEVICE": "cpu",
        "COLUMNS": "200",
    }
    return subprocess.Popen(
        [*command, "--checkpoint", name, *options],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


LONG = [*SIZES, "--steps", "3000", "--save-every", "100", "--length", "0"]


def ended(running: subprocess.Popen[str], name: str, folder: Path, number: int) -> int:
    """Send a signal once the first checkpoint is there; return the exit code."""
    deadline = time.monotonic() + 60
    while not (folder / name).exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    running.send_signal(number)
    running.communicate(timeout=60)
    return running.returncode


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals are sent another way there")
def test_interrupted_and_killed_then_resumed_bit_for_bit(folder: Path) -> None:
    whole = process(folder, "whole.pt", *LONG)
    whole.communicate(timeout=120)
    assert whole.returncode == 0

    assert ended(process(folder, "part.pt", *LONG), "part.pt", folder, signal.SIGINT) == 130
    step = torch.load(folder / "part.pt", weights_only=True)["state"]["training"]["step"]
    assert 100 <= step < 3000

    killed = process(folder, "part.pt", "--resume", "--length", "0", "--save-every", "100")
    time.sleep(3)  # anywhere: before it begins, in a step, in the middle of a save
    killed.kill()
    killed.communicate(timeout=60)

    resumed = process(folder, "part.pt", "--resume", "--length", "0")
    output, _ = resumed.communicate(timeout=120)
    assert resumed.returncode == 0, output
    one, two = (
        torch.load(folder / name, weights_only=True)["state"]["training"]["model"]
        for name in ("whole.pt", "part.pt")
    )
    for name in one:
        assert torch.equal(one[name], two[name]), name
