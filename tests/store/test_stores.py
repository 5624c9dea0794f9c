"""One contract, two stores: a folder, and a bucket of an S3-compatible service (moto's). And a folder's power cuts."""

from __future__ import annotations

import hashlib
import io
import logging
import os
import random
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from factories.reports import NOON
from habeas.access import keys
from habeas.access.core import envelope
from habeas.evidence import store
from habeas.evidence.stores.sealing import seal_into

SEALED = b"sealed bytes"
NAME = hashlib.sha256(SEALED).hexdigest()
LONG = bytes(range(256)) * 4 * 9000  # over 8 MiB: longer than waits in memory, shorter than it takes


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(service, settings, tmp_path):
    """A fresh bucket. Its client is for looking behind the store's back."""
    from minio import Minio

    settings.HABEAS_S3_ENDPOINT = service
    settings.HABEAS_S3_ACCESS_KEY, settings.HABEAS_S3_SECRET_KEY = "examplia", "not a secret"
    settings.HABEAS_S3_REGION = "us-east-1"
    settings.HABEAS_SCRATCH = tmp_path / "scratch"
    name = f"evidence-{os.urandom(6).hex()}"
    client = Minio(service.removeprefix("http://"), "examplia", "not a secret", secure=False, region="us-east-1")
    client.make_bucket(name)
    store._s3.cache_clear()
    yield client, name
    store._s3.cache_clear()


@pytest.fixture(params=["folder", "bucket"])
def place(request, tmp_path) -> Path | str:
    """What a setting names."""
    if request.param == "folder":
        return tmp_path / "evidence"
    return f"s3://{request.getfixturevalue('bucket')[1]}/house/evidence"


@pytest.fixture
def damage(place, request) -> Callable[[str, bytes | None], None]:
    """Changes the bytes under a name behind the store's back; None takes them away."""

    def on_disk(name: str, content: bytes | None) -> None:
        file = Path(place) / name[:2] / name
        if content is None:
            file.unlink()
        else:
            file.write_bytes(content)

    def in_bucket(name: str, content: bytes | None) -> None:
        client, bucket = request.getfixturevalue("bucket")
        key = f"house/evidence/{name[:2]}/{name}"
        if content is None:
            client.remove_object(bucket, key)
        else:
            client.put_object(bucket, key, io.BytesIO(content), len(content))

    return in_bucket if str(place).startswith("s3://") else on_disk


class Trickle:
    """A reader that gives less than it is asked for."""

    def __init__(self, content: bytes) -> None:
        self._stream = io.BytesIO(content)

    def read(self, size: int) -> bytes:
        return self._stream.read(min(size, 7))


class Breaks:
    """A reader that fails in the middle."""

    def __init__(self) -> None:
        self._pieces = [b"first half" * 200_000]

    def read(self, _: int) -> bytes:
        if not self._pieces:
            raise OSError(5, "Input/output error")
        return self._pieces.pop()


@pytest.mark.parametrize("content", [b"", b"\x00", SEALED, LONG], ids=["nothing", "a-byte", "short", "long"])
def test_what_is_stored_comes_back_under_its_hash(place, content):
    name = store.put(place, content)
    assert name == hashlib.sha256(content).hexdigest()
    assert store.get(place, name) == content
    assert store.has(place, name)
    assert list(store.names(place)) == [name]


def test_bytes_a_file_and_a_stream_are_stored_alike(place, tmp_path):
    file = tmp_path / "sealed"
    file.write_bytes(SEALED)
    assert store.put_file(place, file) == NAME
    assert store.put_stream(place, Trickle(SEALED)) == NAME
    assert store.put(place, SEALED) == NAME
    assert store.put_pieces(place, [SEALED[:3], b"", SEALED[3:]]) == NAME
    assert list(store.names(place)) == [NAME]
    assert file.read_bytes() == SEALED


def test_a_stream_is_read_piece_by_piece_and_ends(place):
    with store.open_stream(place, store.put(place, SEALED)) as item:
        assert item.read(6) == b"sealed"
        assert item.read(100) == b" bytes"
        assert (item.read(1), item.read(1)) == (b"", b"")


def test_a_store_nobody_used_yet_has_nothing(place):
    assert list(store.names(place)) == []
    assert not store.has(place, NAME)


def test_every_name_is_told(place):
    names = {store.put(place, bytes([number])) for number in range(40)}
    assert len(names) == 40
    assert set(store.names(place)) == names


def test_what_is_missing_is_named(place, damage):
    with pytest.raises(store.ItemDamaged, match=rf"{NAME[:12]}… cannot be read .*restore it from a backup"):
        store.get(place, NAME)
    damage(store.put(place, SEALED), None)
    with pytest.raises(store.ItemDamaged, match="cannot be read"):
        store.open_stream(place, NAME)


@pytest.mark.parametrize("changed", [b"", b"sealed byte", b"sealed bytez", b"sealed bytes "])
def test_what_was_changed_is_named_at_the_latest_at_its_end(place, damage, changed):
    name = store.put(place, SEALED)
    damage(name, changed)
    with pytest.raises(store.ItemDamaged, match=r"was changed .*; restore it from a backup"):
        store.get(place, name)
    with store.open_stream(place, name) as item, pytest.raises(store.ItemDamaged, match="was changed"):
        list(iter(lambda: item.read(5), b""))


def test_what_is_deleted_is_gone_and_deleting_it_again_is_harmless(place):
    kept, gone = store.put(place, b"kept"), store.put(place, SEALED)
    store.delete(place, gone)
    store.delete(place, gone)
    assert not store.has(place, gone)
    assert list(store.names(place)) == [kept]
    with pytest.raises(store.ItemDamaged):
        store.get(place, gone)
    assert store.put(place, SEALED) == gone
    assert store.get(place, gone) == SEALED


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", NAME.upper(), NAME[:-1], NAME + "0", "aa/" + NAME])
def test_what_is_no_name_leads_nowhere(place, name):
    store.put(place, SEALED)
    assert not store.has(place, name)
    with pytest.raises(store.ItemDamaged, match="not a name"):
        store.open_stream(place, name)
    with pytest.raises(store.ItemDamaged, match="not a name"):
        store.delete(place, name)
    assert store.get(place, NAME) == SEALED


def test_a_reader_that_fails_leaves_nothing(place, tmp_path):
    with pytest.raises(OSError, match="Input/output"):
        store.put_stream(place, Breaks())
    assert list(store.names(place)) == []
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_many_writers_of_the_same_and_of_other_bytes_do_not_disturb_each_other(place):
    contents = [bytes([number % 4]) * 50_000 for number in range(16)]
    names: list[str] = []
    threads = [threading.Thread(target=lambda one=one: names.append(store.put(place, one))) for one in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(names) == sorted(hashlib.sha256(one).hexdigest() for one in contents)
    assert set(store.names(place)) == set(names)
    for one in contents:
        assert store.get(place, hashlib.sha256(one).hexdigest()) == one


@pytest.mark.django_db
@pytest.mark.parametrize("size", [0, 11, 3 * envelope.BLOCK_BYTES + 5])
def test_a_file_is_hashed_sealed_and_stored_in_one_pass(place, size):
    key, content = keys.new_case_key(at=NOON), os.urandom(size)
    stored = seal_into(place, key, io.BytesIO(content), "item/1")
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert stored.sha512 == hashlib.sha512(content).hexdigest()
    assert stored.size_bytes == size
    opened = io.BytesIO()
    with store.open_stream(place, stored.name) as item:
        keys.unseal_stream(key, item, opened, "item/1")
    assert opened.getvalue() == content
    assert keys.unseal(key, store.get(place, stored.name), "item/1") == content
    assert content[:64] not in store.get(place, stored.name) or not content


@pytest.mark.django_db
def test_a_file_that_cannot_be_read_to_its_end_is_not_stored(place):
    with pytest.raises(OSError, match="Input/output"):
        seal_into(place, keys.new_case_key(at=NOON), Breaks(), "item/1")
    assert list(store.names(place)) == []
    assert [thread for thread in threading.enumerate() if thread.name == "hashing"] == []


@pytest.mark.django_db
def test_memory_does_not_grow_with_the_length_of_a_file(tmp_path):
    key = keys.new_case_key(at=NOON)

    class Zeros:
        def __init__(self, blocks: int) -> None:
            self.left = blocks

        def read(self, size: int) -> bytes:
            self.left -= 1
            return bytes(size) if self.left >= 0 else b""

    def peak(blocks: int) -> int:
        tracemalloc.start()
        seal_into(tmp_path, key, Zeros(blocks), "item/1")
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(2)
    # What waits for three hashes, what is being sealed and what comes next: under 20 blocks, however many pass.
    assert max(peak(48), peak(160)) < 20 * envelope.BLOCK_BYTES


# What only a folder promises.


def files_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.rglob("*") if file.is_file())


def test_deleting_writes_over_the_bytes_before_they_go(tmp_path, monkeypatch):
    place = tmp_path / NAME[:2] / NAME
    store.put(tmp_path, SEALED)
    os.link(place, tmp_path / "the same disk blocks")
    store.delete(tmp_path, NAME)
    left = (tmp_path / "the same disk blocks").read_bytes()
    assert len(left) == len(SEALED)
    assert SEALED not in left


def test_a_deletion_that_died_half_way_is_finished_by_the_next(tmp_path, monkeypatch):
    store.put(tmp_path, SEALED)

    def die(_: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "_write_over", die)
    with pytest.raises(KeyboardInterrupt):
        store.delete(tmp_path, NAME)
    monkeypatch.undo()
    assert not store.has(tmp_path, NAME), "what is half gone has no name any more"
    assert list(store.names(tmp_path)) == []
    store.delete(tmp_path, NAME)
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("nameless", [True, False], ids=["nameless-files", "none-known"])
def test_a_file_system_without_nameless_files_does_as_well(tmp_path, monkeypatch, nameless):
    if not nameless:
        monkeypatch.setattr(store, "_nameless", lambda _: None)
    name = store.put(tmp_path, SEALED)
    assert store.get(tmp_path, name) == SEALED
    assert files_in(tmp_path) == [name]
    assert (tmp_path / name[:2] / name).stat().st_mode & 0o077 == 0
    monkeypatch.setattr(store.os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space left"):
        store.put(tmp_path, b"too much")
    assert files_in(tmp_path) == [name]


def test_what_dead_writers_left_is_tidied_and_what_is_being_written_is_not(tmp_path):
    store.put(tmp_path, SEALED)
    old, young = tmp_path / ".new-old", tmp_path / ".new-young"
    for file in (old, young):
        file.write_bytes(b"half")
    os.utime(old, (0, 0))
    assert store.Disk(tmp_path).tidy() == 1
    assert files_in(tmp_path) == sorted([young.name, NAME])
    assert list(store.names(tmp_path)) == [NAME]


WRITER = """\
import os, sys
from pathlib import Path
from habeas.access.core.envelope import sealed_blocks
from habeas.evidence import store
folder, plain = Path(sys.argv[1]), b"she lives at Lindengracht 212; " * 40_000
if sys.argv[2] == "named":
    store._nameless = lambda _: None
class Reader:
    def __init__(self):
        self.left = plain + os.urandom(8)
    def read(self, size):
        given, self.left = self.left[:size], self.left[size:]
        return given
key = bytes(32)
os.write(1, b"go\\n")
while True:
    os.write(1, store.put_pieces(folder, sealed_blocks(key, Reader(), "item/1")).encode() + b"\\n")
"""


@pytest.mark.parametrize(("way", "kills"), [("nameless", 25), ("named", 12)])
def test_a_writer_killed_at_any_instant_loses_nothing_it_promised(tmp_path, way, kills):
    instants = random.Random(20261123)  # noqa: S311 - instants to die at are no secret
    promised: set[str] = set()
    for _ in range(kills):
        child = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), way], stdout=subprocess.PIPE)
        assert child.stdout is not None
        assert child.stdout.readline() == b"go\n"
        time.sleep(instants.uniform(0, 0.06))
        child.send_signal(signal.SIGKILL)
        said = child.stdout.read()
        child.wait()
        child.stdout.close()
        # A line that was cut off promised nothing.
        promised |= {line.decode() for line in said.split(b"\n")[:-1]}
        found = set(store.names(tmp_path))
        assert promised <= found, "what was promised is there"
        for name in found:
            assert store.Disk(tmp_path).open(name) is not None
        left = [file for file in tmp_path.rglob("*") if file.is_file() and file.name not in found]
        assert way == "named" or left == []
        assert all(b"Lindengracht" not in file.read_bytes() for file in left), "what is left over is sealed"
        assert all(file.stat().st_mode & 0o077 == 0 for file in left)
    assert promised
    for name in store.names(tmp_path):
        assert len(envelope.unseal(bytes(32), store.get(tmp_path, name), "item/1")) > 1_000_000, "no half file"
    store.Disk(tmp_path).tidy(older_than_seconds=-1)
    assert files_in(tmp_path) == sorted(store.names(tmp_path))


# What only a bucket has.


def test_a_bucket_that_keeps_versions_keeps_none_of_what_was_deleted(bucket, settings):
    from minio.commonconfig import ENABLED
    from minio.versioningconfig import VersioningConfig

    client, name = bucket
    client.set_bucket_versioning(name, VersioningConfig(ENABLED))
    place = f"s3://{name}"
    store.put(place, SEALED)
    store.delete(place, NAME)
    store.put(place, SEALED)
    store.delete(place, NAME)
    assert list(client.list_objects(name, recursive=True, include_version=True)) == []


def test_two_houses_in_one_bucket_do_not_see_each_other(bucket):
    _, name = bucket
    store.put(f"s3://{name}/one", SEALED)
    assert list(store.names(f"s3://{name}/one")) == [NAME]
    assert list(store.names(f"s3://{name}/on")) == []
    assert not store.has(f"s3://{name}/other", NAME)


def test_what_else_lies_in_the_bucket_is_no_item(bucket):
    client, name = bucket
    for key in ("house/notes.txt", f"house/{NAME}", f"house/zz/{NAME}", f"house/{NAME[:2]}/deeper/{NAME}"):
        client.put_object(name, key, io.BytesIO(b"x"), 1)
    assert list(store.names(f"s3://{name}/house")) == []


def test_a_long_item_waits_on_disk_sealed_and_leaves_nothing_there(bucket, tmp_path):
    _, name = bucket
    store.put(f"s3://{name}", LONG)
    assert files_in(tmp_path / "scratch") == []


def test_a_service_that_is_down_is_named_and_not_taken_for_damage(bucket, settings):
    settings.HABEAS_S3_ENDPOINT = "http://127.0.0.1:9"
    store._s3.cache_clear()
    place = f"s3://{bucket[1]}"
    for attempt in (lambda: store.put(place, SEALED), lambda: store.get(place, NAME), lambda: store.has(place, NAME)):
        with pytest.raises(store.StoreUnreachable, match="gave no answer") as trouble:
            attempt()
        assert "not a secret" not in str(trouble.value)
        assert "127.0.0.1" not in str(trouble.value)


def test_a_bucket_that_is_not_there_is_named(bucket):
    with pytest.raises(store.StoreUnreachable, match=r"bucket no-such-bucket refused: NoSuchBucket"):
        store.put("s3://no-such-bucket/house", SEALED)


@pytest.mark.parametrize(
    ("place", "changed", "sentence"),
    [
        pytest.param("s3://bucket", {"HABEAS_S3_SECRET_KEY": ""}, "HABEAS_S3_SECRET_KEY must be set", id="no-secret"),
        pytest.param("s3:///prefix", {}, "needs the name of a bucket", id="no-bucket"),
        pytest.param("s3://bucket", {"HABEAS_S3_ENDPOINT": "store.example.org"}, "must look like", id="no-scheme"),
        pytest.param("ftp://store.example.org", {}, "ftp:// is unknown", id="another-kind"),
    ],
)
def test_a_setting_that_names_no_store_says_what_is_missing(bucket, settings, place, changed, sentence):
    for name, value in changed.items():
        setattr(settings, name, value)
    store._s3.cache_clear()
    with pytest.raises(store.NoSuchStore, match=sentence):
        store.put(place, SEALED)
