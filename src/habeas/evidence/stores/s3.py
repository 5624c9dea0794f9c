"""A store in a bucket of an S3-compatible service: ``s3://bucket/prefix`` holds ``prefix/<two digits>/<name>``.

The service is told by ``HABEAS_S3_ENDPOINT`` (https://host:port), ``HABEAS_S3_ACCESS_KEY``, ``HABEAS_S3_SECRET_KEY``
and, where it wants one, ``HABEAS_S3_REGION``. It sees sealed bytes, their sizes and when they come and go.

An object appears whole or not at all, which is what such services promise. As it must have its name from the start and
the name is a hash of everything, sealed bytes too long for memory wait on this machine's disk in a nameless file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from django.conf import settings

from habeas.evidence.stores.contract import (
    ItemDamaged,
    NoSuchStore,
    OpenItem,
    Reader,
    StoreUnreachable,
    described,
    is_name,
    pieces_of,
    require_name,
)
from habeas.evidence.stores.digests import Digest

if TYPE_CHECKING:
    from minio import Minio

# Longer than this and it waits on disk, not in memory.
_IN_MEMORY_BYTES = 8 << 20
_PART_BYTES = 16 << 20
_MOST_PARTS = 10_000
_MISSING = {"NoSuchKey", "NoSuchObject", "NotFound"}
_NEEDED = ("HABEAS_S3_ENDPOINT", "HABEAS_S3_ACCESS_KEY", "HABEAS_S3_SECRET_KEY")


def from_settings(place: str) -> Bucket:
    """The store at ``s3://bucket/prefix``. Raises NoSuchStore."""
    parts = urlsplit(place)
    missing = [name for name in _NEEDED if not getattr(settings, name, "")]
    if missing:
        raise NoSuchStore(f"HABEAS_EVIDENCE names a bucket, so {', '.join(missing)} must be set too")
    if not parts.netloc:
        raise NoSuchStore("HABEAS_EVIDENCE: s3:// needs the name of a bucket, as in s3://bucket/prefix")
    endpoint = urlsplit(settings.HABEAS_S3_ENDPOINT)
    if endpoint.scheme not in {"http", "https"} or not endpoint.netloc or endpoint.path.strip("/"):
        raise NoSuchStore("HABEAS_S3_ENDPOINT must look like https://host:port, without a path")
    client = _client(
        endpoint.netloc,
        settings.HABEAS_S3_ACCESS_KEY,
        settings.HABEAS_S3_SECRET_KEY,
        getattr(settings, "HABEAS_S3_REGION", "") or None,
        secure=endpoint.scheme == "https",
    )
    scratch = getattr(settings, "HABEAS_SCRATCH", None)
    return Bucket(client, parts.netloc, parts.path.strip("/"), Path(scratch) if scratch else None)


def _client(endpoint: str, access_key: str, secret_key: str, region: str | None, *, secure: bool) -> Minio:
    try:
        import urllib3
        from minio import Minio
    except ImportError as error:
        raise NoSuchStore(
            "HABEAS_EVIDENCE names a bucket, which needs the extra s3: `pip install 'habeas[s3]'`"
        ) from error
    # The client's own would wait five minutes, and an action of a caseworker with it.
    patient = urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=10, read=60),
        retries=urllib3.Retry(total=2, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504], redirect=0),
        cert_reqs="CERT_REQUIRED",
    )
    return Minio(
        endpoint, access_key=access_key, secret_key=secret_key, region=region, secure=secure, http_client=patient
    )


class Bucket:
    """A store in a bucket. ``scratch``: where long sealed bytes wait, or None for the system's own folder."""

    def __init__(self, client: Minio, bucket: str, prefix: str, scratch: Path | None) -> None:
        self._client, self._bucket, self._prefix = client, bucket, prefix
        self._scratch = str(scratch) if scratch is not None else None

    def put_stream(self, reader: Reader) -> str:
        return self.put_pieces(pieces_of(reader))

    def put_pieces(self, pieces: Iterable[bytes]) -> str:
        if self._scratch is not None:
            Path(self._scratch).mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES, dir=self._scratch) as waiting:
            name, size = _spool(pieces, cast(IO[bytes], waiting))
            if self._size(name) == size:
                return name
            waiting.seek(0)
            with self._answers():
                self._client.put_object(
                    self._bucket,
                    self._key(name),
                    cast(Any, waiting),
                    size,
                    part_size=max(_PART_BYTES, -(-size // _MOST_PARTS)),
                    num_parallel_uploads=1,
                )
        if self._size(name) != size:
            raise StoreUnreachable(f"{described(name)} was taken by the store but is not there")
        return name

    def open(self, name: str) -> OpenItem:
        with self._answers(require_name(name)):
            response = self._client.get_object(self._bucket, self._key(name))
        return OpenItem(_Response(response, self), name, "in the store")

    def has(self, name: str) -> bool:
        return is_name(name) and self._size(name) is not None

    def delete(self, name: str) -> None:
        """Every version of it: a bucket that keeps versions would only hide it otherwise."""
        key = self._key(require_name(name))
        with self._answers():
            versions = list(self._client.list_objects(self._bucket, prefix=key, recursive=True, include_version=True))
            for version in versions:
                if version.object_name == key:
                    self._client.remove_object(self._bucket, key, version_id=version.version_id)

    def names(self) -> Iterator[str]:
        prefix = f"{self._prefix}/" if self._prefix else ""
        with self._answers():
            for found in self._client.list_objects(self._bucket, prefix=prefix, recursive=True):
                folder, _, name = str(found.object_name).removeprefix(prefix).partition("/")
                if is_name(name) and name.startswith(folder):
                    yield name

    def _size(self, name: str) -> int | None:
        try:
            with self._answers(name):
                return self._client.stat_object(self._bucket, self._key(name)).size
        except ItemDamaged:
            return None

    def _key(self, name: str) -> str:
        return "/".join(filter(None, (self._prefix, name[:2], name)))

    @contextmanager
    def _answers(self, name: str = "") -> Iterator[None]:
        """The client's errors as ours. With a name, a missing object is that item missing."""
        from minio.error import MinioException, S3Error
        from urllib3.exceptions import HTTPError

        try:
            yield
        except S3Error as error:
            if name and error.code in _MISSING:
                raise ItemDamaged(
                    f"{described(name)} cannot be read ({error.code}); restore it from a backup"
                ) from None
            raise StoreUnreachable(f"the store in bucket {self._bucket} refused: {error.code}") from None
        except (MinioException, HTTPError, OSError) as error:
            # Without its cause: the client puts whole addresses and headers into its messages.
            raise StoreUnreachable(
                f"the store in bucket {self._bucket} gave no answer: {type(error).__name__}"
            ) from None


class _Response:
    """The body of an answer; a connection that breaks is the store's trouble, not the item's."""

    def __init__(self, response: Any, bucket: Bucket) -> None:
        self._response, self._bucket = response, bucket

    def read(self, size: int, /) -> bytes:
        with self._bucket._answers():
            return cast(bytes, self._response.read(size))

    def close(self) -> None:
        self._response.close()
        self._response.release_conn()


def _spool(pieces: Iterable[bytes], waiting: IO[bytes]) -> tuple[str, int]:
    digest, size = Digest("sha256"), 0
    try:
        for piece in pieces:
            digest.update(piece)
            waiting.write(piece)
            size += len(piece)
        return digest.hexdigest(), size
    finally:
        digest.close()
