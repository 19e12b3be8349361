"""Buckets of an S3-compatible store, used with the operator's credentials: reading objects, and writing files."""

import contextlib
import mimetypes
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.base import ContentFile

if TYPE_CHECKING:
    # Imported where it is used: few installations have a bucket, and all of them would carry its library.
    from storages.backends.s3 import S3Storage

CONNECT_SECONDS = 5
READ_SECONDS = 30


class BucketError(Exception):
    """The bucket cannot be used; the message says why in one sentence."""


def read(*, bucket: str, key: str, largest: int) -> bytes:
    """Return an object, at most one byte more than the largest wanted.

    Raises
    ------
    BucketError
        When there are no credentials, no such object, or no store that answers.
    """
    with _told("The object could not be read from S3"):
        found = _storage(bucket).bucket.Object(key).get()
        with found["Body"] as body:
            content: bytes = body.read(largest + 1)
            return content


def write(*, bucket: str, files: Mapping[str, bytes], content_types: Mapping[str, str] | None = None) -> None:
    """Lay files into a bucket under exactly these names, all of them or none.

    Raises
    ------
    BucketError
        When there are no credentials, no such bucket, or no store that answers; what was new is taken away again.
    """
    with _told(f"Nothing was stored in the bucket {bucket}"):
        storage = _storage(bucket)
        storage.connection.meta.client.head_bucket(Bucket=bucket)
        new: list[str] = []
        try:
            for name, content in files.items():
                was_there = storage.exists(name)
                storage.save(name, _file(name, content, content_types or {}))
                new += [] if was_there else [name]
        except BaseException:
            for name in new:
                with contextlib.suppress(Exception):
                    storage.delete(name)
            raise


def _file(name: str, content: bytes, content_types: Mapping[str, str]) -> "ContentFile[bytes]":
    """Return a file with what its content is, which its name may not say."""
    file = ContentFile(content)
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    file.content_type = content_types.get(name, guessed)  # type: ignore[attr-defined]
    return file


def _storage(bucket: str) -> "S3Storage":
    """Return the store behind django-storages; it gives up as soon as a download from the web would."""
    if not settings.AWS_S3_ACCESS_KEY_ID or not settings.AWS_S3_SECRET_ACCESS_KEY:
        raise BucketError("Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to use S3.")
    from botocore.config import Config
    from storages.backends.s3 import S3Storage

    return S3Storage(
        bucket_name=bucket,
        access_key=settings.AWS_S3_ACCESS_KEY_ID,
        secret_key=settings.AWS_S3_SECRET_ACCESS_KEY,
        endpoint_url=settings.AWS_S3_ENDPOINT_URL or None,
        region_name=settings.AWS_S3_REGION_NAME,
        default_acl=None,
        file_overwrite=True,
        client_config=Config(
            s3={"addressing_style": "path" if settings.AWS_S3_ENDPOINT_URL else "auto"},
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": 2},
        ),
    )


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Say in one sentence what the store did not do, in its own word where it has one; never what was sent to it."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        why = error.response.get("Error", {}).get("Code", "refused")
        raise BucketError(f"{what} ({_in_words(why)}).") from None
    except SuspiciousOperation:
        raise BucketError(f"{what} (a name leads out of the bucket).") from None
    except (BotoCoreError, Boto3Error, ValueError) as error:
        raise BucketError(f"{what} ({type(error).__name__}).") from None


def _in_words(code: Any) -> str:
    """Return the word for what a store answered with a bare status."""
    return {"404": "no such bucket", "403": "access denied"}.get(str(code), str(code))
