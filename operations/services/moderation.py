"""What waits for an operator's decision, and what each decision does; every one is written down for good."""

import datetime
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from accounts.models import Photo, Profile, Report, User
from accounts.services import bans, changes, notices, photos, suspensions
from conversations.services import writing
from operations.models import Decision, Flag
from recommendations.models import Verdict

MESSAGE = "message:"
ANONYMOUS = "Member"
WORDS = ("headline", "bio", "gender_words", "contact")


class NotPossibleError(Exception):
    """The decision cannot be made; the message says why."""


@dataclass(frozen=True)
class Case:
    """A report or a flag, and the person whom it is about."""

    person_public_id: uuid.UUID
    subject_public_id: uuid.UUID
    report: Report | None = None
    flag: Flag | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody decided yet."""
        if self.report is not None:
            return self.report.status == Report.Status.OPEN
        return self.flag is not None and self.flag.status == Flag.Status.OPEN


@dataclass(frozen=True)
class Orders:
    """What an operator decided."""

    action: str
    note: str
    says: str = ""
    """What the person is told."""
    removes: Sequence[str] = field(default_factory=tuple)
    """What is removed: keys of `removable`."""
    days: int | None = None
    """How long a suspension lasts."""


def of_report(report: Report) -> Case:
    """Return the case of a report."""
    person = report.frozen_copy.get("person") or report.subject_public_id
    return Case(uuid.UUID(str(person)), report.subject_public_id, report=report)


def of_flag(flag: Flag) -> Case:
    """Return the case of a flag."""
    return Case(flag.user.public_id, flag.user.public_id, flag=flag)


def person_of(case: Case) -> User | None:
    """Return whom a case is about, while there still is an account."""
    return User.objects.filter(public_id=case.person_public_id, deleted_at=None).first()


def open_reports() -> QuerySet[Report]:
    """Return the reports that nobody decided about, oldest first; those of the demo come last."""
    return Report.objects.filter(status=Report.Status.OPEN).order_by("is_demo", "created_at", "pk")


def open_flags() -> QuerySet[Flag]:
    """Return the flags that nobody decided about, oldest first."""
    return Flag.objects.filter(status=Flag.Status.OPEN).select_related("user").order_by("found_at", "pk")


def earlier(person_public_ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, int]:
    """Return how often it was decided against people before; dismissals do not count. One query."""
    against = Decision.objects.filter(person_public_id__in=list(person_public_ids))
    counted = against.exclude(action=Decision.Action.DISMISS).values_list("person_public_id")
    return dict(counted.annotate(n=Count("pk")).order_by())


def decisions_about(person_public_id: uuid.UUID) -> QuerySet[Decision]:
    """Return all that was decided about a person, newest first."""
    return Decision.objects.filter(person_public_id=person_public_id).select_related("made_by").order_by("-pk")


def removable(case: Case) -> list[tuple[str, str]]:
    """Return what can be removed of a person, each with a key and words for it."""
    person = person_of(case)
    if person is None:
        return []
    choices = [
        ("words", "Words of the profile, and how matches can reach them"),
        ("name", "Name, which becomes Member"),
    ]
    if hasattr(person, "photo"):
        is_another = case.report is not None and case.report.kind == "photo"
        is_another = is_another and case.subject_public_id != person.photo.public_id
        choices.append(
            ("photo", "The photo that stands there now; the one reported is gone" if is_another else "Photo")
        )
    if case.report is not None and case.report.reporter_id is not None and case.report.kind != "person":
        choices.append(("notes", "Notes that came with likes of the reporter"))
    copied = case.report.frozen_copy.get("words", ()) if case.report is not None else ()
    theirs = [said for said in copied if said["from"] == "reported" and said.get("message")]
    choices += [(f"{MESSAGE}{said['message']}", f"Message: {said['text'][:60]}") for said in theirs]
    return choices


@transaction.atomic
def decide(*, made_by: User, case: Case, orders: Orders) -> Decision:
    """Do what an operator decided, and write it down.

    Raises
    ------
    NotPossibleError
        When somebody else has decided meanwhile, the person is not here any more, or nothing follows from the orders.
    """
    action = Decision.Action(orders.action)
    until = _end_of(orders) if action == Decision.Action.SUSPEND else None
    _take(case, is_upheld=action != Decision.Action.DISMISS)
    removed = ""
    if action != Decision.Action.DISMISS:
        person = person_of(case)
        if person is None:
            raise NotPossibleError("This account does not exist any more. Only a dismissal is possible.")
        if person.is_staff:
            raise NotPossibleError("This account belongs to staff. Take that away from it first.")
        removed = _carry_out(case, person, orders, until)
        if orders.says:
            notices.say(user=person, text=orders.says)
    return Decision.objects.create(
        made_by=made_by,
        report=case.report,
        flag_kind=case.flag.kind if case.flag is not None else "",
        person_public_id=case.person_public_id,
        subject_public_id=case.subject_public_id,
        action=action,
        removed=removed,
        until=until,
        note=orders.note,
    )


def _take(case: Case, *, is_upheld: bool) -> None:
    """Close a case under its lock, so that two operators never decide about one."""
    if case.report is not None:
        report = Report.objects.select_for_update().get(pk=case.report.pk)
        is_open, report.status = report.status == Report.Status.OPEN, Report.Status.UPHELD
        if not is_upheld:
            report.status = Report.Status.DISMISSED
        report.save(update_fields=["status"])
    elif case.flag is not None:
        flag = Flag.objects.select_for_update().get(pk=case.flag.pk)
        is_open, flag.status = flag.status == Flag.Status.OPEN, Flag.Status.CLOSED
        flag.save(update_fields=["status"])
    else:
        is_open = False
    if not is_open:
        raise NotPossibleError("Somebody has decided about this already.")


def _carry_out(case: Case, person: User, orders: Orders, until: datetime.datetime | None) -> str:
    """Do to a person what was decided, and return what was removed, in words."""
    if orders.action == Decision.Action.REMOVE:
        return _remove(case, person, orders.removes)
    if until is not None:
        suspensions.suspend(user=person, until=until)
    elif orders.action == Decision.Action.BAN:
        # What is left of the account, the sweep of `privacy` deletes that finds this decision.
        for email in _own_addresses(person):
            bans.ban(email=email)
        suspensions.close(user=person)
    return ""


def _own_addresses(person: User) -> set[str]:
    """Return the addresses that are a person's own: anybody can type in somebody else's, and it is never confirmed."""
    confirmed = dict(EmailAddress.objects.filter(user=person).values_list("email", "verified"))
    confirmed.setdefault(person.email, True)
    return {email for email, is_confirmed in confirmed.items() if is_confirmed}


def _end_of(orders: Orders) -> datetime.datetime:
    """Return when a suspension ends."""
    if not orders.days:
        raise NotPossibleError("Say for how many days.")
    return timezone.now() + datetime.timedelta(days=orders.days)


def _remove(case: Case, person: User, chosen: Sequence[str]) -> str:
    """Remove what was chosen among what can be removed, and return its kinds; never its words."""
    possible = [key for key, _ in removable(case) if key in chosen]
    if not possible:
        raise NotPossibleError("Choose what is removed.")
    for key in possible:
        if key.startswith(MESSAGE):
            writing.empty(sender=person, public_id=uuid.UUID(key.removeprefix(MESSAGE)))
        else:
            REMOVERS[key](case, person)
    changes.note(person.pk)
    return ", ".join(sorted({key.partition(":")[0] for key in possible}))


def _remove_words(_case: Case, person: User) -> None:
    Profile.objects.filter(user=person).update(**dict.fromkeys(WORDS, ""))


def _remove_name(_case: Case, person: User) -> None:
    Profile.objects.filter(user=person).update(display_name=ANONYMOUS)


def _refuse_photo(_case: Case, person: User) -> None:
    for photo in Photo.objects.filter(user=person):
        photos.review(photo=photo, passes=False)


def _remove_notes(case: Case, person: User) -> None:
    if case.report is not None:
        Verdict.objects.filter(actor=person, target=case.report.reporter_id).update(note="")


REMOVERS: Mapping[str, Callable[[Case, User], None]] = {
    "words": _remove_words,
    "name": _remove_name,
    "photo": _refuse_photo,
    "notes": _remove_notes,
}
