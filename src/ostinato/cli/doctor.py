"""`ostinato doctor`: what runs here, and why the rest does not."""

import os
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import click

from ostinato import __version__
from ostinato.cli.screen import emit, show

LIBRARIES = (
    "torch",
    "numpy",
    "scipy",
    "scikit-learn",
    "pyarrow",
    "tokenizers",
    "safetensors",
    "click",
    "rich",
    "matplotlib",
)
_VARIABLES = ("OSTINATO_BACKEND", "OSTINATO_CPU_ISA", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "CUDA_VISIBLE_DEVICES")


def versions() -> dict[str, str]:
    """Return the versions of Python, of this library and of those it stands on."""
    found = {"ostinato": __version__, "python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing: run pip install ostinato again"
    return found


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def doctor(as_json: bool) -> None:
    """Say what runs here, and why the rest does not.

    Shows versions, processor, threads, and each backend with its reason. Put its output into a report of a fault.
    """
    found: dict[str, Any] = {"versions": versions(), "machine": machine(), "backends": list(backends())}
    if as_json:
        emit(found)
        return
    from ostinato.report.table import table

    show(
        table([{"library": name, "version": number} for name, number in found["versions"].items()]),
        table([{"machine": name.replace("_", " "), "value": str(value)} for name, value in found["machine"].items()]),
        table([{name: value or "runs" for name, value in row.items()} for row in found["backends"]]),
    )


def machine() -> dict[str, Any]:
    """Return what matters for speed: processor, instruction set, threads, accelerator, settings in the environment."""
    import torch

    from ostinato.kernels.native import instruction_set, missing
    from ostinato.kernels.native.library import missing_bfloat16

    cuda = torch.cuda.is_available()
    settings = {name: os.environ[name] for name in _VARIABLES if name in os.environ}
    return {
        "system": f"{platform.system()} {platform.release()} ({platform.machine()})",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "instruction_set": torch.backends.cpu.get_cpu_capability(),
        "native_kernels": instruction_set() or missing(),
        "bfloat16": missing_bfloat16() or "where allowed: precision='bfloat16'",
        "threads": torch.get_num_threads(),
        "onednn": torch.backends.mkldnn.is_available(),
        "accelerator": torch.cuda.get_device_name() if cuda else "none",
        "environment": ", ".join(f"{name}={value}" for name, value in settings.items()) or "nothing set",
        "executable": sys.executable,
    }


def backends() -> Iterator[dict[str, str | None]]:
    """Yield for each cell a row: backend -> why it cannot run the cell, None where it can."""
    import torch

    from ostinato.cells import CELLS
    from ostinato.kernels import Layer, Weights, explain

    T, B, I, H = 2, 2, 3, 4  # noqa: E741  (the field's letter)
    for name, cell in CELLS.items():
        GH = len(cell.gates) * H
        weights = Weights(
            torch.zeros(GH, I),
            torch.zeros(GH, H),
            torch.zeros(GH),
            torch.zeros(GH),
            extra={extra: torch.zeros(H) for extra in cell.extra},
        )
        states = tuple(torch.zeros(1, B, H) for _ in cell.states)
        layer = Layer(torch.zeros(T * B, I), torch.full((T,), B), (weights,), states)
        yield {"cell": name, **dict(explain(cell, layer))}


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123
            return next(line.partition(":")[2].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
