"""Every text of a page goes through gettext: what the templates hold themselves is marked."""

import re
from pathlib import Path

import pytest
from django.conf import settings

TEMPLATES = Path(settings.BASE_DIR) / "templates"
# Administrators read English, and so do the readers of the API's description.
NOT_FOR_READERS = ("admin/", "api/", "allauth/")
NOT_TEXT = re.compile(
    r"\{% blocktranslate.*?\{% endblocktranslate %\}|\{% comment %\}.*?\{% endcomment %\}|\{#.*?#\}|<style.*?</style>"
    r"|<script.*?</script>|<!--.*?-->|<!doctype[^>]*>|\{%.*?%\}|\{\{.*?\}\}",
    re.DOTALL,
)
SPOKEN = re.compile(r'\b(?:aria-label|title|placeholder|alt)="([^"]*)"')
# Names and marks that are the same in every language.
SAME_EVERYWHERE = {"Kindred", "Kindred ·", "· Kindred", "AUC"}
CLASSES = re.compile(r"\{% block (main_class|extra_\w+) %\}.*?\{% endblock %\}", re.DOTALL)


def unmarked(text: str) -> list[str]:
    """Return the words of a template that no translator would get to see."""
    bare = NOT_TEXT.sub("\0", CLASSES.sub("", text))
    found = [words for words in SPOKEN.findall(bare) if re.search(r"[A-Za-z]{2,}", words)]
    for piece in re.split(r"<[^>]*>|\0", re.sub(r"<[^<>]*>", lambda tag: "\0" * 1, bare)):
        words = " ".join(piece.split())
        if re.search(r"[A-Za-z]{2,}", words) and words not in SAME_EVERYWHERE:
            found.append(words)
    return found


@pytest.mark.parametrize(
    "path",
    [
        path.relative_to(TEMPLATES).as_posix()
        for path in sorted([*TEMPLATES.rglob("*.html"), *TEMPLATES.rglob("*.txt")])
        if not path.relative_to(TEMPLATES).as_posix().startswith(NOT_FOR_READERS)
    ],
)
def test_every_text_of_a_template_is_marked(path: str) -> None:
    assert unmarked((TEMPLATES / path).read_text()) == []


def test_the_check_sees_what_is_not_marked() -> None:
    assert unmarked('<p class="fine">Plain words</p><a title="Spoken">{% translate "Marked" %}</a>') == [
        "Spoken",
        "Plain words",
    ]
