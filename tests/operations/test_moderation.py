"""Reports are decided by people, with a note, for good; each decision does what it says and nothing else."""

import datetime
import uuid
from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Block, Change, Notice, Photo, Report, User
from accounts.services import bans, notices, safety, suspensions
from conversations.models import Message
from conversations.services import parting, writing
from operations.models import Access, Decision, Flag
from operations.models.moderation import AuditError
from operations.services import moderation
from privacy.services import bans as ban_sweep
from recommendations.models import Match
from recommendations.services import matches
from tests.builders import make_member, make_sheet
from tests.conversations.conftest import Pair, pair

__all__ = ["pair"]

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough phrase 42"
Decide = Callable[..., str]


@pytest.fixture
def root(client: Client) -> User:
    user = User.objects.create_superuser("root@example.org", PASSWORD)
    client.force_login(user)
    return user


@pytest.fixture
def ben(db: None) -> User:
    user = make_member(display_name="Ben", email="ben.b+kindred@gmail.com", password=PASSWORD)
    user.profile.headline, user.profile.bio = "A rude headline", "A rude text"
    user.profile.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def decide(client: Client, root: User, ben: User) -> Decide:
    """Report Ben and decide about it on the page; the text of the page that follows."""

    def post(action: str, **fields: object) -> str:
        report = safety.report(reporter=make_member(), subject=ben, reason="rude", details="He shouts")
        form = {"action": action, "note": "Seen it myself", **fields}
        return client.post(reverse("admin:operations_case_report", args=[report.pk]), form, follow=True).text

    return post


def test_the_queue_shows_the_oldest_first_with_what_was_kept_and_what_was_decided_before(
    client: Client, root: User, ben: User, decide: Decide, django_assert_max_num_queries
) -> None:
    decide("warn", says="Mind your words")
    for subject in (ben, make_member(display_name="Cleo")):
        safety.report(reporter=make_member(), subject=subject, reason="spam", details="Sells things")
    User.objects.filter(pk=ben.pk).update(deleted_at=None)
    text = client.get(reverse("admin:operations_moderation")).text
    assert text.index("A rude headline") < text.index("Cleo")
    assert text.count("1 decision against this person before") == 1
    for _ in range(8):
        safety.report(reporter=make_member(), subject=make_member(), reason="spam", details="")
    with django_assert_max_num_queries(12):
        client.get(reverse("admin:operations_moderation"))


def test_a_dismissal_changes_nothing_but_the_report(decide: Decide, ben: User) -> None:
    assert "Decided" in decide("dismiss")
    ben.refresh_from_db()
    assert (Report.objects.get().status, ben.is_active, ben.profile.bio) == ("dismissed", True, "A rude text")
    assert not Notice.objects.exists()
    assert moderation.earlier([ben.public_id]) == {}


def test_a_note_is_required_and_what_was_typed_is_kept(decide: Decide) -> None:
    text = decide("warn", says="Mind your words", note="")
    assert "This field is required" in text
    assert "Mind your words" in text
    assert "Say what the person is warned of" in decide("warn")
    assert not Decision.objects.exists()


def test_a_warning_stands_on_every_page_until_it_is_read_and_comes_by_mail_once(decide: Decide, ben: User) -> None:
    decide("warn", says="Mind your <b>words</b>")
    assert notices.send_unsent() == 1
    assert notices.send_unsent() == 0
    assert "Mind your <b>words</b>" in str(mail.outbox[0].body)
    member = Client()
    member.force_login(ben)
    page = member.get(reverse("accounts:consents")).text
    assert "Mind your &lt;b&gt;words" in page
    assert "I have read this" in page
    stranger = Client()
    stranger.force_login(make_member())
    notice = Notice.objects.get()
    stranger.post(reverse("accounts:read-notices"), {"up_to": notice.pk})
    assert "I have read this" in member.get(reverse("accounts:consents")).text, "only its person puts it away"
    member.post(reverse("accounts:read-notices"), {"up_to": notice.pk})
    assert "I have read this" not in member.get(reverse("accounts:consents")).text


def test_words_name_and_photo_are_removed_only_where_chosen(decide: Decide, ben: User) -> None:
    photo = Photo.objects.create(user=ben, state="passed", **dict.fromkeys(("small", "middle", "large"), "none.webp"))
    assert "Choose what is removed" in decide("remove")
    assert "Choose what is removed" not in decide("remove", removes=["words"])
    assert Change.objects.filter(user_id=ben.pk).exists(), "lists that were drawn are read anew"
    ben.profile.refresh_from_db()
    photo.refresh_from_db()
    assert (ben.profile.headline, ben.profile.bio, ben.profile.display_name) == ("", "", "Ben")
    assert photo.state == "passed"
    of_photo = Report.objects.create(kind="photo", subject_public_id=photo.public_id, frozen_copy={}, reason="fake")
    of_photo.frozen_copy = {"person": str(ben.public_id)}
    assert ("photo", "Photo") in moderation.removable(moderation.of_report(of_photo))
    of_photo.subject_public_id = uuid.uuid4()
    assert "the one reported is gone" in str(moderation.removable(moderation.of_report(of_photo)))
    decide("remove", removes=["photo", "name"])
    ben.profile.refresh_from_db()
    photo.refresh_from_db()
    assert (ben.profile.display_name, photo.state) == ("Member", "refused")
    assert Decision.objects.latest("pk").removed == "name, photo"


def test_a_message_is_removed_also_after_the_match_has_ended(client: Client, root: User, pair: Pair) -> None:
    sent = writing.send(user=pair.ben, public_id=pair.match.public_id, text="Something rude", token=uuid.uuid4())
    report = parting.report(user=pair.ada, public_id=pair.match.public_id, reason="rude", details="")
    assert [said["text"] for said in report.frozen_copy["words"]] == ["Your line about moths", "Something rude"]
    parting.block(user=pair.ada, public_id=pair.match.public_id)
    address = reverse("admin:operations_case_report", args=[report.pk])
    assert "Something rude" in client.get(address).text
    form = {"action": "remove", "removes": [f"message:{sent.public_id}", "notes"], "note": "Rude indeed"}
    assert client.post(address, form).status_code == 302
    message = Message.objects.get()
    assert (message.text, message.is_deleted) == ("", True)
    assert not pair.ben.verdicts_given.exclude(note="").exists()
    assert Decision.objects.get().person_public_id == pair.ben.public_id
    assert Decision.objects.get().removed == "message, notes", "no words of theirs"


def test_whoever_is_suspended_is_shut_out_and_shown_to_nobody_until_the_time_is_over(
    client: Client, root: User, pair: Pair
) -> None:
    EmailAddress.objects.create(user=pair.ben, email=pair.ben.email, verified=True, primary=True)
    pair.ben.set_password(PASSWORD)
    pair.ben.save()
    member = Client()
    member.force_login(pair.ben)
    report = safety.report(reporter=pair.ada, subject=pair.ben, reason="rude", details="")
    form = {"action": "suspend", "days": "7", "note": "A week off"}
    client.post(reverse("admin:operations_case_report", args=[report.pk]), form)
    assert Change.objects.filter(user_id=pair.ben.pk).exists()
    assert member.get(reverse("accounts:profile")).status_code == 302, "the open session is over"
    again = Client()
    again.post(reverse("account_login"), {"login": pair.ben.email, "password": PASSWORD})
    assert "_auth_user_id" not in again.session
    assert not matches.of(user=pair.ada).exists()
    now = timezone.now()
    assert suspensions.end_over(now=now) == 0
    assert suspensions.end_over(now=now + datetime.timedelta(days=7, minutes=1)) == 1
    pair.ben.refresh_from_db()
    assert (pair.ben.is_active, pair.ben.suspended_until) == (True, None)
    assert matches.of(user=pair.ada).exists()


def test_whoever_is_banned_is_deleted_and_their_address_does_not_come_back(decide: Decide, ben: User) -> None:
    decide("ban")
    ben.refresh_from_db()
    assert not ben.is_active
    assert ban_sweep.delete_banned() == 1
    assert ban_sweep.delete_banned() == 0
    ben.refresh_from_db()
    assert ben.deleted_at is not None
    form = {
        "display_name": "Ben",
        "email": "BenB@googlemail.com",
        "birth_date": "1990-05-17",
        "password1": "a long enough phrase 42",
    }
    text = Client().post(reverse("account_signup"), form).text
    assert "This address cannot be used here" in text
    assert "ban" not in text.partition("This address cannot be used here")[2][:200].lower()
    assert not User.objects.filter(email__icontains="benb").exists()
    assert bans.is_banned(email="b.e.n.b+again@gmail.com")
    assert not bans.is_banned(email="ben.b@example.org")


def test_the_hash_of_an_address_needs_a_key_of_the_site(settings) -> None:
    bans.ban(email="ada@example.org")
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another key that is long enough"
    assert not bans.is_banned(email="ada@example.org")
    settings.SECRET_KEY_FALLBACKS = [former]
    assert bans.is_banned(email="ada@example.org"), "a ban outlives a change of the key"


def test_nobody_else_s_address_is_banned_by_typing_it_in(decide: Decide, ben: User) -> None:
    EmailAddress.objects.create(user=ben, email="victim@example.org", verified=False, primary=False)
    decide("ban")
    assert bans.is_banned(email=ben.email)
    assert not bans.is_banned(email="victim@example.org")


def test_asking_for_a_new_password_does_not_tell_who_was_banned(client: Client) -> None:
    bans.ban(email="ada@example.org")
    for email in ("ada@example.org", "nobody@example.org"):
        answer = client.post(reverse("account_reset_password"), {"email": email})
        assert (answer.status_code, answer.get("Location")) == (302, reverse("account_reset_password_done"))


def test_an_account_opened_again_before_the_sweep_stays(decide: Decide, ben: User) -> None:
    decide("ban")
    User.objects.filter(pk=ben.pk).update(is_active=True)
    assert ban_sweep.delete_banned() == 0
    decide("suspend", days="7")
    assert ban_sweep.delete_banned() == 0, "a week off deletes nobody, whatever was decided before"
    ben.refresh_from_db()
    assert ben.suspended_until is not None
    assert ben.suspended_until == Decision.objects.latest("pk").until


def test_whoever_is_banned_is_told_before_the_account_goes(decide: Decide, ben: User) -> None:
    decide("ban", says="You sold things.")
    assert ban_sweep.delete_banned() == 0, "the mail has not gone yet"
    assert notices.send_unsent() == 1
    assert (mail.outbox[0].to, ban_sweep.delete_banned()) == ([ben.email], 1)


def test_nobody_decides_twice_or_about_staff(client: Client, root: User, ben: User) -> None:
    case = moderation.of_report(safety.report(reporter=make_member(), subject=ben, reason="rude", details=""))
    orders = moderation.Orders(action="dismiss", note="Nothing")
    moderation.decide(made_by=root, case=case, orders=orders)
    with pytest.raises(moderation.NotPossibleError, match="already"):
        moderation.decide(made_by=root, case=case, orders=orders)
    staff = make_member(is_staff=True)
    about_staff = safety.report(reporter=ben, subject=staff, reason="rude", details="")
    address = reverse("admin:operations_case_report", args=[about_staff.pk])
    assert "belongs to staff" in client.post(address, {"action": "ban", "note": "Out"}).text
    about_staff.refresh_from_db()
    assert about_staff.status == "open", "what was refused changed nothing"


def test_what_was_decided_and_read_is_never_changed(client: Client, root: User, decide: Decide) -> None:
    decide("dismiss")
    row = Decision.objects.get()
    address = reverse("admin:operations_decision_change", args=[row.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"note": "Rewritten"}).status_code == 403
    assert client.post(reverse("admin:operations_decision_delete", args=[row.pk])).status_code == 403
    many = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    client.post(reverse("admin:operations_decision_changelist"), many)
    assert client.post(reverse("admin:operations_decision_add"), {"note": "x"}).status_code == 403
    assert Decision.objects.count() == 1
    row.note = "Rewritten"
    with pytest.raises(AuditError):
        row.save()
    for change in (row.delete, Decision.objects.all().delete, lambda: Decision.objects.update(note="Rewritten")):
        with pytest.raises(AuditError):
            change()
    bad = {"person_public_id": uuid.uuid4(), "subject_public_id": uuid.uuid4(), "made_by": root, "action": "warn"}
    for wrong in ({"note": ""}, {"note": "x", "until": timezone.now()}, {"note": "x", "removed": "words"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Decision.objects.create(**(bad | wrong))


def test_answers_and_messages_are_read_with_a_reason_and_a_trace(client: Client, root: User, pair: Pair) -> None:
    writing.send(user=pair.ada, public_id=pair.match.public_id, text="Words of Ada", token=uuid.uuid4())
    answers, messages = (
        reverse("admin:operations_read", args=[pair.ben.public_id, what]) for what in ("answers", "messages")
    )
    assert "Words of Ada" not in client.get(messages).text
    assert "Words of Ada" not in client.post(messages, {"reason": "curious"}).text
    assert not Access.objects.exists()
    page = client.post(messages, {"reason": "A report says that money was asked for"})
    assert "Words of Ada" in page.text
    assert "no-store" in page["Cache-Control"]
    assert "agree" in client.post(answers, {"reason": "The police asked for it in writing"}).text
    assert "Your line about moths" in page.text, "notes are words too"
    rows = sorted(Access.objects.values_list("what", "person_public_id", "made_by", "n_read"))
    of_ben = pair.ben.public_id
    expected = [("answers", of_ben, root.pk, 163), ("messages", of_ben, root.pk, 2)]
    assert rows == sorted([*expected, ("messages", pair.ada.public_id, root.pk, 1)]), "both were read"
    assert client.get(reverse("admin:operations_read", args=[uuid.uuid4(), "answers"])).status_code == 404


@pytest.mark.parametrize("is_staff", [False, True])
def test_without_the_permission_there_is_nothing(client: Client, ben: User, is_staff: bool) -> None:
    report = safety.report(reporter=make_member(), subject=ben, reason="rude", details="")
    client.force_login(make_member(is_staff=is_staff))
    for address in (
        reverse("admin:operations_moderation"),
        reverse("admin:operations_case_report", args=[report.pk]),
        reverse("admin:operations_read", args=[ben.public_id, "answers"]),
        reverse("admin:operations_health"),
    ):
        assert client.get(address).status_code == (403 if is_staff else 302)


def test_whoever_reports_is_apart_from_the_person_at_once(client: Client, pair: Pair) -> None:
    client.force_login(pair.ada)
    address = reverse("recommendations:report", args=[pair.ben.public_id])
    client.post(address, {"reason": "rude", "details": ""})
    assert not Block.objects.exists(), "only where it was wanted"
    page = client.get(reverse("recommendations:person", args=[pair.ben.public_id])).text
    assert 'name="blocks" id="id_blocks" checked' in page.replace('type="checkbox" ', "")
    client.post(address, {"reason": "rude", "details": "", "blocks": "on"})
    assert Block.objects.filter(blocker=pair.ada, blocked=pair.ben).exists()
    assert not Match.objects.filter(ended_at=None).exists()


def test_a_reported_conversation_ends_with_the_report(client: Client, pair: Pair) -> None:
    client.force_login(pair.ada)
    address = reverse("conversations:report", args=[pair.match.public_id])
    assert "checked" in client.get(address).text
    client.post(address, {"reason": "rude", "blocks": "on"})
    assert Block.objects.filter(blocker=pair.ada, blocked=pair.ben).exists()


def test_a_flag_is_decided_in_the_same_queue(client: Client, root: User, ben: User) -> None:
    flag = Flag.objects.create(user=ben, kind="links", n=3, newest_at=timezone.now())
    assert "Links in first messages" in client.get(reverse("admin:operations_moderation")).text
    form = {"action": "warn", "says": "No links, please", "note": "Three links"}
    assert client.post(reverse("admin:operations_case_flag", args=[flag.pk]), form).status_code == 302
    flag.refresh_from_db()
    decision = Decision.objects.get()
    assert (flag.status, decision.flag_kind, decision.person_public_id) == ("closed", "links", ben.public_id)


def test_admin_lists_no_answers(client: Client, root: User, ben: User) -> None:
    sheet = make_sheet(ben, answers=bytes([5] * 163))
    for name in ("changelist", "change"):
        address = reverse(f"admin:surveys_answersheet_{name}", args=[sheet.pk] if name == "change" else [])
        assert "strongly agree" not in client.get(address).text
