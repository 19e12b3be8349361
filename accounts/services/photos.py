"""Photos: taken in with nothing but the picture, shown by links that work for one viewer, and gone without a rest."""

import datetime
import functools
import io
import secrets
import uuid
from collections.abc import Mapping
from typing import IO

from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from accounts.models import Block, Photo, User

SIZES: Mapping[str, int] = {"small": 64, "middle": 192, "large": 640}
MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
FEWEST_PIXELS_A_SIDE = 200
FORMATS = ("JPEG", "PNG", "WEBP")
QUALITY = 82
DIRECTORY = "photos"
SALT = "accounts.photos"
# A link works on the day for which it was made and on the next one, so that pages can keep what they fetched.
LINK_DAYS = 2
# A file that no row names may belong to an upload that is just being written.
ORPHAN_AFTER = datetime.timedelta(days=1)


class PhotoRefusedError(ValueError):
    """The file is no picture that can be taken; the message says why."""


def keep(*, user: User, file: IO[bytes], n_bytes: int) -> Photo:
    """Take a picture in place of the one a person had; operators look at it before others see it.

    Raises
    ------
    PhotoRefusedError
        When it is too large or too small, or no JPEG, PNG or WebP.
    """
    picture = _read(file, n_bytes)
    names: dict[str, str] = {}
    try:
        for size, side in SIZES.items():
            name = f"{DIRECTORY}/{secrets.token_urlsafe(18)}.webp"
            names[size] = default_storage.save(name, ContentFile(_scaled(picture, side)))
        with transaction.atomic():
            former = Photo.objects.select_for_update().filter(user=user).first()
            audience = former.audience if former else Photo.Audience.DATES
            if former is not None:
                _remove(former)
            return Photo.objects.create(user=user, audience=audience, **names)
    except BaseException:
        for name in names.values():
            default_storage.delete(name)
        raise


def show_to(*, user: User, audience: str) -> None:
    """Choose who sees one's photo."""
    Photo.objects.filter(user=user).update(audience=Photo.Audience(audience))


@transaction.atomic
def remove(*, user: User) -> None:
    """Remove a person's photo, row and files."""
    for photo in Photo.objects.select_for_update().filter(user=user):
        _remove(photo)


def review(*, photo: Photo, passes: bool) -> None:
    """Show a photo to others, or not; who decided stands in the log of admin."""
    photo.state = Photo.State.PASSED if passes else Photo.State.REFUSED
    photo.reviewed_at = timezone.now()
    photo.save(update_fields=["state", "reviewed_at"])


def token_for(*, photo: Photo, viewer: User, size: str) -> str:
    """Return the name under which one viewer may fetch a photo that a page shows them; others cannot use it."""
    day = timezone.localdate().toordinal()
    return signing.Signer(salt=SALT).sign_object([photo.public_id.hex, viewer.pk, size, day])


def fetched(*, token: str, viewer: User) -> bytes:
    """Return the file behind a link, for the viewer for whom the link was made.

    Raises
    ------
    Photo.DoesNotExist
        When it was made for somebody else or is too old, or the photo is not shown to the viewer any more.
    """
    try:
        public_id, viewer_id, size, day = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError):
        raise Photo.DoesNotExist from None
    if viewer_id != viewer.pk or timezone.localdate().toordinal() - day >= LINK_DAYS:
        raise Photo.DoesNotExist
    photo = Photo.objects.select_related("user").get(public_id=uuid.UUID(public_id))
    if photo.user_id != viewer.pk and not _is_seen_by(photo, viewer):
        raise Photo.DoesNotExist
    return content(photo=photo, size=size)


def content(*, photo: Photo, size: str) -> bytes:
    """Return the file of a size."""
    with getattr(photo, size).open("rb") as file:
        read: bytes = file.read()
    return read


def remove_orphans(*, now: datetime.datetime) -> int:
    """Remove files that no row names any more; return how many."""
    if not default_storage.exists(DIRECTORY):
        return 0
    known = {name for row in Photo.objects.values_list(*SIZES) for name in row}
    n_removed = 0
    for file in default_storage.listdir(DIRECTORY)[1]:
        name = f"{DIRECTORY}/{file}"
        if name not in known and now - default_storage.get_modified_time(name) > ORPHAN_AFTER:
            default_storage.delete(name)
            n_removed += 1
    return n_removed


def _is_seen_by(photo: Photo, viewer: User) -> bool:
    """Whether a photo is still shown to others, and no block came between; the page knew the rest when it linked."""
    if photo.state != Photo.State.PASSED or photo.audience == Photo.Audience.NOBODY or not photo.user.is_active:
        return False
    return photo.user_id not in Block.objects.ids_apart_from(viewer.pk)


def _read(file: IO[bytes], n_bytes: int) -> Image.Image:
    """Return a picture as it stands upright, without anything that was written beside it."""
    if n_bytes > MOST_BYTES:
        raise PhotoRefusedError(_("This file is larger than 10 MB. Choose a smaller one."))
    try:
        picture = Image.open(file, formats=FORMATS)
        if picture.width * picture.height > MOST_PIXELS:
            raise PhotoRefusedError(_("This picture has more than 40 million points. Choose a smaller one."))
        if min(picture.size) < FEWEST_PIXELS_A_SIDE:
            raise PhotoRefusedError(_("This picture is too small. It needs 200 points on each side."))
        upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        if isinstance(error, PhotoRefusedError):
            raise
        raise PhotoRefusedError(_("This is no picture that can be read. Choose a JPEG, PNG or WebP file.")) from None
    return upright


def _scaled(picture: Image.Image, side: int) -> bytes:
    """Return the middle of a picture as a square of a size."""
    written = io.BytesIO()
    square = ImageOps.fit(picture, (side, side), Image.Resampling.LANCZOS)
    # A new image takes over points and nothing else: no place, camera, time or profile.
    clean = Image.new("RGB", square.size)
    clean.paste(square)
    clean.save(written, "WEBP", quality=QUALITY, method=4)
    return written.getvalue()


def _remove(photo: Photo) -> None:
    """Remove a row, and its files as soon as that is certain."""
    names = [getattr(photo, size).name for size in SIZES]
    photo.delete()
    for name in names:
        transaction.on_commit(functools.partial(default_storage.delete, name))
