"""One's own picture, the image that one may share of it, and two pictures for two who both said yes."""

import datetime
import io

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts.models import Block, User
from ml.items import SCALES
from surveys import picture_image, texts
from surveys.models import Comparison, SharedPicture
from surveys.services import answers, picture, sharing
from tests.builders import make_member, make_sheet
from tests.population import make_active_versions, make_placed_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client: Client) -> User:
    make_active_versions()
    user = make_placed_member(seed=1, display_name="Ada")
    client.force_login(user)
    return user


@pytest.fixture
def friend() -> User:
    return make_placed_member(seed=2, display_name="Bo")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_every_scale_has_two_sentences_for_each_of_three_places() -> None:
    assert set(texts.MEANINGS) == {scale.letter for scale in SCALES}
    said = [str(one) for meaning in texts.MEANINGS.values() for pair in vars(meaning).values() for one in pair]
    assert len(said) == len(set(said)) == 16 * 3 * 2
    assert all(one.endswith(".") for one in said)


def test_a_clear_place_is_told_by_its_own_two_sentences(ada: User, client: Client) -> None:
    page = client.get(reverse("surveys:picture")).content.decode()
    found = picture.picture_of(sheet=answers.current_sheet(user=ada))
    assert found is not None
    for factor in found.factors:
        meaning = texts.MEANINGS[factor.letter]
        expected = meaning.high if factor.low > 50 else meaning.low if factor.high < 50 else meaning.middle
        assert factor.sentences == expected
        assert all(str(sentence).replace("'", "&#x27;") in page for sentence in expected)
    assert 0 < found.reliability < 1


def test_less_is_certain_after_fewer_answers(ada: User) -> None:
    few = make_member()
    sheet = make_sheet(few, n_answered=30)
    whole, part = (picture.picture_of(sheet=one) for one in (answers.current_sheet(user=ada), sheet))
    assert whole is not None
    assert part is not None
    assert part.reliability < whole.reliability


def test_an_earlier_round_stays_ones_own(ada: User, friend: User, client: Client) -> None:
    answers.retake(user=ada)
    answers.save_answer(user=ada, item=0, value=4)
    address = reverse("surveys:former-picture", args=[1])
    assert address in client.get(reverse("surveys:picture")).content.decode()
    assert "163 of 163 answers" in client.get(address).content.decode()
    assert client.get(reverse("surveys:former-picture", args=[2])).status_code == 404
    assert client_of(friend).get(address).status_code == 404


class TestSharing:
    def test_nobody_sees_anything_unless_it_is_switched_on(self, ada: User, client: Client) -> None:
        assert not SharedPicture.objects.exists()
        client.post(reverse("surveys:share-picture"), {"is_shared": "on"})
        link = SharedPicture.objects.get(user=ada)
        page = Client().get(reverse("surveys:shared-picture", args=[link.token]))
        image = Client().get(reverse("surveys:shared-image", args=[link.token]))
        assert "Ada" not in page.content.decode()
        assert page["X-Robots-Tag"] == image["X-Robots-Tag"] == "noindex"
        assert Image.open(io.BytesIO(image.content)).size == (1061, 905)

    def test_a_closed_link_never_works_again(self, ada: User, client: Client) -> None:
        former = sharing.share(user=ada).token
        client.post(reverse("surveys:share-picture"), {})
        assert sharing.share(user=ada).token != former
        for name in ("surveys:shared-picture", "surveys:shared-image"):
            assert Client().get(reverse(name, args=[former])).status_code == 404

    def test_who_left_is_not_shown(self, ada: User) -> None:
        link = sharing.share(user=ada)
        ada.is_active = False
        ada.save()
        assert Client().get(reverse("surveys:shared-picture", args=[link.token])).status_code == 404

    def test_another_shape_is_another_image(self) -> None:
        names = [scale.name for scale in SCALES]
        assert picture_image.png(names, [50.0] * 16) != picture_image.png(names, [50.0] * 15 + [90.0])


class TestComparing:
    def test_two_who_both_say_yes_see_both_wheels_and_no_score(self, ada: User, friend: User, client: Client) -> None:
        client.post(reverse("surveys:comparisons"))
        link = Comparison.objects.get()
        theirs, address = client_of(friend), reverse("surveys:comparison", args=[link.public_id])
        assert "Ada would like to compare" in theirs.get(invitation_of(link)).content.decode()
        theirs.post(invitation_of(link))
        for one in (client, theirs):
            assert one.get(address).status_code == 404
        assert "Bo followed your link" in client.get(reverse("surveys:comparisons")).content.decode()
        assert theirs.post(reverse("surveys:agree-comparison", args=[link.public_id])).status_code == 404
        client.post(reverse("surveys:agree-comparison", args=[link.public_id]))
        for one, name in ((client, "Bo"), (theirs, "Ada")):
            page = one.get(address).content.decode()
            assert f"You and {name}" in page
            assert page.count('class="shape') == 2
        theirs.post(reverse("surveys:end-comparison", args=[link.public_id]))
        assert client.get(address).status_code == 404

    def test_a_stranger_gets_nothing(self, ada: User, friend: User) -> None:
        link = sharing.begin(user=ada)
        sharing.join(user=friend, token=link.token)
        sharing.agree(user=ada, public_id=link.public_id)
        stranger = client_of(make_placed_member(seed=3))
        for name in ("comparison", "agree-comparison", "end-comparison"):
            address = reverse(f"surveys:{name}", args=[link.public_id])
            assert (stranger.get if name == "comparison" else stranger.post)(address).status_code == 404
        assert stranger.get(invitation_of(link)).status_code == 404
        assert Client().get(invitation_of(link)).status_code == 302

    def test_a_link_is_for_one_friend_and_for_14_days(self, ada: User, friend: User, client: Client) -> None:
        link = sharing.begin(user=ada)
        assert client.get(invitation_of(link)).status_code == 404, "nobody compares with themselves"
        Comparison.objects.update(made_at=timezone.now() - datetime.timedelta(days=15))
        assert client_of(friend).get(invitation_of(link)).status_code == 404

    def test_a_block_keeps_two_apart_here_too(self, ada: User, friend: User) -> None:
        link = sharing.begin(user=ada)
        sharing.join(user=friend, token=link.token)
        sharing.agree(user=ada, public_id=link.public_id)
        Block.objects.create(blocker=friend, blocked=ada)
        for user in (ada, friend):
            assert not sharing.comparisons_of(user=user)
            with pytest.raises(Comparison.DoesNotExist):
                sharing.pair(user=user, public_id=link.public_id)

    def test_links_are_few(self, ada: User, client: Client) -> None:
        for _ in range(sharing.MOST_OPEN_LINKS + 1):
            page = client.post(reverse("surveys:comparisons"), follow=True)
        assert "open links" in page.content.decode()
        assert Comparison.objects.count() == sharing.MOST_OPEN_LINKS


def invitation_of(comparison: Comparison) -> str:
    return reverse("surveys:comparison-invited", args=[comparison.token])
