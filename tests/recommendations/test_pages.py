"""Pages about other people: who sees what, and that a stranger gets nothing."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Block, Consent, Notification, Preference, Profile, Purpose, Report, User
from privacy.inventory import INVENTORY
from privacy.services import exports
from recommendations.models import Impression, Match, Verdict, VerdictValue
from recommendations.services import deferrals, verdicts
from surveys.models import MeasurementVersion
from tests.builders import make_circle, make_member, make_preference
from tests.recommendations.builders import make_impression, make_people

FRIEND = Purpose.FRIEND
LISTS = ("people", "judged", "conversations:list")


@pytest.fixture
def pair(version: MeasurementVersion, client: Client) -> tuple[User, User]:
    """Two people open for friendship; the first is signed in."""
    ada, ben = make_people(version, 2)
    Profile.objects.filter(user=ada).update(display_name="Ada", contact="ada's bell")
    Profile.objects.filter(user=ben).update(display_name="Ben", contact="ben's bell")
    client.force_login(ada)
    return ada, ben


def address(name: str, *args: Any) -> str:
    return reverse(name if ":" in name else f"recommendations:{name}", args=args)


def say(client: Client, target: User, value: str, **form: str) -> Any:
    return client.post(address("verdict", target.public_id), {"purpose": FRIEND, "value": value} | form)


def match_of(ada: User, ben: User) -> Match:
    for actor, target in ((ada, ben), (ben, ada)):
        make_impression(actor, target)
        verdicts.record(actor=actor, target=target, purpose=FRIEND, value=VerdictValue.LIKE)
    return Match.objects.get()


@pytest.mark.parametrize("name", LISTS)
def test_a_visitor_is_sent_to_sign_in(client: Client, db: None, name: str) -> None:
    assert client.get(address(name))["location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", LISTS)
def test_without_consent_nobody_is_shown(client: Client, pair: tuple[User, User], name: str) -> None:
    Consent.objects.create(user=pair[0], kind=Consent.Kind.MATCHING, is_given=False)
    assert client.get(address(name))["location"] == reverse("accounts:consents")


def test_people_are_shown_with_a_word_and_reasons_and_no_number(client: Client, pair: tuple[User, User]) -> None:
    page = client.get(address("people")).text
    assert "Ben" in page
    assert Impression.objects.get().get_label_display() in page
    assert "%" not in re.sub(r"<head>.*?</head>", "", page, flags=re.DOTALL)
    assert "example.org" not in page
    assert "ben&#x27;s bell" not in page


def test_the_number_of_queries_does_not_depend_on_the_number_of_cards(
    client: Client, pair: tuple[User, User], version: MeasurementVersion
) -> None:
    def n_queries() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address("people")).status_code == 200
        return len(queries)

    make_people(version, 3, seed=3)
    n_queries()
    with_four = n_queries()
    make_people(version, 14, seed=4)
    Impression.objects.all().delete()
    n_queries()
    assert n_queries() == with_four <= 25


def test_neither_a_person_nor_what_was_said_takes_more_queries_with_more_people(
    client: Client, pair: tuple[User, User], version: MeasurementVersion
) -> None:
    ada, ben = pair

    def n_queries(name: str, *args: Any) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address(name, *args)).status_code == 200
        return len(queries)

    def judge(people: list[User]) -> None:
        for index, other in enumerate(people):
            make_impression(ada, other)
            if index % 3:
                verdicts.record(actor=ada, target=other, purpose=FRIEND, value=("like", "pass")[index % 2])
            else:
                deferrals.defer(viewer=ada, other=other, purpose=FRIEND)

    judge([ben, *make_people(version, 2, seed=3)])
    n_queries("judged")
    few = n_queries("judged"), n_queries("person", ben.public_id)
    judge(make_people(version, 12, seed=4))
    assert (n_queries("judged"), n_queries("person", ben.public_id)) == few
    assert few <= (15, 22)


def test_whose_page_does_not_open_any_more_is_named_without_a_link(client: Client, pair: tuple[User, User]) -> None:
    ada, ben = pair
    make_impression(ada, ben)
    say(client, ben, "like")
    link = f'href="{address("person", ben.public_id)}?purpose=friend"'
    assert link in client.get(address("judged")).text
    Preference.objects.filter(user=ben).update(youngest=60)
    page = client.get(address("judged")).text
    assert "Ben" in page
    assert link not in page


def test_a_pass_leads_back_to_the_list_without_the_person(client: Client, pair: tuple[User, User]) -> None:
    client.get(address("people"))
    response = say(client, pair[1], "pass")
    assert response["location"] == f"{address('people')}?purpose=friend"
    assert "You passed on Ben." in client.get(address("people")).text
    assert "Ben" not in client.get(address("people")).text
    assert "Ben" in client.get(address("judged")).text


def test_a_judgement_can_be_taken_back(client: Client, pair: tuple[User, User]) -> None:
    client.get(address("people"))
    say(client, pair[1], "like")
    assert say(client, pair[1], "undone", back="judged")["location"] == address("judged")
    assert "Ben" not in client.get(address("judged")).text
    assert "Ben" in client.get(address("people")).text


NOTE = "Shall we look for moths?"


def test_a_note_is_its_writers_own_until_the_match(client: Client, pair: tuple[User, User]) -> None:
    ada, ben = pair
    client.get(address("people"))
    say(client, ben, "like", note=NOTE)
    assert NOTE in client.get(address("person", ben.public_id)).text
    assert NOTE in client.get(address("judged")).text
    other = Client()
    other.force_login(ben)
    seen = [other.get(address("people")).text, other.get(address("person", ada.public_id)).text]
    seen += [other.get(address(name)).text for name in LISTS]
    seen += [other.get(reverse(f"api:{name}")).text for name in ("verdicts", "matches")]
    make_impression(ben, ada)
    assert not any(NOTE in page for page in seen)
    copies = [str([list(exports.rows_of(entry, user)) for entry in INVENTORY if entry.exported]) for user in pair]
    assert [NOTE in copy for copy in copies] == [True, False]
    match = say(other, ada, "like")["location"]
    assert NOTE in other.get(match).text


@pytest.mark.parametrize(
    "link", ["https://a.example/b", "www.moths.org", "write to me@moths.org", "see moths.com", "t.me/moths"]
)
def test_a_note_with_a_link_is_handed_back_as_it_was_typed(client: Client, pair: tuple[User, User], link: str) -> None:
    client.get(address("people"))
    response = say(client, pair[1], "like", note=f"Hello <b> {link}")
    assert response.status_code == 422
    assert "Leave links and addresses out" in response.text
    assert f"Hello &lt;b&gt; {link}</textarea>" in response.text
    card = client.post(
        address("verdict", pair[1].public_id),
        {"purpose": FRIEND, "value": "like", "note": link},
        headers={"hx-request": "true"},
    )
    assert (card.status_code, link in card.text, "<html" in card.text) == (200, True, False)
    assert not Verdict.objects.exists()


def test_a_note_may_be_200_characters_long_and_hold_dots(client: Client, pair: tuple[User, User]) -> None:
    client.get(address("people"))
    assert "At most 200 characters" in say(client, pair[1], "like", note="x" * 201).text
    assert (
        say(client, pair[1], "like", note="Well... e.g. at 8.30, or 1.5 hours later.Fine?" + "x" * 150).status_code
        == 302
    )


def test_after_each_word_it_can_be_undone(client: Client, pair: tuple[User, User]) -> None:
    client.get(address("people"))
    for value, sentence in (("like", "You would like to meet Ben."), ("pass", "You passed on Ben.")):
        say(client, pair[1], value)
        page = client.get(address("people")).text
        assert sentence in page
        assert f'aria-label="Undo: {sentence}"' in page
        assert sentence not in client.get(address("people")).text, "it is offered once"
        say(client, pair[1], "undone")
        assert f"person-{pair[1].public_id}" in client.get(address("people")).text


def test_with_htmx_a_card_is_replaced_where_it_is_and_comes_back(client: Client, pair: tuple[User, User]) -> None:
    client.get(address("people"))

    def card(name: str, **form: str) -> str:
        response = client.post(
            address(name, pair[1].public_id), {"purpose": FRIEND} | form, headers={"hx-request": "true"}
        )
        assert response.status_code == 200
        assert response.text.strip().startswith("<li") or response.text.strip().endswith("</li>")
        return response.text

    assert "You would like to meet Ben." in card("verdict", value="like", filters="oldest=50")
    assert "I'd like to meet Ben" in card("verdict", value="undone")
    assert "Ben stays out of your lists for 30 days." in card("later")
    assert "I'd like to meet Ben" in card("later", is_taken_back="on")
    make_impression(pair[1], pair[0])
    verdicts.record(actor=pair[1], target=pair[0], purpose=FRIEND, value=VerdictValue.LIKE)
    matched = client.post(
        address("verdict", pair[1].public_id), {"purpose": FRIEND, "value": "like"}, headers={"hx-request": "true"}
    )
    assert matched["HX-Redirect"] == reverse("conversations:conversation", args=[Match.objects.get().public_id])


def test_what_two_have_in_common_is_said_and_whom_one_dates_is_not(client: Client, pair: tuple[User, User]) -> None:
    ada, ben = pair
    for user in pair:
        user.profile.languages.create(code="pt")
        make_preference(user, purpose=Purpose.PROJECT), make_preference(user, purpose=Purpose.DATE)
    ada.profile.languages.create(code="fr")
    make_circle(ada, ben, name="Moth watchers")
    page = client.get(address("people"), {"purpose": FRIEND}).text
    assert all(words in page for words in ("Moth watchers", "Portuguese", "also: A project"))
    assert "also: A date" not in page
    assert '<li class="in-common">French' not in page
    Preference.objects.filter(user=ben, purpose=Purpose.PROJECT).update(oldest=20)
    assert "also: A project" not in client.get(address("people"), {"purpose": FRIEND}).text


@pytest.mark.parametrize("back", ["person", "match", "https://example.org"])
def test_where_one_goes_back_to_is_fixed(client: Client, pair: tuple[User, User], back: str) -> None:
    client.get(address("people"))
    response = say(client, pair[1], "like", back=back)
    assert response.status_code == 404 or response["location"].startswith(("/people/", "/matches/"))


def test_a_mutual_like_leads_to_the_match(client: Client, pair: tuple[User, User]) -> None:
    ada, ben = pair
    make_impression(ben, ada)
    verdicts.record(actor=ben, target=ada, purpose=FRIEND, value=VerdictValue.LIKE)
    client.get(address("people"))
    assert say(client, ben, "like")["location"] == address("conversations:conversation", Match.objects.get().public_id)


def test_that_somebody_likes_one_is_not_to_be_seen(client: Client, pair: tuple[User, User]) -> None:
    ada, ben = pair
    client.get(address("people"))
    before = re.sub(r'value="[^"]{20,}"', "", client.get(address("people")).text)
    make_impression(ben, ada)
    verdicts.record(actor=ben, target=ada, purpose=FRIEND, value=VerdictValue.LIKE)
    assert re.sub(r'value="[^"]{20,}"', "", client.get(address("people")).text) == before


@pytest.mark.parametrize("form", [{"value": "love"}, {"purpose": "marriage"}, {"value": ""}])
def test_nonsense_is_nobody(client: Client, pair: tuple[User, User], form: dict[str, str]) -> None:
    client.get(address("people"))
    said = {"purpose": FRIEND, "value": "like"} | form
    assert client.post(address("verdict", pair[1].public_id), said).status_code == 404
    assert not Verdict.objects.exists()


def test_a_stranger_gets_nothing(client: Client, pair: tuple[User, User], version: MeasurementVersion) -> None:
    ada, ben = pair
    match = match_of(ada, ben)
    client.force_login(make_people(version, 1, seed=7, purpose=Purpose.PROJECT)[0])
    assert client.get(address("person", ben.public_id)).status_code == 404
    assert client.get(address("conversations:conversation", match.public_id)).status_code == 404
    assert client.post(address("conversations:contact", match.public_id), {"shares": "on"}).status_code == 404
    for name in ("verdict", "block", "report"):
        form = {"purpose": FRIEND, "value": "like", "reason": "spam"}
        assert client.post(address(name, ben.public_id), form).status_code == 404
    assert not Block.objects.exists()
    assert not Report.objects.exists()
    for name in LISTS:
        page = client.get(address(name)).text
        assert "Ben" not in page
        assert "Ada" not in page


@pytest.mark.parametrize("name", ["verdict", "block", "report", "sample-verdict"])
def test_nothing_is_changed_by_looking(client: Client, pair: tuple[User, User], name: str) -> None:
    args = [] if name == "sample-verdict" else [pair[1].public_id]
    assert client.get(address(name, *args)).status_code == 405


def test_a_persons_page_repeats_what_the_list_said(client: Client, pair: tuple[User, User]) -> None:
    client.get(address("people"))
    Impression.objects.update(label=5)
    page = client.get(address("person", pair[1].public_id)).text
    assert "Very close" in page
    assert "ben&#x27;s bell" not in page
    assert Impression.objects.count() == 1


@pytest.mark.parametrize("purpose", ["", "work", "\0", "friend" * 100])
def test_a_purpose_that_is_none_leads_nowhere(client: Client, pair: tuple[User, User], purpose: str) -> None:
    assert client.get(address("person", pair[1].public_id), {"purpose": purpose}).status_code == 404


@pytest.mark.parametrize("by_viewer", [True, False])
def test_a_block_makes_both_invisible_everywhere(client: Client, pair: tuple[User, User], by_viewer: bool) -> None:
    ada, ben = pair
    match = match_of(ada, ben)
    if by_viewer:
        client.post(address("block", ben.public_id))
    else:
        Block.objects.create(blocker=ben, blocked=ada)
    assert client.get(address("person", ben.public_id)).status_code == 404
    assert client.get(address("conversations:conversation", match.public_id)).status_code == 404
    for name in LISTS:
        assert "Ben" not in client.get(address(name)).text


def test_a_report_keeps_what_was_seen(client: Client, pair: tuple[User, User]) -> None:
    client.get(address("people"))
    client.post(address("report", pair[1].public_id), {"reason": "spam", "details": "sells"})
    assert Report.objects.get().frozen_copy["display_name"] == "Ben"
    response = client.post(address("report", pair[1].public_id), {"reason": "boring"}, follow=True)
    assert "Choose a reason" in response.text
    assert Report.objects.count() == 1


def test_how_to_reach_each_other_is_seen_when_both_choose(client: Client, pair: tuple[User, User]) -> None:
    ada, ben = pair
    match = match_of(ada, ben)
    page = address("conversations:conversation", match.public_id)
    choice = address("conversations:contact", match.public_id)
    assert "ben&#x27;s bell" not in client.get(page).text
    client.post(choice, {"shares": "on"})
    assert "ben&#x27;s bell" not in client.get(page).text
    other = Client()
    other.force_login(ben)
    other.post(choice, {"shares": "on"})
    assert "ben&#x27;s bell" in client.get(page).text
    assert "ada&#x27;s bell" in other.get(page).text
    client.post(choice, {})
    assert "ada&#x27;s bell" not in other.get(page).text


def test_opening_the_matches_reads_the_notifications(client: Client, pair: tuple[User, User]) -> None:
    match_of(*pair)
    assert "Ben" in client.get(address("conversations:list")).text
    assert Notification.objects.get(user=pair[0]).read_at is not None
    assert Notification.objects.get(user=pair[1]).read_at is None


def test_a_circle_narrows_the_list_to_its_members(
    client: Client, pair: tuple[User, User], version: MeasurementVersion
) -> None:
    ada, ben = pair
    cleo = make_people(version, 1, seed=5)[0]
    Profile.objects.filter(user=cleo).update(display_name="Cleo")
    circle = make_circle(ada, ben)
    page = client.get(address("people"), {"circle": str(circle.public_id)}).text
    assert "Ben" in page
    assert "Cleo" not in page
    strange = make_circle(cleo, name="Strangers")
    assert client.get(address("people"), {"circle": str(strange.public_id)}).status_code == 404
    assert client.get(address("people"), {"purpose": "marriage"}).status_code == 404


def test_an_empty_list_says_why(client: Client, pair: tuple[User, User]) -> None:
    Preference.objects.filter(user=pair[1]).update(youngest=60)
    page = client.get(address("people")).text
    assert "Nobody new fits all of this" in page
    Preference.objects.filter(user=pair[0]).update(is_active=False)
    assert "You are not here for this" in client.get(address("people")).text


def test_the_next_step_is_what_is_missing(client: Client, pair: tuple[User, User]) -> None:
    assert client.get(address("next-step"))["location"] == address("people")
    newcomer = make_member()
    client.force_login(newcomer)
    assert client.get(address("next-step"))["location"] == reverse("accounts:onboarding")
    make_preference(newcomer)
    assert client.get(address("next-step"))["location"] == reverse("surveys:survey")
    client.force_login(User.objects.create_superuser("root@example.org", "a long enough phrase 42"))
    assert client.get(address("next-step"))["location"] == reverse("admin:index")
