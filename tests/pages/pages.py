"""Every page that people read, what its address holds, and in whose browser it opens."""

from collections.abc import Callable
from dataclasses import dataclass

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.test import Client
from django.urls import reverse

from tests.pages import world as people
from tests.pages.world import World


@dataclass(frozen=True)
class Page:
    """One page: its name, its address, and the browser in which it opens."""

    name: str
    address: Callable[[World], str]
    browser: Callable[[World], Client] = people.member

    @property
    def is_public(self) -> bool:
        """Whether anybody may look."""
        return self.browser is people.visitor


def plain(name: str, browser: Callable[[World], Client] = people.member, *, query: str = "") -> Page:
    """Return a page whose address holds nothing of anybody."""
    return Page(name + query, lambda _: reverse(name) + query, browser)


def page(name: str, *fields: str, browser: Callable[[World], Client] = people.member) -> Page:
    """Return a page whose address holds what these fields of the world say."""
    return Page(name, lambda world: reverse(name, args=[getattr(world, field) for field in fields]), browser)


def about_match(name: str, *more: object) -> Page:
    """Return a page of Ada's conversation."""
    return Page(name, lambda world: reverse(name, args=[world.match.public_id, *more]))


def about_person(name: str) -> Page:
    """Return a page about somebody whom Ada was shown."""
    return Page(name, lambda world: reverse(name, args=[world.other.public_id]) + "?purpose=friend")


def of_ten(world: World) -> Client:
    """Return the browser of a newcomer who answers ten statements at once."""
    client = people.newcomer(world)
    client.post(reverse("surveys:at-once"), {"at_once": "ten"})
    return client


def forgetful(world: World) -> Client:
    """Return the browser of somebody who followed the link to a new password."""
    client, user = Client(), world.ada
    uid, key = user_pk_to_url_str(user), default_token_generator.make_token(user)
    client.get(reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": key}))
    return client


def new_password(world: World) -> str:
    """Return where the link to a new password leads; the secret itself stays out of the address."""
    uid = user_pk_to_url_str(world.ada)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": "set-password"})


PUBLIC = (
    *(
        plain(name, people.visitor)
        for name in (
            *("landing", "how-it-works", "privacy", "help", "terms", "safety", "operations:how-good"),
            *("account_login", "account_signup", "account_inactive", "account_email_verification_sent"),
            *("account_reset_password", "account_reset_password_done", "account_reset_password_from_key_done"),
            *("surveys:first-statements", "accounts:start-circle", "privacy:deleted"),
        )
    ),
    page("surveys:shared-picture", "wheel", browser=people.visitor),
    page("accounts:unsubscribe", "unsubscribe", browser=people.visitor),
    page("account_confirm_email", "confirmation", browser=people.visitor),
)
# On the way in or out: who has no business there is led elsewhere than to sign-in.
DOORS = (
    plain("account_logout"),
    Page("account_reset_password_from_key", new_password, forgetful),
    plain("mfa_authenticate", people.halfway),
)
MEMBERS = (
    *(
        plain(name)
        for name in (
            *("recommendations:people", "recommendations:judged", "recommendations:preview"),
            *("conversations:list", "conversations:apart"),
            *("surveys:survey", "surveys:picture", "surveys:retake", "surveys:comparisons"),
            *("accounts:profile", "accounts:edit-profile", "accounts:photo", "accounts:purposes"),
            *("accounts:consents", "accounts:settings", "accounts:circles", "accounts:join"),
            *("privacy:own-data", "privacy:delete", "usersessions_list", "mfa_index", "mfa_activate_totp"),
            *("account_email", "account_change_password", "account_reauthenticate"),
        )
    ),
    plain("recommendations:people", query="?youngest=90"),
    plain("accounts:onboarding", people.newcomer),
    Page("surveys:survey, new", lambda _: reverse("surveys:survey"), people.newcomer),
    Page("surveys:survey, ten at once", lambda _: reverse("surveys:survey"), of_ten),
    Page("surveys:statement", lambda _: reverse("surveys:statement", args=[1])),
    Page("surveys:former-picture", lambda _: reverse("surveys:former-picture", args=[1])),
    page("surveys:comparison", "comparison"),
    page("surveys:comparison-invited", "invitation"),
    about_person("recommendations:person"),
    about_person("recommendations:like-this"),
    *(about_match(f"conversations:{name}") for name in ("conversation", "how-it-went", "part", "report", "unsafe")),
    about_match("conversations:earlier", 2),
    Page(
        "conversations:edit", lambda world: reverse("conversations:edit", args=[world.match.public_id, world.message])
    ),
    page("accounts:circle", "circle"),
    page("accounts:close-circle", "circle"),
    *(
        plain(name, people.guarded)
        for name in (
            *("mfa_reauthenticate", "mfa_deactivate_totp", "mfa_generate_recovery_codes", "mfa_view_recovery_codes"),
        )
    ),
)
PAGES = (*PUBLIC, *DOORS, *MEMBERS)
