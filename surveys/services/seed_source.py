"""Fetching the seed dataset: from an address, a file or an S3 bucket, to the bytes of its data.csv and no further."""

import io
import ipaddress
import re
import socket
import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit, urlunsplit

import boto3
import requests
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

MEGABYTE = 1 << 20
LARGEST_DOWNLOAD = 50 * MEGABYTE
LARGEST_CONTENT = 200 * MEGABYTE
MOST_REDIRECTS = 3
TIMEOUT = (5, 30)
CHUNK = MEGABYTE // 4


class SourceError(Exception):
    """The source cannot be used; the message says why in one sentence."""


@dataclass(frozen=True)
class Fetched:
    """What was fetched: the bytes of the table, and where they came from in words without credentials."""

    content: bytes
    description: str


def fetch(source: str) -> Fetched:
    """Return the table that a source holds.

    Raises
    ------
    SourceError
        When there is no such source, it may not be asked, or it holds something else.
    """
    if re.match(r"[a-z0-9+.-]+://", source, re.IGNORECASE):
        content = _from_bucket(source) if source.startswith("s3://") else _download(source)
    else:
        content = _from_file(Path(source))
    return Fetched(content=_table_in(content), description=_without_credentials(source))


def _from_file(path: Path) -> bytes:
    """Read a local file."""
    if not path.is_file():
        raise SourceError(f"There is no file {path.name}; name a zip or csv file that exists, or an address.")
    if path.stat().st_size > LARGEST_CONTENT:
        raise SourceError(f"{path.name} is larger than {LARGEST_CONTENT // MEGABYTE} MB and cannot be the dataset.")
    return path.read_bytes()


def _download(url: str) -> bytes:
    """Read from a public web address, following a few redirects, each checked as the first."""
    with requests.Session() as session:
        session.trust_env = False
        for _ in range(MOST_REDIRECTS + 1):
            _refuse_private(url)
            try:
                with session.get(url, stream=True, timeout=TIMEOUT, allow_redirects=False) as response:
                    if response.is_redirect:
                        url = urljoin(url, response.headers["location"])
                        continue
                    response.raise_for_status()
                    return _read_bounded(response)
            except requests.RequestException as error:
                host = urlsplit(url).hostname
                raise SourceError(f"{host} could not be reached or did not answer ({type(error).__name__}).") from None
    raise SourceError(f"The address redirects more than {MOST_REDIRECTS} times.")


def _refuse_private(url: str) -> None:
    """Stop addresses that are not the public web's, so that no internal service is asked on anybody's behalf."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SourceError("An address must begin with http://, https:// or s3://.")
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, ValueError):
        raise SourceError(f"{parts.hostname} could not be reached: no such host is known here.") from None
    if not all(is_public(str(address[4][0])) for address in found):
        raise SourceError(f"{parts.hostname} leads to a private address, which is never asked.")


def is_public(address: str) -> bool:
    """Whether an address belongs to the public internet."""
    return ipaddress.ip_address(address.partition("%")[0]).is_global


def _read_bounded(response: requests.Response) -> bytes:
    """Read an answer, but not without end."""
    content = bytearray()
    for chunk in response.iter_content(CHUNK):
        content += chunk
        if len(content) > LARGEST_DOWNLOAD:
            raise SourceError(f"The download is larger than {LARGEST_DOWNLOAD // MEGABYTE} MB and was stopped.")
    return bytes(content)


def _from_bucket(source: str) -> bytes:
    """Read an object of an S3-compatible store, with the operator's credentials."""
    parts = urlsplit(source)
    key = parts.path.lstrip("/")
    if not parts.netloc or not key:
        raise SourceError("An S3 address looks like s3://bucket/path/data.csv.")
    if not settings.AWS_S3_ACCESS_KEY_ID or not settings.AWS_S3_SECRET_ACCESS_KEY:
        raise SourceError("Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to read from S3.")
    client = boto3.client(
        "s3",
        endpoint_url=settings.AWS_S3_ENDPOINT_URL or None,
        aws_access_key_id=settings.AWS_S3_ACCESS_KEY_ID,
        aws_secret_access_key=settings.AWS_S3_SECRET_ACCESS_KEY,
        region_name=settings.AWS_S3_REGION_NAME,
    )
    try:
        body = client.get_object(Bucket=parts.netloc, Key=key)["Body"]
        content: bytes = body.read(LARGEST_CONTENT + 1)
    except (BotoCoreError, ClientError) as error:
        raise SourceError(f"The object could not be read from S3 ({type(error).__name__}).") from None
    return content


def _table_in(content: bytes) -> bytes:
    """Return the table: the content itself, or the one data.csv of an archive, which is never unpacked to disk."""
    if not content:
        raise SourceError("The source is empty.")
    if not content.startswith(b"PK"):
        if len(content) > LARGEST_CONTENT:
            raise SourceError("The table is too large to be the dataset.")
        return content
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            member = _table_member(archive)
            with archive.open(member) as file:
                table = file.read(LARGEST_CONTENT + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        raise SourceError("The archive is damaged or cut short; fetch it again.") from None
    if len(table) > LARGEST_CONTENT:
        raise SourceError(f"The archive unpacks to more than {LARGEST_CONTENT // MEGABYTE} MB and was refused.")
    return table


def _table_member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """Return the one data.csv of an archive whose names stay inside it."""
    for member in archive.infolist():
        parts = member.filename.replace("\\", "/").split("/")
        if ".." in parts or parts[0] in {"", "~"} or ":" in parts[0] or stat.S_ISLNK(member.external_attr >> 16):
            raise SourceError("The archive names files outside itself and was refused.")
    found = [member for member in archive.infolist() if member.filename.rpartition("/")[2] == "data.csv"]
    if len(found) != 1:
        raise SourceError("The archive holds no single data.csv.")
    if found[0].file_size > LARGEST_CONTENT:
        raise SourceError(f"The archive unpacks to more than {LARGEST_CONTENT // MEGABYTE} MB and was refused.")
    return found[0]


def _without_credentials(source: str) -> str:
    """Return a source as it may be written down: a file by its name, an address without user and query."""
    if "://" not in source:
        return Path(source).name
    parts = urlsplit(source)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
