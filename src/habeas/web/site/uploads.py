"""Uploads stay in memory until they are sealed; on disk they would lie there in clear."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopFutureHandlers


class InMemoryUpload(FileUploadHandler):
    """Keeps files in memory. One byte more than the limit is enough to know that one is too large.

    Of files beyond the number a form takes, only the names are kept: the form turns them back, and a hundred of them
    would fill the memory meanwhile.
    """

    _count = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._content = BytesIO()
        self._count += 1
        raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._count > settings.HABEAS_UPLOAD_FILES:
            return
        room = settings.HABEAS_UPLOAD_BYTES + 1 - self._content.tell()
        if room > 0:
            self._content.write(raw_data[:room])

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        size = self._content.tell()
        self._content.seek(0)
        return InMemoryUploadedFile(
            self._content,
            self.field_name,
            self.file_name,
            self.content_type,
            size,
            self.charset,
            self.content_type_extra,
        )
