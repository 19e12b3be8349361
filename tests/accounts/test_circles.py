"""Circles: only who is inside knows of them, and sees names."""

import pytest
from django.test import Client
from django.urls import reverse, reverse_lazy

from accounts.models import Block, Change, Circle, Profile, User
from accounts.services import circles, safety
from tests.builders import make_circle, make_member, make_preference, make_sheet

pytestmark = pytest.mark.django_db


def test_a_circle_is_founded_and_shown_to_its_founder(client: Client, ada: User) -> None:
    response = client.post(reverse("accounts:circles"), {"name": "Cohort 26"}, follow=True)
    circle = Circle.objects.get()
    assert circle.code in response.text
    assert circle.memberships.get().user == ada


def test_a_circle_does_not_exist_for_a_stranger(client: Client, ada: User) -> None:
    circle = make_circle(make_member(display_name="Ben"))
    assert client.get(reverse("accounts:circle", args=[circle.public_id])).status_code == 404
    assert client.post(reverse("accounts:leave-circle", args=[circle.public_id])).status_code == 404
    assert circle.memberships.count() == 1
    assert circle.name not in client.get(reverse("accounts:circles")).text


def test_a_code_lets_a_person_in_and_leaving_lets_them_out(client: Client, ada: User) -> None:
    circle = make_circle(make_member(display_name="Ben"))
    make_preference(ada)
    assert circle.code in client.get(reverse("accounts:join", args=[circle.code])).text
    page = client.post(reverse("accounts:join"), {"code": circle.code.upper()}, follow=True)
    assert "Ben" in page.text
    assert "example.org" not in page.text
    client.post(reverse("accounts:leave-circle", args=[circle.public_id]))
    assert circle.memberships.count() == 1


def test_guessing_codes_ends_after_twenty(client: Client, ada: User) -> None:
    circle = make_circle(make_member())
    for _ in range(20):
        page = client.post(reverse("accounts:join"), {"code": "zzzzzzzzzz"})
    assert "No circle has this invitation code" in page.text
    page = client.post(reverse("accounts:join"), {"code": circle.code})
    assert "Try again in an hour" in page.text
    assert circle.memberships.count() == 1


def test_the_last_to_leave_closes_a_circle(client: Client, ada: User) -> None:
    circle = make_circle(ada)
    client.post(reverse("accounts:leave-circle", args=[circle.public_id]))
    assert Circle.objects.count() == 0


def test_a_visitor_is_not_told_whether_a_circle_exists(client: Client) -> None:
    circle = make_circle(make_member())
    known = client.get(reverse("accounts:join", args=[circle.code]))
    unknown = client.get(reverse("accounts:join", args=["zzzzzzzzzz"]))
    assert known["location"].partition("?")[0] == unknown["location"].partition("?")[0] == reverse("account_signup")
    assert client.get(reverse("accounts:circle", args=[circle.public_id]))["location"].startswith(
        reverse("account_login")
    )


def test_whoever_has_an_account_comes_back_to_the_invitation(client: Client) -> None:
    circle = make_circle(make_member())
    make_preference(make_member(email="ben@example.org", password="a long enough phrase 42"))
    invited = client.get(reverse("accounts:join", args=[circle.code]), follow=True)
    assert f"next=/me/circles/join/{circle.code}/" in invited.text.replace("%2F", "/")
    form = {"login": "ben@example.org", "password": "a long enough phrase 42"}
    address = reverse("accounts:join", args=[circle.code])
    response = client.post(f"{reverse('account_login')}?next={address}", form)
    assert response["location"] == address


def test_a_whole_link_is_understood(client: Client, ada: User) -> None:
    circle = make_circle(make_member())
    link = f"http://testserver{reverse('accounts:join', args=[circle.code])}"
    client.post(reverse("accounts:join"), {"code": link})
    assert circle.memberships.filter(user=ada).exists()


@pytest.mark.parametrize("code", ["", "\x00", "a" * 300])
def test_what_is_no_code_is_refused_in_words(client: Client, ada: User, code: str) -> None:
    response = client.post(reverse("accounts:join"), {"code": code})
    assert response.status_code == 200
    assert "errorlist" in response.text


def test_the_organiser_sees_names_only(client: Client, ada: User) -> None:
    ben = make_member(display_name="Ben", email="ben@example.org")
    Profile.objects.filter(user=ben).update(headline="Collects clocks", contact="+351 555")
    text = client.get(reverse("accounts:circle", args=[make_circle(ada, ben).public_id])).text
    assert "Ben" in text
    assert not [word for word in ("ben@", "clocks", "+351", str(ben.public_id)) if word in text]


def test_who_is_blocked_paused_or_gone_is_not_listed(ada: User) -> None:
    blocked, blocker, paused, gone = (make_member(display_name=name) for name in ("Ben", "Cleo", "Dana", "Egon"))
    circle = make_circle(ada, blocked, blocker, paused, gone, make_member(display_name="Fay"))
    safety.block(blocker=ada, blocked=blocked)
    safety.block(blocker=blocker, blocked=ada)
    Profile.objects.filter(user=paused).update(is_paused=True)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert [one.display_name for one in circles.seen_in(circle=circle, viewer=ada)] == ["Ada", "Fay"]
    assert "Dana" in [one.display_name for one in circles.seen_in(circle=circle, viewer=paused)]


def test_an_owner_who_leaves_hands_the_circle_on(ada: User) -> None:
    ben, cleo = make_member(), make_member()
    circle = make_circle(ada, ben, cleo)
    circles.leave(user=cleo, circle=circle)
    circles.leave(user=ada, circle=circle)
    circle.refresh_from_db()
    assert circle.owner == ben


def test_a_member_who_leaves_takes_nothing_from_its_owner(ada: User) -> None:
    ben = make_member()
    circle = make_circle(ada, ben)
    circles.leave(user=ben, circle=circle)
    circle.refresh_from_db()
    assert circle.owner == ada


def test_pages_take_the_same_queries_however_many_are_inside(
    client: Client, ada: User, django_assert_num_queries
) -> None:
    circle = make_circle(ada, *(make_member() for _ in range(12)))
    for _ in range(4):
        make_circle(ada)
    client.get(reverse("accounts:circles"))
    with django_assert_num_queries(5):  # session, person, circles, news, visit
        client.get(reverse("accounts:circles"))
    with django_assert_num_queries(10):  # session, person, circle, blocks, names, members, two counts, news, visit
        client.get(reverse("accounts:circle", args=[circle.public_id]))


def test_only_the_owner_renews_removes_and_closes(client: Client, ada: User) -> None:
    ben, cleo = make_member(display_name="Ben"), make_member(display_name="Cleo")
    circle = make_circle(ada, ben, cleo)
    code = circle.code
    of_ben = {"member": circles.token_of(membership=circle.memberships.get(user=ben))}
    for name in ("renew-circle-link", "remove-from-circle", "close-circle"):
        address = reverse(f"accounts:{name}", args=[circle.public_id])
        for other in (cleo, make_member()):
            stranger = Client()
            stranger.force_login(other)
            assert stranger.post(address, of_ben).status_code == 404
    client.post(reverse("accounts:remove-from-circle", args=[circle.public_id]), of_ben)
    circle.refresh_from_db()
    assert set(circle.members.all()) == {ada, cleo}
    assert circle.code != code, "the old link would lead back"
    assert (
        client.post(reverse("accounts:remove-from-circle", args=[circle.public_id]), {"member": "x"}).status_code == 404
    )
    assert "Close" in client.get(reverse("accounts:close-circle", args=[circle.public_id])).text
    client.post(reverse("accounts:close-circle", args=[circle.public_id]))
    assert not Circle.objects.exists()


def test_who_is_not_listed_is_seen_by_the_owner_alone(client: Client, ada: User) -> None:
    ben, cleo = make_member(display_name="Ben"), make_member(display_name="Cleo")
    circle = make_circle(ada, ben, cleo)
    hers = Client()
    hers.force_login(cleo)
    hers.post(reverse("accounts:circle-listing", args=[circle.public_id]), {})
    seen = {
        viewer: [one.display_name for one in circles.seen_in(circle=circle, viewer=viewer)] for viewer in (ada, ben)
    }
    assert seen == {ada: ["Ada", "Ben", "Cleo"], ben: ["Ada", "Ben"]}
    his = Client()
    his.force_login(ben)
    assert "And 1 who is not listed." in his.get(reverse("accounts:circle", args=[circle.public_id])).text
    hers.post(reverse("accounts:circle-listing", args=[circle.public_id]), {"is_listed": "on"})
    assert len(circles.seen_in(circle=circle, viewer=ben)) == 3


def test_the_owner_removes_by_name_who_is_not_listed_and_nobody_else(client: Client, ada: User) -> None:
    paused, blocking, cleo = (make_member(display_name=name) for name in ("Ben", "Dora", "Cleo"))
    namesake = make_member(display_name="Ben")
    circle = make_circle(ada, paused, blocking, cleo, namesake)
    Profile.objects.filter(user=paused).update(is_paused=True)
    Block.objects.create(blocker=blocking, blocked=ada)
    address = reverse("accounts:remove-unlisted-from-circle", args=[circle.public_id])
    stranger, member = Client(), Client()
    stranger.force_login(make_member())
    member.force_login(cleo)
    assert (
        stranger.post(address, {"name": "Ben"}).status_code == member.post(address, {"name": "Ben"}).status_code == 404
    )
    said = [client.post(address, {"name": name}, follow=True).text for name in ("ben ", "Dora", "Nobody", "Ada")]
    assert all("Nobody of this name is in the circle without being listed" in page for page in said)
    assert set(circle.members.all()) == {ada, cleo, namesake}
    assert Change.objects.filter(user_id=paused.pk).exists()
    assert "at most 40 characters" in client.post(address, {"name": "\x00"}, follow=True).text


def test_in_a_small_circle_nobody_is_counted(client: Client, ada: User) -> None:
    ben = make_member()
    circle = make_circle(ada, ben)
    make_sheet(ben, n_answered=163)
    page = client.get(reverse("accounts:circle", args=[circle.public_id])).text
    assert "from 4 members on" in page
    assert "have answered 36" not in page


def test_joining_asks_whether_one_is_listed(client: Client, ada: User) -> None:
    circle = make_circle(make_member())
    client.post(reverse("accounts:join"), {"code": circle.code})
    assert not circle.memberships.get(user=ada).is_listed


class TestStarting:
    START = reverse_lazy("accounts:start-circle")

    def test_a_circle_begun_by_a_visitor_is_founded_once_they_are_in(self, client: Client) -> None:
        client.logout()
        response = client.post(self.START, {"name": "Cohort 7", "description": ""})
        assert response["location"].startswith(reverse("account_signup"))
        assert not Circle.objects.exists()
        newcomer = make_member()
        session = dict(client.session)
        client.force_login(newcomer)
        kept = client.session
        kept.update(session)
        kept.save()
        assert client.get(self.START).status_code == 200, "without a purpose there is still something to say first"
        make_preference(newcomer)
        circle_page = client.get(self.START)["location"]
        circle = Circle.objects.get()
        assert (circle.name, circle.owner) == ("Cohort 7", newcomer)
        assert circle_page == reverse("accounts:circle", args=[circle.public_id])
        client.get(self.START)
        assert Circle.objects.count() == 1

    def test_a_member_founds_it_at_once(self, client: Client, ada: User) -> None:
        make_preference(ada)
        client.post(self.START, {"name": "Cohort 7", "description": ""})
        assert Circle.objects.get().owner == ada

    def test_without_a_name_it_is_told_beside_the_field(self, client: Client) -> None:
        page = client.post(self.START, {"name": "", "description": "Keeps this"})
        assert "This field is required" in page.text
        assert "Keeps this" in page.text


def test_the_circle_says_how_many_have_answered_and_never_who(client: Client, ada: User) -> None:
    others = [make_member() for _ in range(3)]
    circle = make_circle(ada, *others)
    for user, n_answered in zip(others, (36, 163, 35), strict=True):
        make_sheet(user, n_answered=n_answered)
    assert "2 of 4 members have answered 36 statements or more" in client.get(
        reverse("accounts:circle", args=[circle.public_id])
    ).text.replace("\n", " ")
