"""Finds the shared object for this processor and loads it, once, at the first question."""

import ctypes
import functools
import os
import platform
import sys
from pathlib import Path

import torch

from ..._core.errors import InputError
from ..constant import constant_in_graphs
from .abi import ABI, declare

# Slowest first; each processor that has one has those before it.
_X86 = ("baseline", "avx2", "avx512")
_SETS = {"x86_64": _X86, "amd64": _X86, "aarch64": ("neon",), "arm64": ("neon",)}
_ENDINGS = (".so", ".dylib", ".dll")
_BEST = {"AVX2": "avx2", "AVX512": "avx512"}  # torch's names


def library(precision: str = "float32") -> ctypes.CDLL:
    """Return the loaded library; `missing()` must be None, for products in bfloat16 also `missing_bfloat16()`."""
    loaded, reason = _load() if precision == "float32" else _load_bfloat16()
    if loaded is None:
        raise RuntimeError(reason)
    return loaded


@constant_in_graphs
def missing() -> str | None:
    """Say in words why there is no native library, or return None where there is one.

    Example:
        >>> missing() is None or isinstance(missing(), str)
        True
    """
    return _load()[1]


@constant_in_graphs
def missing_bfloat16() -> str | None:
    """Say in words why there are no products in bfloat16, or return None where there are.

    Example:
        >>> missing_bfloat16() is None or isinstance(missing_bfloat16(), str)
        True
    """
    return _load_bfloat16()[1]


def instruction_set() -> str | None:
    """Name the instruction set in use: "baseline", "avx2", "avx512", "neon"; None where there is no library.

    The environment's OSTINATO_CPU_ISA caps it, so that one machine can test all of them.
    """
    loaded, _ = _load()
    return None if loaded is None else str(loaded.ostinato_isa().decode())


def instruction_sets() -> tuple[str, ...]:
    """Name all those that were built and run here, slowest first; the last is in use.

    Example:
        >>> instruction_sets()[-1:] == (() if instruction_set() is None else (instruction_set(),))
        True
    """
    able, built = _able(), _objects()
    return () if isinstance(able, str) else tuple(name for name in able if name in built)


@functools.cache
def _load() -> tuple[ctypes.CDLL | None, str | None]:
    built = _objects()
    if not built:
        return None, "the native library was not built (no C++ compiler at installation): install one and reinstall"
    able = _able()
    if isinstance(able, str):
        return None, able
    for name in reversed(able):
        if name in built:
            return _open(built[name])
    return None, f"the native library was built for {', '.join(sorted(built))}; this processor runs {', '.join(able)}"


@functools.cache
def _load_bfloat16() -> tuple[ctypes.CDLL | None, str | None]:
    if (reason := missing()) is not None:
        return None, reason
    if instruction_set() != "avx512":
        return None, f"products in bfloat16 need AVX512-BF16; the native kernels run on {instruction_set()} here"
    if not torch.cpu._is_avx512_bf16_supported():
        return None, "products in bfloat16 need AVX512-BF16; this processor has AVX-512 without it"
    if (path := _objects().get("avx512_bf16")) is None:
        return None, "products in bfloat16 were not built (the compiler at installation knows no AVX512-BF16)"
    return _open(path)


def _objects() -> dict[str, Path]:
    """The shared objects beside this package, by set; an editable installation has them in a folder of its own."""
    folders = [Path(folder) for folder in sys.modules[__package__].__path__]
    paths = [path for folder in folders for path in sorted(folder.glob("*ostinato_*")) if path.suffix in _ENDINGS]
    return {path.stem.removeprefix("lib").removeprefix("ostinato_"): path for path in paths}


def _able() -> tuple[str, ...] | str:
    """The instruction sets that may run here, slowest first, or why there are none.

    Raises:
        InputError: OSTINATO_CPU_ISA names none of this processor's kind.
    """
    machine = platform.machine().lower()
    sets = _SETS.get(machine)
    if sets is None:
        return f"the native library has no code for processor {machine!r}"
    cap = os.environ.get("OSTINATO_CPU_ISA") or sets[-1]
    if cap not in sets:
        raise InputError(
            f"OSTINATO_CPU_ISA is {cap!r}; one of {', '.join(sets)} expected on {machine}: change or unset it"
        )
    best = _BEST.get(torch.backends.cpu.get_cpu_capability(), "baseline") if sets is _X86 else sets[-1]
    return min(_upto(sets, cap), _upto(sets, best), key=len)


def _upto(sets: tuple[str, ...], last: str) -> tuple[str, ...]:
    return sets[: sets.index(last) + 1]


def _open(path: Path) -> tuple[ctypes.CDLL | None, str | None]:
    try:
        loaded = ctypes.CDLL(str(path))
    except OSError as error:
        return None, f"the native library could not be loaded: {error}"
    if (abi := loaded.ostinato_abi()) != ABI:
        return None, f"the native library has interface {abi}; {ABI} expected: reinstall"
    declare(loaded)
    loaded.ostinato_use_openmp(*_openmp())
    return loaded, None


_OPENMP = ("GOMP_parallel", "omp_get_num_threads", "omp_get_thread_num")


def _openmp() -> tuple[int | None, ...]:
    """Addresses of `_OPENMP` in the OpenMP runtime that torch brought, so that its threads are ours too; or Nones.

    Two pools of spinning threads on the same cores would halve the speed of both.
    """
    nothing = (None,) * len(_OPENMP)
    if not sys.platform.startswith("linux"):
        return nothing
    maps = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace")
    paths = {line.split(maxsplit=5)[5] for line in maps.splitlines() if "libgomp" in line}
    torchs = sorted(path for path in paths if "torch" in path) or sorted(paths)
    if not torchs:
        return nothing
    try:
        runtime = ctypes.CDLL(torchs[0])
        return tuple(ctypes.cast(getattr(runtime, name), ctypes.c_void_p).value for name in _OPENMP)
    except (OSError, AttributeError):
        return nothing
