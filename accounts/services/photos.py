"""Photos: taken in with nothing but the picture, shown by links that work for one viewer, and gone without a rest."""

import datetime
import io
import secrets
import struct
import uuid
from collections.abc import Mapping
from typing import IO

from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from PIL import ExifTags, Image, ImageOps

from accounts.models import Block, Photo, User

SIZES: Mapping[str, int] = {"small": 64, "middle": 192, "large": 640}
MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
FEWEST_PIXELS_A_SIDE = 200
FORMATS = ("JPEG", "PNG", "WEBP")
QUALITY = 82
GROUND = "white"
# What broken files make decoders raise: `OSError` and `SyntaxError` are meant, the rest is what slips through.
UNREADABLE = (
    *(OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError),
    *(struct.error, Image.DecompressionBombError),
)
# How a camera says that it was held, and what puts its picture upright.
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
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
    User.DoesNotExist
        When the account was deleted meanwhile.
    """
    picture = _read(file, n_bytes)
    names: dict[str, str] = {}
    try:
        for size, side in SIZES.items():
            name = f"{DIRECTORY}/{secrets.token_urlsafe(18)}.webp"
            names[size] = default_storage.save(name, ContentFile(_scaled(picture, side)))
        with transaction.atomic():
            # Held, so that of two uploads at once one follows the other, and none comes after a deletion.
            held = User.objects.select_for_update().get(pk=user.pk, is_active=True)
            former = Photo.objects.filter(user=held).first()
            audience = former.audience if former else Photo.Audience.DATES
            if former is not None:
                _remove(former)
            return Photo.objects.create(user=held, audience=audience, **names)
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


def token_for(*, photo: Photo, viewer: User, size: str, purpose: str = "") -> str:
    """Return the name under which one viewer may fetch a photo that a page of a purpose shows them, and nobody else."""
    day = timezone.localdate().toordinal()
    return signing.Signer(salt=SALT).sign_object([photo.public_id.hex, viewer.pk, size, day, purpose])


def fetched(*, token: str, viewer: User) -> bytes:
    """Return the file behind a link, for the viewer for whom the link was made.

    Raises
    ------
    Photo.DoesNotExist
        When it was made for somebody else or is too old, or the photo is not shown to the viewer any more.
    """
    try:
        public_id, viewer_id, size, day, purpose = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError):
        raise Photo.DoesNotExist from None
    if viewer_id != viewer.pk or timezone.localdate().toordinal() - day >= LINK_DAYS:
        raise Photo.DoesNotExist
    photo = Photo.objects.select_related("user").get(public_id=uuid.UUID(public_id))
    if photo.user_id != viewer.pk and not _is_seen_by(photo, viewer, purpose):
        raise Photo.DoesNotExist
    return content(photo=photo, size=size)


def content(*, photo: Photo, size: str) -> bytes:
    """Return the file of a size."""
    with getattr(photo, size).open("rb") as file:
        read: bytes = file.read()
    return read


def remove_orphans(*, now: datetime.datetime) -> int:
    """Remove files that no row names any more; return how many."""
    try:
        files = default_storage.listdir(DIRECTORY)[1]
    except FileNotFoundError:  # Nobody has sent a photo yet. A store in a bucket knows no directories at all.
        return 0
    known = {name for row in Photo.objects.values_list(*SIZES) for name in row}
    n_removed = 0
    for file in files:
        name = f"{DIRECTORY}/{file}"
        if name not in known and now - default_storage.get_modified_time(name) > ORPHAN_AFTER:
            default_storage.delete(name)
            n_removed += 1
    return n_removed


def _is_seen_by(photo: Photo, viewer: User, purpose: str) -> bool:
    """Whether a photo is still shown for a purpose, and no block came between; the page that linked knew the rest."""
    if not (photo.user.is_active and photo.is_shown_for(purpose)):
        return False
    return photo.user_id not in Block.objects.ids_apart_from(viewer.pk)


def _read(file: IO[bytes], n_bytes: int) -> Image.Image:
    """Return a picture as it stands upright, without anything that was written beside it."""
    if n_bytes > MOST_BYTES:
        raise PhotoRefusedError(_("This file is larger than 10 MB. Choose a smaller one."))
    try:
        picture = Image.open(file, formats=FORMATS)
        _check_size(picture)
        turn = UPRIGHT.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
        opaque = _opaque(picture)
    except PhotoRefusedError:
        raise
    except UNREADABLE:
        raise PhotoRefusedError(_("This is no picture that can be read. Choose a JPEG, PNG or WebP file.")) from None
    return opaque if turn is None else opaque.transpose(turn)


def _check_size(picture: Image.Image) -> None:
    """Refuse a picture that is too large or too small, before its points are read."""
    if picture.width * picture.height > MOST_PIXELS:
        raise PhotoRefusedError(_("This picture has more than 40 million points. Choose a smaller one."))
    if min(picture.size) < FEWEST_PIXELS_A_SIDE:
        raise PhotoRefusedError(_("This picture is too small. It needs 200 points on each side."))


def _opaque(picture: Image.Image) -> Image.Image:
    """Return a picture on a plain ground: what somebody made transparent stays unseen."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    clear = picture.convert("RGBA")
    ground = Image.new("RGB", clear.size, GROUND)
    ground.paste(clear, mask=clear.getchannel("A"))
    return ground


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
    """Remove a row, and its files as soon as that is certain; files that cannot be removed now are orphans."""
    names = [getattr(photo, size).name for size in SIZES]
    photo.delete()

    def remove_files() -> None:
        for name in names:
            default_storage.delete(name)

    # Robust: a store out of reach must not keep from happening what else follows a deletion.
    transaction.on_commit(remove_files, robust=True)
