"""Photos: nothing but the picture is kept, and nobody sees it who is not meant to."""

import datetime
import io
import re
from pathlib import Path

import numpy as np
import pytest
from django.contrib.admin.models import LogEntry
from django.core.files import uploadhandler
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts import tasks, uploads
from accounts.models import Block, Photo, User
from accounts.services import photos
from tests.builders import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(tmp_path: Path, settings) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "photos"


@pytest.fixture
def ada(client: Client) -> User:
    user = make_member(display_name="Ada")
    client.force_login(user)
    return user


def picture(kind: str = "JPEG", size: tuple[int, int] = (300, 240), **saved: object) -> bytes:
    points = np.random.default_rng(0).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    written = io.BytesIO()
    Image.fromarray(points).save(written, kind, **saved)
    return written.getvalue()


def taken(user: User, content: bytes | None = None) -> Photo:
    content = content or picture()
    return photos.keep(user=user, file=io.BytesIO(content), n_bytes=len(content))


def shown(user: User, audience: str = "everybody") -> Photo:
    photo = taken(user)
    photos.review(photo=photo, passes=True)
    photos.show_to(user=user, audience=audience)
    return Photo.objects.get(pk=photo.pk)


def link(photo: Photo, viewer: User, purpose: str = "friend") -> str:
    token = photos.token_for(photo=photo, viewer=viewer, size="middle", purpose=purpose)
    return reverse("accounts:picture", args=[token])


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_three_square_sizes_come_out_of_any_kind(ada: User, kind: str) -> None:
    photo = taken(ada, picture(kind))
    for size, side in photos.SIZES.items():
        with Image.open(io.BytesIO(photos.content(photo=photo, size=size))) as kept:
            assert (kept.format, kept.size) == ("WEBP", (side, side))


def test_place_camera_and_comment_do_not_come_along(ada: User, files: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    taken(ada, picture(exif=exif, comment=b"where I live"))
    for file in files.iterdir():
        assert b"where I live" not in file.read_bytes()
        with Image.open(file) as kept:
            assert not kept.getexif()
            assert not {"exif", "icc_profile", "xmp", "comment"} & set(kept.info)


def test_a_picture_that_lies_on_its_side_is_put_upright(ada: User) -> None:
    halves = np.zeros((300, 300, 3), dtype=np.uint8)
    halves[:, 150:] = 255
    exif = Image.Exif()
    exif[0x0112] = 6
    written = io.BytesIO()
    Image.fromarray(halves).save(written, "JPEG", exif=exif)
    upright = photos.content(photo=taken(ada, written.getvalue()), size="middle")
    with Image.open(io.BytesIO(upright)) as kept:
        points = np.asarray(kept.convert("L"), dtype=float)
    assert points[:60].mean() < 40
    assert points[-60:].mean() > 215


def test_what_was_made_transparent_stays_unseen(ada: User) -> None:
    points = np.full((300, 300, 4), (200, 0, 0, 0), dtype=np.uint8)
    written = io.BytesIO()
    Image.fromarray(points).save(written, "PNG")
    with Image.open(io.BytesIO(photos.content(photo=taken(ada, written.getvalue()), size="small"))) as kept:
        assert np.asarray(kept.convert("RGB")).min() > 250


@pytest.mark.parametrize(("place", "value"), [(41, 0), (41, 26), (85, 3)])
def test_a_picture_with_broken_notes_beside_it_is_taken(ada: User, place: int, value: int) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E], exif.get_ifd(0x8825)[1] = 6, "x", "N"
    broken = bytearray(picture(exif=exif))
    broken[place] = value
    assert taken(ada, bytes(broken)).small


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"GIF89a" + bytes(400), "no picture that can be read"),
        (b"", "empty"),
        (picture()[:500], "no picture that can be read"),
        (picture(size=(150, 400)), "too small"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no picture that can be read"),
    ],
)
def test_what_is_no_picture_is_told_beside_the_field(
    client: Client, ada: User, files: Path, content: bytes, why: str
) -> None:
    page = client.post(reverse("accounts:photo"), {"picture": SimpleUploadedFile("me.jpg", content)})
    assert why in page.text
    assert not Photo.objects.exists()
    assert not files.exists() or not list(files.iterdir())


def test_what_is_too_large_is_refused(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(photos.PhotoRefusedError, match="10 MB"):
        photos.keep(user=ada, file=io.BytesIO(b""), n_bytes=photos.MOST_BYTES + 1)
    monkeypatch.setattr(photos, "MOST_PIXELS", 300 * 240 - 1)
    with pytest.raises(photos.PhotoRefusedError, match="40 million"):
        taken(ada)


def test_a_file_far_too_large_is_read_to_nowhere(
    client: Client, ada: User, monkeypatch: pytest.MonkeyPatch, settings
) -> None:
    def fail(*_: object) -> None:
        pytest.fail("it was written to the disk")

    monkeypatch.setattr(photos, "MOST_BYTES", 1000)
    monkeypatch.setattr(uploadhandler, "TemporaryUploadedFile", fail)
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0
    sent = SimpleUploadedFile("me.jpg", bytes(uploads.ROOM_FOR_FIELDS + 2000))
    assert "larger than 10 MB" in client.post(reverse("accounts:photo"), {"picture": sent}).text


class OutOfReach(FileSystemStorage):
    def delete(self, name: str) -> None:
        raise ConnectionError


@pytest.mark.django_db(transaction=True)
def test_a_store_out_of_reach_keeps_nobody_from_leaving(files: Path, settings) -> None:
    user = make_member()
    taken(user)
    at_hand, ended = settings.STORAGES, []
    settings.STORAGES = at_hand | {"default": {"BACKEND": f"{__name__}.OutOfReach"}}
    with transaction.atomic():
        photos.remove(user=user)
        transaction.on_commit(lambda: ended.append("sessions"))
    assert ended
    settings.STORAGES = at_hand
    assert photos.remove_orphans(now=timezone.now() + datetime.timedelta(days=2)) == 3
    assert not list(files.iterdir())


@pytest.mark.django_db(transaction=True)
def test_another_photo_takes_the_place_of_the_first_with_its_files(files: Path) -> None:
    user = make_member()
    shown(user)
    former = {file.name for file in files.iterdir()}
    again = taken(user)
    assert (again.state, again.audience) == ("waiting", "everybody")
    assert len(list(files.iterdir())) == 3
    assert not former & {file.name for file in files.iterdir()}
    photos.remove(user=user)
    assert not list(files.iterdir())


class TestWhoSees:
    def test_nobody_before_an_operator_passed_it(self, ada: User, client: Client) -> None:
        photo, viewer = taken(ada), make_member()
        photos.show_to(user=ada, audience="everybody")
        assert client_of(viewer).get(link(photo, viewer)).status_code == 404
        assert client.get(link(photo, ada)).status_code == 200, "its owner does"

    def test_a_link_works_for_the_viewer_it_was_made_for(self, ada: User) -> None:
        photo, viewer, stranger = shown(ada), make_member(), make_member()
        response = client_of(viewer).get(link(photo, viewer))
        assert (response.status_code, response["Content-Type"]) == (200, "image/webp")
        assert "private" in response["Cache-Control"]
        assert client_of(stranger).get(link(photo, viewer)).status_code == 404
        assert Client().get(link(photo, viewer)).status_code == 302
        forged = reverse("accounts:picture", args=["x" + photos.token_for(photo=photo, viewer=stranger, size="large")])
        assert client_of(stranger).get(forged).status_code == 404

    def test_not_after_a_block_a_refusal_or_a_change_of_mind(self, ada: User) -> None:
        photo, viewer = shown(ada), make_member()
        address, client = link(photo, viewer), client_of(viewer)
        for change, undo in (
            (
                lambda: photos.show_to(user=ada, audience="dates"),
                lambda: photos.show_to(user=ada, audience="everybody"),
            ),
            (
                lambda: photos.show_to(user=ada, audience="nobody"),
                lambda: photos.show_to(user=ada, audience="everybody"),
            ),
            (
                lambda: Photo.objects.update(state=Photo.State.REFUSED),
                lambda: Photo.objects.update(state=Photo.State.PASSED),
            ),
            (lambda: Block.objects.create(blocker=viewer, blocked=ada), lambda: Block.objects.all().delete()),
        ):
            assert client.get(address).status_code == 200
            change()
            assert client.get(address).status_code == 404
            undo()

    def test_a_link_ends_after_two_days(self, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
        photo, viewer = shown(ada), make_member()
        token = photos.token_for(photo=photo, viewer=viewer, size="small")
        day = timezone.localdate()
        monkeypatch.setattr(timezone, "localdate", lambda: day + datetime.timedelta(days=1))
        photos.fetched(token=token, viewer=viewer)
        monkeypatch.setattr(timezone, "localdate", lambda: day + datetime.timedelta(days=2))
        with pytest.raises(Photo.DoesNotExist):
            photos.fetched(token=token, viewer=viewer)

    @pytest.mark.parametrize(
        ("audience", "purpose", "expected"),
        [
            ("dates", "date", True),
            ("dates", "friend", False),
            ("everybody", "friend", True),
            ("nobody", "date", False),
        ],
    )
    def test_cards_show_it_to_the_audience_alone(self, ada: User, audience: str, purpose: str, expected: bool) -> None:
        shown(ada, audience)
        ada.refresh_from_db()
        request = RequestFactory().get("/")
        request.user = make_member()
        template = Template("{% load avatars %}{% portrait person '' purpose=purpose %}")
        drawn = template.render(Context({"request": request, "person": ada, "purpose": purpose}))
        assert ("<img" in drawn) is expected
        assert ("<svg" in drawn) is not expected


def test_the_page_says_how_far_it_is_and_takes_it_away(client: Client, ada: User) -> None:
    sent = SimpleUploadedFile("me.png", picture("PNG"))
    page = client.post(reverse("accounts:photo"), {"picture": sent}, follow=True).text
    assert "Waiting to be looked at" in page
    address = re.search(r'src="(/me/photo/[^"]+)"', page)
    assert address
    assert client.get(address[1]).status_code == 200
    client.post(reverse("accounts:photo-audience"), {"audience": "nobody"})
    assert Photo.objects.get().audience == "nobody"
    client.post(reverse("accounts:photo-audience"), {"audience": "world"})
    assert Photo.objects.get().audience == "nobody"
    client.post(reverse("accounts:remove-photo"))
    assert not Photo.objects.exists()


def test_operators_look_at_photos_and_decide(client: Client, ada: User) -> None:
    photo = taken(ada)
    root = User.objects.create_superuser("root@example.org", "a long enough phrase 42")
    address = reverse("admin:accounts_photo_changelist")
    file = reverse("admin:accounts_photo_file", args=[photo.pk])
    assert client.get(file).status_code == 302, "not for members"
    client.force_login(root)
    assert file in client.get(address).text
    assert client.get(file)["Content-Type"] == "image/webp"
    for action, state in (("pass_photos", "passed"), ("refuse_photos", "refused")):
        client.post(address, {"action": action, "_selected_action": [photo.pk]})
        photo.refresh_from_db()
        assert photo.state == state
    assert LogEntry.objects.filter(user=root).count() == 2


def test_files_that_no_row_names_are_removed_a_day_later(
    ada: User, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks.remove_orphaned_photos()
    assert not files.exists(), "before anybody sent a photo there is nothing to look through"
    taken(ada)
    (files / "left-behind.webp").write_bytes(b"x")
    tasks.remove_orphaned_photos()
    assert len(list(files.iterdir())) == 4
    later = timezone.now() + datetime.timedelta(days=2)
    assert photos.remove_orphans(now=later) == 1
    assert {f"photos/{file.name}" for file in files.iterdir()} == {
        getattr(Photo.objects.get(), size).name for size in photos.SIZES
    }
    assert default_storage.exists(Photo.objects.get().small.name)
