"""Fetching the seed dataset: from an address, a file or an S3 bucket, to the bytes of its data.csv and no further."""

import io
import ipaddress
import lzma
import re
import socket
import stat
import struct
import time
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from surveys.services import bucket

MEGABYTE = 1 << 20
LARGEST_DOWNLOAD = 50 * MEGABYTE
LARGEST_CONTENT = 200 * MEGABYTE
MOST_REDIRECTS = 3
TIMEOUT = (5, 30)
LONGEST_DOWNLOAD = 15 * 60
CHUNK = MEGABYTE // 4

# All that zipfile raises over archives that are broken, encrypted or packed in a way it does not know.
DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error,
    NotImplementedError, RuntimeError, EOFError, OSError, ValueError,
)  # fmt: skip

# Networks that carry an IPv4 address inside an IPv6 one (RFC 6052), and those that lead somewhere local (RFC 8215).
TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
TRANSLATED_LOCALLY = ipaddress.IPv6Network("64:ff9b:1::/48")

TABLE, CODEBOOK = "data.csv", "codebook.html"

TOO_LARGE = f"The download is larger than {LARGEST_DOWNLOAD // MEGABYTE} MB and was stopped."


class SourceError(Exception):
    """The source cannot be used; the message says why in one sentence."""


@dataclass(frozen=True)
class Fetched:
    """What was fetched: the bytes of the table, and where they came from in words without credentials."""

    content: bytes
    description: str


@dataclass(frozen=True)
class Files:
    """The two files of the published archive."""

    table: bytes
    codebook: bytes


def fetch(source: str) -> Fetched:
    """Return the table that a source holds.

    Raises
    ------
    SourceError
        When there is no such source, it may not be asked, or it holds something else.
    """
    return Fetched(content=_table_in(_content_of(source)), description=_without_credentials(source))


def fetch_archive(source: str) -> Files:
    """Return table and codebook of a source in the form in which the dataset is published.

    Raises
    ------
    SourceError
        When there is no such source, it may not be asked, or it is no archive with both.
    """
    content = _content_of(source)
    if not content.startswith(b"PK"):
        raise SourceError("The source is no zip archive; the published one holds table and codebook.")
    table, codebook = _members(content, TABLE, CODEBOOK)
    return Files(table=table, codebook=codebook)


def _content_of(source: str) -> bytes:
    """Return the bytes of an address, an object or a file."""
    if re.match(r"[a-z0-9+.-]+://", source, re.IGNORECASE):
        return _from_bucket(source) if source.startswith("s3://") else _download(source)
    return _from_file(Path(source))


def _from_file(path: Path) -> bytes:
    """Read a local file."""
    try:
        if not path.is_file():
            raise SourceError(f"There is no file {path.name}; name a zip or csv file that exists, or an address.")
        if path.stat().st_size > LARGEST_CONTENT:
            raise SourceError(f"{path.name} is larger than {LARGEST_CONTENT // MEGABYTE} MB and cannot be the dataset.")
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path.name} cannot be read ({type(error).__name__}).") from None


def _download(url: str) -> bytes:
    """Read from a public web address, following a few redirects, each checked as the first."""
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", _PublicAdapter())
        session.mount("https://", _PublicAdapter())
        for _ in range(MOST_REDIRECTS + 1):
            _refuse_private(url)
            try:
                with session.get(url, stream=True, timeout=TIMEOUT, allow_redirects=False) as response:
                    if response.is_redirect:
                        url = urljoin(url, response.headers["location"])
                        continue
                    response.raise_for_status()
                    return _read_bounded(response)
            except (requests.RequestException, ValueError) as error:
                host = urlsplit(url).hostname
                raise SourceError(f"{host} could not be reached or did not answer ({type(error).__name__}).") from None
    raise SourceError(f"The address redirects more than {MOST_REDIRECTS} times.")


def _refuse_private(url: str) -> None:
    """Stop addresses that are not the public web's, so that no internal service is asked on anybody's behalf."""
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError:
        raise SourceError("The address is not a valid one.") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SourceError("An address must begin with http://, https:// or s3://.")
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError):
        raise SourceError(f"{parts.hostname} could not be reached: no such host is known here.") from None
    for address in found:
        _refuse_unless_public(parts.hostname, str(address[4][0]))


def _refuse_unless_public(host: str, address: str) -> None:
    """Stop a host that leads somewhere internal."""
    if not is_public(address):
        raise SourceError(f"{host} leads to a private address, which is never asked.")


def is_public(address: str) -> bool:
    """Whether an address belongs to the public internet, also where it is an IPv4 address in another form."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found in TRANSLATED_LOCALLY:
            return False
        inner = found.ipv4_mapped or found.sixtofour
        if found in TRANSLATED:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast


class _PublicConnection(HTTPConnection):
    """A connection that checks whom it reached: a name may lead elsewhere when it is asked a second time."""

    def _new_conn(self) -> socket.socket:
        return _checked(super()._new_conn(), self.host)


class _PublicTLSConnection(HTTPSConnection):
    """The same with encryption."""

    def _new_conn(self) -> socket.socket:
        return _checked(super()._new_conn(), self.host)


class _PublicPool(HTTPConnectionPool):
    ConnectionCls = _PublicConnection


class _PublicTLSPool(HTTPSConnectionPool):
    ConnectionCls = _PublicTLSConnection


class _PublicAdapter(HTTPAdapter):
    """Sends requests over connections that check whom they reached."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Use the checking connections for both schemes."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PublicPool, "https": _PublicTLSPool}


def _checked(connection: socket.socket, host: str) -> socket.socket:
    """Return a connection that leads to the public internet, before anything was sent over it."""
    try:
        _refuse_unless_public(host, str(connection.getpeername()[0]))
    except SourceError:
        connection.close()
        raise
    return connection


def _read_bounded(response: requests.Response) -> bytes:
    """Read an answer, but not without end."""
    content = bytearray()
    # The timeout of a connection starts anew with every byte.
    deadline = time.monotonic() + LONGEST_DOWNLOAD
    for chunk in response.iter_content(CHUNK):
        content += chunk
        if len(content) > LARGEST_DOWNLOAD:
            raise SourceError(TOO_LARGE)
        if time.monotonic() > deadline:
            raise SourceError(f"The download took longer than {LONGEST_DOWNLOAD // 60} minutes and was stopped.")
    return bytes(content)


def _from_bucket(source: str) -> bytes:
    """Read an object of an S3-compatible store."""
    name, _, key = source.removeprefix("s3://").partition("/")
    if not name or not key:
        raise SourceError("An S3 address looks like s3://bucket/path/data.csv.")
    try:
        content = bucket.read(bucket=name, key=key, largest=LARGEST_DOWNLOAD)
    except bucket.BucketError as error:
        raise SourceError(str(error)) from None
    if len(content) > LARGEST_DOWNLOAD:
        raise SourceError(TOO_LARGE)
    return content


def _table_in(content: bytes) -> bytes:
    """Return the table: the content itself, or the one data.csv of an archive, which is never unpacked to disk."""
    if not content:
        raise SourceError("The source is empty.")
    if content.startswith(b"PK"):
        return _members(content, TABLE)[0]
    if len(content) > LARGEST_CONTENT:
        raise SourceError("The table is too large to be the dataset.")
    return content


def _members(content: bytes, *names: str) -> list[bytes]:
    """Return files of an archive by their names, unpacked in memory."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _refuse_strange_names(archive)
            return [_unpacked(archive, name) for name in names]
    except DAMAGE:
        raise SourceError("The archive is damaged or cut short; fetch it again.") from None


def _refuse_strange_names(archive: zipfile.ZipFile) -> None:
    """Stop an archive whose names lead outside itself."""
    for member in archive.infolist():
        parts = member.filename.replace("\\", "/").split("/")
        if ".." in parts or parts[0] in {"", "~"} or ":" in parts[0] or stat.S_ISLNK(member.external_attr >> 16):
            raise SourceError("The archive names files outside itself and was refused.")


def _unpacked(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return the one file of a name, however deep it lies, but not without end."""
    found = [member for member in archive.infolist() if member.filename.rpartition("/")[2] == name]
    if len(found) != 1:
        raise SourceError(f"The archive holds no single {name}.")
    too_large = SourceError(f"The archive unpacks to more than {LARGEST_CONTENT // MEGABYTE} MB and was refused.")
    if found[0].file_size > LARGEST_CONTENT:
        raise too_large
    with archive.open(found[0]) as file:
        content = file.read(LARGEST_CONTENT + 1)
    # What an archive says of its sizes need not be true.
    if len(content) > LARGEST_CONTENT:
        raise too_large
    return content


def _without_credentials(source: str) -> str:
    """Return a source as it may be written down: a file by its name, an address without user and query."""
    if "://" not in source:
        return Path(source).name
    parts = urlsplit(source)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
