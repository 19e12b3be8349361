"""Every page that people read, who looks at it, and people enough for each of them to show something."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from accounts.models import Block, Purpose, User
from accounts.services import circles
from conversations.models import Message
from recommendations.models import Match
from recommendations.services import verdicts
from surveys.services import sharing
from tests.builders import make_member
from tests.population import make_active_versions
from tests.recommendations.builders import make_people, show_each_other


@dataclass(frozen=True)
class World:
    """Two who matched, one whom the first was shown, and what links to them need."""

    ada: User
    match: Match
    other: User
    circle: uuid.UUID
    wheel: str
    comparison: uuid.UUID
    newcomer: User


@dataclass(frozen=True)
class Page:
    """One page: its URL name, what its address needs, who may look, and how it is asked for."""

    name: str
    address: Callable[[World], str]
    is_public: bool = False


def plain(name: str, *, is_public: bool = False, query: str = "") -> Page:
    """Return a page whose address holds nothing of anybody."""
    label = name + query
    return Page(label, lambda _: reverse(name) + query, is_public)


PUBLIC = tuple(
    plain(name, is_public=True)
    for name in (
        *("landing", "how-it-works", "privacy", "help", "terms", "safety", "operations:how-good"),
        *("account_login", "account_signup", "account_reset_password"),
        *("surveys:first-statements", "accounts:start-circle"),
    )
)
MEMBERS = (
    *(
        plain(name)
        for name in (
            *("recommendations:people", "recommendations:judged", "recommendations:preview"),
            *("conversations:list", "surveys:survey", "surveys:picture", "surveys:retake", "surveys:comparisons"),
            *("accounts:profile", "accounts:edit-profile", "accounts:photo", "accounts:purposes"),
            *("accounts:consents", "accounts:settings", "accounts:circles", "accounts:join"),
            *("privacy:own-data", "usersessions_list", "account_email", "account_change_password"),
        )
    ),
    plain("recommendations:people", query="?youngest=90"),
    Page("surveys:statement", lambda _: reverse("surveys:statement", args=[1])),
    Page("recommendations:person", lambda world: _person("person", world)),
    Page("recommendations:like-this", lambda world: _person("like-this", world)),
    Page(
        "conversations:conversation", lambda world: reverse("conversations:conversation", args=[world.match.public_id])
    ),
    Page("accounts:circle", lambda world: reverse("accounts:circle", args=[world.circle])),
    Page("accounts:close-circle", lambda world: reverse("accounts:close-circle", args=[world.circle])),
    Page("surveys:comparison", lambda world: reverse("surveys:comparison", args=[world.comparison])),
)
SHARED = Page("surveys:shared-picture", lambda world: reverse("surveys:shared-picture", args=[world.wheel]), True)
PAGES = (*PUBLIC, SHARED, *MEMBERS)


def make_world() -> World:
    """Make the people whom the pages show."""
    ada, ben, cleo, dana, eli = make_people(make_active_versions(), 5)
    ada.set_password("a long enough phrase 42")
    ada.save()
    for other in (ben, cleo, dana):
        show_each_other(ada, other)
    for actor, target in ((ada, ben), (ben, ada), (ada, cleo)):
        verdicts.record(actor=actor, target=target, purpose=Purpose.FRIEND, value="like")
    match = Match.objects.get()
    for number, sender in enumerate((ben, ada), start=1):
        Message.objects.create(
            match=match, sender=sender, text="Have you seen the frog?", number=number, revision=number
        )
    Match.objects.update(last_message_at=timezone.now())
    circle = circles.found(user=ada, name="Choir of the harbour", description="We sing on Tuesdays.")
    circles.join(user=ben, code=circle.code)
    Block.objects.create(blocker=ada, blocked=eli)
    comparison = sharing.join(user=ben, token=sharing.begin(user=ada).token)
    sharing.agree(user=ada, public_id=comparison.public_id)
    return World(
        ada=ada,
        match=match,
        other=dana,
        circle=circle.public_id,
        wheel=sharing.share(user=ada).token,
        comparison=comparison.public_id,
        newcomer=make_member(),
    )


def _person(name: str, world: World) -> str:
    """Return a page about somebody whom Ada was shown."""
    return reverse(f"recommendations:{name}", args=[world.other.public_id]) + "?purpose=friend"
