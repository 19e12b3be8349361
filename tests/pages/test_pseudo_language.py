"""Every page in a language that was made up: what stays as it is written goes past gettext, wherever it comes from."""

import gettext
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import trans_real

from accounts.models import Profile
from ml import artifacts
from ml.items import GLOBAL_FACTORS, ITEMS, SCALES
from tests.pages.pages import PAGES
from tests.pages.world import World, newcomer

OPEN, CLOSE = "⟦", "⟧"
CONTEXT = "\x04"
SPOKEN = ("aria-label", "title", "placeholder", "alt")
NOTHING = re.compile("(?!)")
# Pages that have something else to say before there is anything to show.
EMPTY_AT_FIRST = (
    *("recommendations:people", "recommendations:judged", "recommendations:preview", "conversations:list"),
    *("surveys:picture", "surveys:comparisons", "accounts:circles", "accounts:consents"),
)
REFUSED = (
    ("account_signup", {"birth_date": "2020-01-01", "email": "x", "password1": "short"}),
    ("account_signup", {"birth_date": "0001-01-01"}),
    ("accounts:edit-profile", {"place": "Nowhere at all", "gender": "woman"}),
    ("accounts:purposes", {"date-youngest": "3", "date-oldest": "2", "date-wanted": "man"}),
    ("accounts:join", {"code": "nothing"}),
)
# Of a second factor, to be typed into the app that makes codes.
SECRET = "[A-Z2-7]{32}"
LETTERS = re.compile(r"[^\W\d_]{2,}")


class Pseudo(gettext.NullTranslations):
    """Translates each text into itself, between brackets."""

    def gettext(self, message: str) -> str:
        return OPEN + message.rpartition(CONTEXT)[2] + CLOSE if message else ""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)

    def language(self) -> str:
        return "xx"

    to_language = language


class Reader(HTMLParser):
    """Gathers what is outside brackets of all that a page says; a text may have marked-up words in it."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.is_code = False
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_code = tag in ("script", "style")
        spoken = [value or "" for name, value in attrs if name in SPOKEN]
        if tag == "meta" and ("name", "description") in attrs:
            spoken.append(dict(attrs)["content"] or "")
        for text in spoken:
            assert self._outside(text, 0)[1] == 0, text

    def handle_endtag(self, tag: str) -> None:
        self.is_code = False

    def handle_data(self, data: str) -> None:
        if not self.is_code:
            _, self.depth = self._outside(data, self.depth)

    def _outside(self, text: str, depth: int) -> tuple[list[str], int]:
        pieces = []
        for piece in re.split(f"([{OPEN}{CLOSE}])", text):
            if piece in (OPEN, CLOSE):
                depth += 1 if piece == OPEN else -1
            elif depth == 0:
                pieces.append(" ".join(piece.split()))
        self.found += [piece for piece in pieces if LETTERS.search(piece)]
        return pieces, depth


def untranslated(html: str, data: re.Pattern[str]) -> list[str]:
    """Return what a page says in words that are neither translated nor data."""
    reader = Reader()
    reader.feed(html)
    assert reader.depth == 0
    return [text for text in reader.found if LETTERS.search(data.sub("", text))]


def data_of(world: World) -> re.Pattern[str]:
    """Return what is nobody's to translate: what people wrote, and the words of the instrument.

    Another language needs statements, factors and types that were tested on people who speak it: that is another
    survey, not a translation.
    """
    instrument = [item.text for item in ITEMS]
    instrument += [word for scale in SCALES for word in (scale.name, scale.low, scale.high)]
    instrument += [word for factor in GLOBAL_FACTORS for word in (factor.name, factor.low, factor.high)]
    for names in artifacts.load_reference().type_names:
        instrument += names
    written = [
        text for row in Profile.objects.values_list("display_name", "headline", "bio", "contact") for text in row
    ]
    written += ["Choir of the harbour", "We sing on Tuesdays.", "Have you seen the frog?", world.ada.email]
    words = sorted({*filter(None, (*instrument, *written)), "Kindred"}, key=len, reverse=True)
    return re.compile("|".join([*map(re.escape, words), SECRET]))


@pytest.fixture
def pseudo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The made-up language, for as long as a test lasts."""
    # Django's own registry of what it has loaded: the only place where no file is needed.
    monkeypatch.setitem(vars(trans_real)["_translations"], "xx", Pseudo())
    with translation.override("xx"):
        yield


def test_every_page_speaks_the_language_of_its_reader(world: World, pseudo: None) -> None:
    data, left = data_of(world), {}
    visits = [(page.browser(world), page.name, page.address(world)) for page in PAGES]
    visits += [(newcomer(world), f"{name}, new", reverse(name)) for name in EMPTY_AT_FIRST]
    for client, name, address in visits:
        answer = client.get(address, follow=True)
        assert answer.status_code == 200, name
        if found := untranslated(answer.content.decode(), data):
            left[name] = found
    assert left == {}


@pytest.mark.parametrize(("name", "sent"), REFUSED)
def test_refusals_speak_it_too(name: str, sent: dict[str, str], world: World, pseudo: None, client: Client) -> None:
    if name != "account_signup":
        client.force_login(world.ada)
    answer = client.post(reverse(name), sent)
    # What was accepted would lead on.
    assert answer.status_code == 200
    assert untranslated(answer.content.decode(), data_of(world)) == []


def test_a_page_that_is_missing_speaks_it_too(db: None, pseudo: None, client: Client) -> None:
    answer = client.get("/nothing-here/")
    assert (answer.status_code, untranslated(answer.content.decode(), NOTHING)) == (404, ["· Kindred", "Kindred"])


def test_what_went_past_gettext_is_seen() -> None:
    html = f'<a title="Plain">{OPEN}one <b>two</b>{CLOSE}</a><p>Ada, three</p><script>four</script>'
    assert untranslated(html, re.compile("Ada")) == ["Plain", "Ada, three"]
