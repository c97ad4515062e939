"""How much time and memory the process of a model may use, by the size of its file."""

from __future__ import annotations

MEBIBYTE = 1024**2
#: Processor time that reading any file may use, and how much more for each MiB of the file.
CPU_SECONDS, CPU_SECONDS_PER_MEBIBYTE = 5, 0.25
#: How many times as long it may take by the clock, because the machine may have other work to do.
MAX_SLOWDOWN = 12
#: Bytes of memory that any file may use, and how many more for each byte of the file.
MEMORY_BYTES, MEMORY_BYTES_PER_BYTE = 1024 * MEBIBYTE, 8


def max_cpu_seconds(size: int) -> int:
    """Return how many seconds of processor time reading a file of this many bytes may use."""
    return int(CPU_SECONDS + CPU_SECONDS_PER_MEBIBYTE * size / MEBIBYTE)


def max_seconds(size: int) -> int:
    """Return how many seconds by the clock reading a file of this many bytes may take."""
    return MAX_SLOWDOWN * max_cpu_seconds(size)


def max_memory(size: int) -> int:
    """Return how many bytes of memory the process of a file of this many bytes may use."""
    return MEMORY_BYTES + MEMORY_BYTES_PER_BYTE * size
