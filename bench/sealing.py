"""How fast a file is sealed, and in how much memory: ``python bench/sealing.py [--mb 100] [--times 5] [--folder DIR]``.

Five things are timed in one run, each several times, the best taken (the machine does other things too):

- raw: AES-256-GCM over the whole file in memory, one call, nothing else: the measure of the goal;
- raw in blocks: the same a MiB at a time, which spares the allocation of a second file and so runs far ahead;
- seal: ``envelope.seal_stream`` from a file into nothing;
- seal, store: from a file to a stored item: sealed, named by the SHA-256 of the sealed bytes, synced to disk;
- hash, seal, store: the same with SHA-256 and SHA-512 of the original, as every item is taken in.

Beside them what no way of sealing can avoid, each alone: SHA-512 of the file, and writing and syncing as many bytes.

Memory is measured twice: what Python allocates at most (tracemalloc) and how the process grows (VmHWM), for the file
and for one four times as long, each in a process of its own.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

GOAL = 0.5
BLOCK = 1 << 20
KEY = bytes(range(32))


class Nowhere:
    def write(self, data: bytes) -> None:
        pass


def best(times: int, work: Callable[[], object]) -> float:
    """Seconds of the quickest of several goes."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def make_file(file: Path, megabytes: int) -> None:
    with file.open("wb") as stream:
        for _ in range(megabytes):
            stream.write(os.urandom(1_000_000))


def seal_and_store(file: Path, folder: Path) -> str:
    """As ``stores/sealing.seal_into`` does it, with a key that needs no database."""
    from habeas.access.core import envelope
    from habeas.evidence import store
    from habeas.evidence.stores.sealing import hashed

    with file.open("rb", buffering=0) as stream, hashed(stream) as original:
        name = store.put_pieces(folder, envelope.sealed_blocks(KEY, original, "item/1"))
        original.hashes()
    (folder / name[:2] / name).unlink()
    return name


def write_and_sync(content: bytes, folder: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=folder) as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def speed(megabytes: int, times: int, folder: Path) -> None:
    from habeas.access.core import envelope
    from habeas.evidence import store

    file = folder / "original"
    make_file(file, megabytes)
    content = file.read_bytes()
    cipher, view = AESGCM(KEY), memoryview(content)

    def in_blocks() -> None:
        for start in range(0, len(content), BLOCK):
            cipher.encrypt(bytes(12), view[start : start + BLOCK], None)

    def sealed() -> None:
        with file.open("rb", buffering=0) as stream:
            envelope.seal_stream(KEY, stream, Nowhere(), "item/1")

    def stored() -> None:
        with file.open("rb", buffering=0) as stream:
            name = store.put_pieces(folder, envelope.sealed_blocks(KEY, stream, "item/1"))
        (folder / name[:2] / name).unlink()

    def hashed_only() -> None:
        hashlib.sha512(content).digest()

    results = {
        "raw": best(times, lambda: cipher.encrypt(bytes(12), content, None)),
        "raw in blocks": best(times, in_blocks),
        "SHA-512 alone": best(times, hashed_only),
        "write and sync alone": best(times, lambda: write_and_sync(content, folder)),
        "seal": best(times, sealed),
        "seal, store": best(times, stored),
        "hash, seal, store": best(times, lambda: seal_and_store(file, folder)),
    }
    raw = results["raw"]
    print(f"{megabytes} MB, {os.cpu_count()} cores, best of {times}")
    for name, seconds in results.items():
        print(f"  {name:<22} {seconds * 1000:7.0f} ms  {megabytes / seconds:7.0f} MB/s  {raw / seconds:6.0%} of raw")
    for name in ("seal", "seal, store", "hash, seal, store"):
        print(f"  goal of {GOAL:.0%} of raw for {name!r}: {'met' if raw / results[name] >= GOAL else 'missed'}")


def memory(megabytes: int, folder: Path) -> None:
    print("memory on top of a process that has sealed a small file:")
    for size in (megabytes, 4 * megabytes):
        told = subprocess.run(  # noqa: S603 (ourselves)
            [sys.executable, __file__, "--memory-of", str(size), "--folder", str(folder)],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        found = json.loads(told)
        print(
            f"  {size:5} MB: allocated at most {found['allocated'] / 1e6:.1f} MB, grew by {found['grown'] / 1e6:.1f} MB"
        )


def memory_of(megabytes: int, folder: Path) -> None:
    """Print what sealing takes, once with nothing watching for growth and once under tracemalloc."""
    small, file = folder / "small", folder / "original"
    make_file(small, 8)
    make_file(file, megabytes)
    seal_and_store(small, folder)
    before = most_resident()
    seal_and_store(file, folder)
    grown = most_resident() - before
    tracemalloc.start()
    seal_and_store(file, folder)
    print(json.dumps({"grown": grown, "allocated": tracemalloc.get_traced_memory()[1]}))


def most_resident() -> int:
    """The most memory this process ever held, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise OSError("/proc/self/status tells no VmHWM: this measure needs Linux")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--mb", type=int, default=100)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="on the disk to be measured (default: a temporary one)")
    parser.add_argument("--memory-of", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        if options.memory_of:
            memory_of(options.memory_of, Path(name))
        else:
            speed(options.mb, options.times, Path(name))
            memory(options.mb, Path(name))


if __name__ == "__main__":
    main()
