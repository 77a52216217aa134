"""What a figure was measured on: processor, threads and versions, to stand beside it."""

import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch


def machine(device: str = "cpu") -> dict[str, str | int]:
    """Processor, cores, the graphics processor that a network was trained on, and the versions a result depends on."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    told = dict(reversed([(key.strip(), value.strip()) for key, _, value in (line.partition(":") for line in lines)]))
    return {
        "processor": told.get("model name") or platform.processor() or platform.machine(),
        # In virtual machines the name alone does not tell generations apart, and their peaks differ by twice.
        "family, model": f"{told.get('cpu family', '?')}, {told.get('model', '?')}",
        "isa": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        **({} if device == "cpu" else {"trained on": torch.cuda.get_device_name(device)}),
        **{name: version(name) for name in ("ostinato", "torch", "numpy", "scikit-learn")},
    }


def installed(packages: Iterable[str]) -> dict[str, str | None]:
    """The version of each package; None where it is not there."""
    found: dict[str, str | None] = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    return found
