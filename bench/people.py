"""The processor time of the People page beside a bare Django page with the same people.

The bare page goes through the same middleware as the same member, reads the same rows of the twelve people in the
plainest way (impression, profile and photo; what else each is here for; circles; languages), and writes them down by a
plain template of its own, without navigation, forms or drawings. The barest page reads impressions and profiles alone,
by one query. People is measured as it is seen again, and with every card drawn and everybody read anew, as after a
change in a process that has just begun.
"""

import datetime
import os
import tempfile
import time
from collections.abc import Callable
from typing import Any

import django
import numpy as np

N_PEOPLE, N_ROUNDS, N_WARM = 200, 120, 10
PLAIN = """<!doctype html><html lang="en"><head><title>People</title></head><body><ul>
{% for row in rows %}<li><h3>{{ row.shown.profile.display_name }}</h3><p>{{ row.shown.profile.headline }}</p>
<p>{{ row.get_label_display }}</p>
<ul>{% for one in row.agreements %}<li>{{ one.scale }}</li>{% endfor %}</ul>BESIDE</li>
{% endfor %}</ul></body></html>"""
ALSO = """<ul>{% for one in row.shown.preferences.all %}<li>{{ one.get_purpose_display }}</li>{% endfor %}
{% for one in row.shown.circle_memberships.all %}<li>{{ one.circle.name }}</li>{% endfor %}
{% for one in row.shown.profile.languages.all %}<li>{{ one.code }}</li>{% endfor %}</ul>"""
# What the page shows of each person beside the profile, by a query each.
BESIDE = ("shown__preferences", "shown__circle_memberships__circle", "shown__profile__languages")


def addresses() -> None:
    """Add the bare page to the addresses of the site."""
    from django.contrib.auth.decorators import login_required
    from django.http import HttpResponse
    from django.template import engines
    from django.urls import path

    from accounts.requests import MemberRequest
    from matchsite import urls
    from recommendations.models import Impression

    template = engines["django"].from_string(PLAIN.replace("BESIDE", ALSO))
    barest = engines["django"].from_string(PLAIN.replace("BESIDE", ""))

    @login_required
    def bare(request: MemberRequest) -> HttpResponse:
        rows = Impression.objects.filter(viewer=request.user).select_related("shown__profile", "shown__photo")
        rows = rows.order_by("position")
        if "barest" in request.GET:
            return HttpResponse(barest.render({"rows": rows}, request))
        return HttpResponse(template.render({"rows": rows.prefetch_related(*BESIDE)}, request))

    urls.urlpatterns.append(path("bare/", bare))


def furnish(people: list[Any]) -> None:
    """Give everybody what a card can show: a purpose more, a circle, languages; all of them came an hour ago."""
    from django.utils import timezone

    from accounts.models import Change, Circle, CircleMembership, Preference, Profile, ProfileLanguage

    circle = Circle.objects.create(name="Sunday walkers", owner=people[0])
    CircleMembership.objects.bulk_create(CircleMembership(circle=circle, user=user) for user in people)
    Preference.objects.bulk_create(Preference(user=user, purpose="project") for user in people)
    ProfileLanguage.objects.bulk_create(
        ProfileLanguage(profile=profile, code=code) for profile in Profile.objects.all() for code in ("en", "pt")
    )
    Change.objects.update(changed_at=timezone.now() - datetime.timedelta(hours=1))


def milliseconds(get: Callable[[], object]) -> float:
    """Return what one request takes of the processor."""
    began = time.process_time()
    get()
    return 1000 * (time.process_time() - began)


def measure() -> dict[str, float | int]:
    """Return the medians of both pages, asked for in turns, and their ratio."""
    from django.core.management import call_command
    from django.test import Client
    from django.utils import timezone

    from accounts.models import Change
    from bench.serving_site import build
    from recommendations.models import Impression
    from recommendations.templatetags import people as people_tags

    call_command("collectstatic", verbosity=0, interactive=False)
    people = build(N_PEOPLE)
    viewer = people[0]
    furnish(people)
    addresses()
    client = Client(headers={"host": "example.org"})
    client.force_login(viewer)
    pages = {"people": "/people/?purpose=friend", "bare": "/bare/", "barest": "/bare/?barest=1"}
    anew: list[float] = []
    sizes = {name: len(client.get(page, secure=True).content) for name, page in pages.items()}
    assert Impression.objects.count() == 12
    took: dict[str, list[float]] = {name: [] for name in pages}
    for _ in range(N_WARM + N_ROUNDS):
        for name, page in pages.items():
            took[name].append(milliseconds(lambda page=page: client.get(page, secure=True)))  # type: ignore[misc]
    for _ in range(N_ROUNDS // 4):
        people_tags._drawn.cache_clear()
        Change.objects.filter(user_id=viewer.pk).update(changed_at=timezone.now())
        anew.append(milliseconds(lambda: client.get(pages["people"], secure=True)))
    people_ms, bare, barest = (float(np.median(took[name][N_WARM:])) for name in pages)
    return {
        "people_ms": round(people_ms, 2),
        "bare_ms": round(bare, 2),
        "ratio": round(people_ms / bare, 2),
        "read_and_drawn_anew_ms": round(float(np.median(anew)), 2),
        "ratio_anew": round(float(np.median(anew)) / bare, 2),
        "barest_ms": round(barest, 2),
        "ratio_to_barest": round(people_ms / barest, 2),
        "people_bytes": sizes["people"],
        "bare_bytes": sizes["bare"],
    }


def main() -> None:
    """Measure on an SQLite database of our own, and write the figures down."""
    from bench.results import record

    with tempfile.TemporaryDirectory(prefix="kindred-bench-", ignore_cleanup_errors=True) as directory:
        os.environ |= {"DATABASE_URL": f"sqlite:///{directory}/data.db", "DATA_DIR": directory, "DEBUG": "0"}
        os.environ |= {"SECRET_KEY": "of a measurement " * 4, "SITE_URL": "https://example.org", "DEMO": "0"}
        os.environ |= {"ALLOWED_HOSTS": "example.org", "LOG_LEVEL": "WARNING"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "matchsite.settings"
        django.setup()
        record("people-page", measure())


if __name__ == "__main__":
    main()
