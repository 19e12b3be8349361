"""The business dashboard: who comes, stays and finds somebody."""

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from ml.metric_histograms import Estimate
from operations.models import BusinessDay, BusinessState, CohortWeek
from operations.services import figures
from operations.services.panels import Cell, Column, Panel, line

HOUR = 3600
DAY = Column("Day", "text")
# Sources and circles beyond these are one line.
MOST_NAMED = 12


def panels(*, today: datetime.date) -> list[Panel]:
    """Return the whole dashboard; reads snapshots only."""
    since = today - datetime.timedelta(days=figures.FOUR_WEEKS - 1)
    found = list(BusinessDay.objects.filter(day__gte=since, day__lte=today).order_by("day"))
    states = list(BusinessState.objects.filter(day__gte=since, day__lte=today).order_by("day"))
    return [
        _headline(found, states[-1] if states else None),
        _joined(found),
        _origin("sources", "Where people come from", "Source", (row.sources for row in found)),
        _origin("circles", "The circle people come with", "Circle", (row.circles for row in found)),
        _visits(found),
        _cohorts(),
        _lost(states),
        _success(states),
        _funnel(states[-1] if states else None),
    ]


def _headline(found: Sequence[BusinessDay], state: BusinessState | None) -> Panel:
    """Return four weeks in a few numbers."""
    joined, visits = sum(row.n_joined for row in found), sum(row.n_visits for row in found)
    seconds = sum(row.seconds for row in found)
    rows: list[Sequence[Cell]] = [
        ("Joined", joined),
        ("Activated", sum(row.n_activated for row in found)),
        ("Sessions", visits),
        ("Mean session, minutes", _written(seconds / visits / 60 if visits else None)),
        ("Total time, hours", _written(seconds / HOUR)),
    ]
    if state is not None:
        rows += [
            ("Active members", state.n_active),
            ("Matches", state.n_matches),
            ("Successful matches", state.n_successful),
            ("Successful matches per member and hour", _written(_per_hour(state), 4)),
        ]
    return Panel("figures", "Last 28 days", "", (Column("Figure", "text"), Column("Value", "text")), rows)


def _joined(found: Sequence[BusinessDay]) -> Panel:
    rows = [
        (f"{row.day}", row.n_joined, row.n_activated, figures.share(row.n_activated, row.n_joined)) for row in found
    ]
    series = [
        {"name": "Joined", "values": [row.n_joined for row in found], "hue": 1},
        {"name": "Activated", "values": [row.n_activated for row in found], "hue": 2},
    ]
    return Panel(
        "joined",
        "Acquisition and activation",
        "Who joined on each day, and who of them has since answered enough to be shown to others.",
        (DAY, Column("Joined", "count"), Column("Activated", "count"), Column("Share activated")),
        rows[::-1],
        _chart("bar", found, series),
    )


def _origin(slug: str, title: str, name: str, counts: Iterable[dict[str, int]]) -> Panel:
    """Return how many joined by source or by circle, the most frequent first."""
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    rows: list[tuple[Cell, ...]] = list(total.most_common(MOST_NAMED))
    if rest := total.total() - sum(n for _, n in total.most_common(MOST_NAMED)):
        rows.append(("all others", rest))
    n = total.total()
    cells = [(label, count, figures.share(int(str(count)), n)) for label, count in rows]
    return Panel(
        slug,
        title,
        "Members who joined in the last 28 days.",
        (Column(name, "text"), Column("Joined", "count"), Column("Share")),
        cells,
        {
            "type": "bar",
            "labels": [str(row[0]) for row in cells],
            "series": [{"name": "Joined", "values": [row[1] for row in cells], "hue": 1}],
            "marks": [],
        },
    )


def _visits(found: Sequence[BusinessDay]) -> Panel:
    rows = [
        (
            f"{row.day}",
            row.n_visitors,
            row.n_visits,
            round(row.seconds / row.n_visits / 60, 1) if row.n_visits else None,
            round(row.seconds / HOUR, 1),
        )
        for row in found
    ]
    series = [
        {"name": "Members here", "values": [row.n_visitors for row in found], "hue": 1},
        {"name": "Sessions", "values": [row.n_visits for row in found], "hue": 2},
    ]
    return Panel(
        "sessions",
        "Sessions and time",
        "A session is a visit without a pause of 30 minutes, from its first request to its last.",
        (
            DAY,
            Column("Members here", "count"),
            Column("Sessions", "count"),
            Column("Mean session, minutes", "written"),
            Column("Total, hours", "written"),
        ),
        rows[::-1],
        _chart("line", found, series),
    )


def _cohorts() -> Panel:
    """Return, for each week in which people joined, who was here in it and in those that followed."""
    rows: dict[datetime.date, dict[int, Estimate]] = {}
    sizes: dict[datetime.date, int] = {}
    for row in CohortWeek.objects.order_by("joined_in", "week"):
        age = (row.week - row.joined_in).days // 7
        rows.setdefault(row.joined_in, {})[age] = figures.share(row.n_here, row.n_people)
        sizes[row.joined_in] = row.n_people
    oldest = max((age for cells in rows.values() for age in cells), default=0)
    return Panel(
        "cohorts",
        "Who comes back",
        f"Of those who joined in one week, the share that was here in each week after. Cohorts of fewer than"
        f" {figures.LEAST} are not shown.",
        (
            Column("Joined in the week of", "text"),
            Column("People", "count"),
            *(Column(f"Week {age}") for age in range(oldest + 1)),
        ),
        [
            (f"{cohort}", sizes[cohort], *(cells.get(age) for age in range(oldest + 1)))
            for cohort, cells in sorted(rows.items(), reverse=True)
        ],
        is_heat_map=True,
    )


def _lost(states: Sequence[BusinessState]) -> Panel:
    shares = [figures.share(row.n_lost, row.n_before) for row in states]
    return Panel(
        "churn",
        "Churn",
        "Of who was here in the 28 days before the last 28, the share that was not here since.",
        (DAY, Column("Active", "count"), Column("Churn")),
        [(f"{row.day}", row.n_active, share) for row, share in zip(states, shares, strict=True)][::-1],
        _chart("line", states, [line("Churn", shares, 1, band=True)]),
    )


def _success(states: Sequence[BusinessState]) -> Panel:
    rows = [
        (
            f"{row.day}",
            row.n_matches,
            row.n_successful,
            figures.share(row.n_successful, row.n_matches),
            _written(2 * row.n_successful / row.n_active if row.n_active else None, 3),
            _written(_per_hour(row), 4),
        )
        for row in states
    ]
    values = [_per_hour(row) for row in states]
    return Panel(
        "success",
        "Successful matches",
        "Of the matches of 28 days, those with two who would both meet again, or who each wrote three messages. Each"
        " counts for both people. Per member and hour: divided by all hours that members spent here in these days.",
        (
            DAY,
            Column("Matches", "count"),
            Column("Successful", "count"),
            Column("Share successful"),
            Column("Per active member", "written"),
            Column("Per member and hour", "written"),
        ),
        rows[::-1],
        _chart("line", states, [{"name": "Successful matches per member and hour", "values": values, "hue": 2}]),
    )


def _funnel(state: BusinessState | None) -> Panel:
    steps = state.funnel if state is not None else []
    first = steps[0][1] if steps else 0
    rows, former = [], first
    for name, n in steps:
        rows.append((name, n, figures.share(n, first), figures.share(n, former)))
        former = n
    return Panel(
        "funnel",
        "From the first visit to a conversation",
        "People of the last 28 days; each step counts those who took all steps before it. Who tried the survey without"
        " an account is counted by the answers that wait for one. Who only looked is not: nobody is followed.",
        (Column("Step", "text"), Column("People", "count"), Column("Of all"), Column("Of the step before")),
        rows,
        {
            "type": "bar",
            "labels": [row[0] for row in rows],
            "series": [{"name": "People", "values": [row[1] for row in rows], "hue": 1}],
            "marks": [],
        },
    )


def _per_hour(state: BusinessState) -> float | None:
    """Return successful matches, counted for both people, by the hours that all members spent here."""
    return 2 * state.n_successful / (state.seconds / HOUR) if state.seconds else None


def _written(value: float | None, digits: int = 1) -> str | None:
    return None if value is None else f"{value:.{digits}f}"


def _chart(kind: str, rows: Sequence[BusinessDay | BusinessState], series: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"type": kind, "labels": [f"{row.day:%-d %b}" for row in rows], "series": series, "marks": []}
