"""Settings: each changes one's own rows, works without scripts, and a stranger gets nothing."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import Block, Change, Consent, NotificationChoice, Preference, Profile, Purpose, User
from accounts.services import consents, notifications, profiles
from accounts.templatetags.devices import device
from tests.builders import make_member, make_preference

pytestmark = pytest.mark.django_db

PAGE = "accounts:settings"


@pytest.fixture
def ada(client: Client) -> User:
    user = make_member(display_name="Ada")
    client.force_login(user)
    return user


def post(client: Client, name: str, **form: str) -> str:
    return client.post(reverse(f"accounts:{name}"), form, follow=True).text


@pytest.mark.parametrize("name", ["settings", "settings-seen", "settings-mails", "unblock", "end-session"])
def test_a_visitor_is_sent_to_sign_in(client: Client, name: str) -> None:
    address = reverse(f"accounts:{name}")
    response = client.get(address) if name == "settings" else client.post(address)
    assert response["location"].startswith(reverse("account_login"))


def test_one_choice_says_who_is_shown_one_for_all_purposes(client: Client, ada: User) -> None:
    for purpose in Purpose:
        make_preference(ada, purpose=purpose)
    other = make_preference(make_member())
    assert profiles.seen_by(user=ada) == "everybody"
    post(client, "settings-seen", seen_by="circles")
    assert set(Preference.objects.filter(user=ada).values_list("visibility", flat=True)) == {"circles"}
    post(client, "settings-seen", seen_by="nobody")
    assert Profile.objects.get(user=ada).is_paused
    assert profiles.seen_by(user=ada) == "nobody"
    post(client, "settings-seen", seen_by="everybody")
    assert not Profile.objects.get(user=ada).is_paused
    assert set(Preference.objects.filter(user=ada).values_list("visibility", flat=True)) == {"everyone"}
    assert Change.objects.filter(user_id=ada.pk).count() >= 3
    other.refresh_from_db()
    assert other.visibility == "everyone"
    assert "Choose one of the three" in post(client, "settings-seen", seen_by="world")


def test_purposes_that_differ_are_called_so(client: Client, ada: User) -> None:
    make_preference(ada, purpose=Purpose.DATE)
    make_preference(ada, purpose=Purpose.FRIEND, visibility="circles")
    assert "your purposes differ" in client.get(reverse(PAGE)).text


def test_mails_are_chosen_kind_by_kind(client: Client, ada: User) -> None:
    assert notifications.frequencies(user=ada) == {"match": "now", "message": "daily", "people": "weekly"}
    post(client, "settings-mails", is_mailed="on", match="never", message="now", people="daily")
    assert notifications.frequencies(user=ada) == {"match": "never", "message": "now", "people": "daily"}
    assert consents.is_given(user=ada, kind=Consent.Kind.MAIL)
    post(client, "settings-mails", match="never", message="now", people="daily")
    assert not consents.is_given(user=ada, kind=Consent.Kind.MAIL)
    assert "how often" in post(client, "settings-mails", match="hourly", message="now", people="daily")
    assert NotificationChoice.objects.filter(user=ada).count() == 3


def test_who_has_not_confirmed_the_address_is_told_and_can_do_it(client: Client, ada: User) -> None:
    row = EmailAddress.objects.create(user=ada, email=ada.email, primary=True)
    assert "is not confirmed yet" in client.get(reverse(PAGE)).text
    address = reverse("account_email")
    assert "Not confirmed yet" in client.get(address).text
    client.post(address, {"email": ada.email, "action_send": ""})
    assert "Is <b>" in client.get(re.search(r"https?://[^/]+(\S+)", str(mail.outbox[0].body))[1]).text  # type: ignore[index]
    EmailAddress.objects.filter(pk=row.pk).update(verified=True)
    assert "is not confirmed yet" not in client.get(reverse(PAGE)).text


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Mac"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8", "A browser that does not say which"),
    ],
)
def test_a_browser_is_named_in_words(agent: str, words: str) -> None:
    assert device(agent) == words


def test_a_block_is_listed_and_taken_back_by_who_made_it(client: Client, ada: User) -> None:
    ben, cleo = make_member(display_name="Ben"), make_member(display_name="Cleo")
    Block.objects.create(blocker=ada, blocked=ben)
    Block.objects.create(blocker=cleo, blocked=ada)
    page = client.get(reverse(PAGE)).text
    assert "Ben" in page
    assert "Cleo" not in page, "nobody is told that they were blocked"
    assert client.post(reverse("accounts:unblock"), {"person": cleo.public_id}).status_code == 404
    assert client.post(reverse("accounts:unblock"), {"person": "x"}).status_code == 404
    post(client, "unblock", person=str(ben.public_id))
    assert list(Block.objects.values_list("blocker", flat=True)) == [cleo.pk]


def test_the_theme_is_kept_in_this_browser(client: Client, ada: User) -> None:
    assert 'data-theme="dark"' in post(client, "settings-theme", theme="dark")
    assert 'data-theme="dark"' not in post(client, "settings-theme", theme="")
    assert 'data-theme="' not in post(client, "settings-theme", theme='x"')


def test_other_sessions_are_listed_and_one_ends(client: Client, ada: User) -> None:
    ada.set_password("a long enough phrase 42")
    ada.save()
    elsewhere = Client(headers={"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1"})
    for one in (elsewhere, client):
        one.logout()
        one.post(reverse("account_login"), {"login": ada.email, "password": "a long enough phrase 42"})
    UserSession.objects.create(user=make_member(), ip="192.0.2.9", session_key="x" * 32, user_agent="Of a stranger")
    page = client.get(reverse("usersessions_list")).text
    assert "Of a stranger" not in page
    assert "Safari on iPhone" in page
    (theirs, of_stranger) = UserSession.objects.exclude(session_key=client.session.session_key).order_by("pk")
    end = reverse("accounts:end-session")
    for nobodys in (of_stranger.pk, UserSession.objects.get(session_key=client.session.session_key).pk, "x", "9" * 30):
        assert client.post(end, {"session": nobodys}).status_code == 404
    client.post(end, {"session": theirs.pk})
    assert elsewhere.get(reverse(PAGE)).status_code == 302
    assert client.get(reverse(PAGE)).status_code == 200


def test_all_other_sessions_end_at_once(client: Client, ada: User) -> None:
    ada.set_password("a long enough phrase 42")
    ada.save()
    elsewhere = Client()
    for one in (elsewhere, client):
        one.logout()
        one.post(reverse("account_login"), {"login": ada.email, "password": "a long enough phrase 42"})
    client.post(reverse("usersessions_list"))
    assert elsewhere.get(reverse(PAGE)).status_code == 302
    assert client.get(reverse(PAGE)).status_code == 200


def test_the_page_takes_a_fixed_number_of_queries(client: Client, ada: User, django_assert_num_queries) -> None:
    for _ in range(3):
        Block.objects.create(blocker=ada, blocked=make_member())
    client.get(reverse(PAGE))
    # session, person, mail, choices, paused, visibilities, address, blocks, profile, news, visit
    with django_assert_num_queries(11):
        client.get(reverse(PAGE))
