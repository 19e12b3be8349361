"""What is too large is counted as it comes in, and not kept anywhere until the form refuses it."""

import io
from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopFutureHandlers

from accounts.services import photos

# What a form sends beside its file.
ROOM_FOR_FIELDS = 1024 * 1024


class SizeLimit(FileUploadHandler):
    """Stands before Django's own handlers, which would write a file of any size to the disk."""

    is_too_large = False

    def handle_raw_input(
        self,
        input_data: Any,
        META: Mapping[str, str],  # noqa: N803 - Django's name
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Look at how much is announced; no more than that is read."""
        self.is_too_large = content_length > photos.MOST_BYTES + ROOM_FOR_FIELDS

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Keep the handlers behind from opening a file for what is too large."""
        super().new_file(*args, **kwargs)
        if self.is_too_large:
            raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Pass on what the handlers behind may keep."""
        return None if self.is_too_large else raw_data

    def file_complete(self, file_size: int) -> UploadedFile | None:
        """Return an empty file that knows how large it was."""
        if not self.is_too_large:
            return None
        return InMemoryUploadedFile(
            io.BytesIO(), self.field_name, self.file_name, self.content_type, file_size, self.charset
        )
