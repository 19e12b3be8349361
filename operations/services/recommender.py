"""The recommender's dashboard: every figure by day and over 28 days, by slice, and beside its rivals."""

import datetime
from collections.abc import Callable, Sequence

from accounts.models import Purpose
from accounts.models.profile import Gender
from ml.metric_histograms import Estimate
from operations.models import GroupDay, ListDay, MetricDay, PeopleDay, Slot
from operations.services import figures
from operations.services.attention import SMALLEST_GROUP
from operations.services.figures import FOUR_WEEKS, Choice, Days, Of, Sum
from operations.services.panels import Cell, Column, Panel, line

# What the project wants to reach.
WANTED_AUC, WANTED_F1 = 0.90, 0.85
MARKS = {"AUC": WANTED_AUC, "Mutual AUC": WANTED_AUC, "F1": WANTED_F1}
DAY = Column("Day", "text")
VIEWERS = {"warm": "Has judged before", "cold": "First list"}

Figure = Callable[[Sum], Estimate]
FIGURES: dict[str, Figure] = {
    "AUC": Sum.auc,
    "Mutual AUC": Sum.mutual_auc,
    "Precision": lambda total: total.classification()["precision"],
    "Recall": lambda total: total.classification()["recall"],
    "F1": lambda total: total.classification()["f1"],
    "Precision at 12": Sum.precision_at_12,
    "Mutual likes per impression": Sum.mutual_rate,
    "Unanswered": Sum.unanswered,
}


def panels(*, today: datetime.date, choice: Choice) -> list[Panel]:
    """Return the whole dashboard; reads snapshots only."""
    since = today - datetime.timedelta(days=FOUR_WEEKS - 1)
    # The first rolling figure needs the 28 days that end with it.
    everything = figures.load(since - datetime.timedelta(days=FOUR_WEEKS - 1), today, choice)
    recent = everything.since(since)
    days, rolling = recent.by_day(), figures.rolling(everything, since)
    total = recent.total()
    people = figures.of_people(since, today, choice.purpose)
    return [
        _headline(total),
        _by_day("auc", "Telling likes from passes", ("AUC", "Mutual AUC"), days, rolling),
        _by_day("predictions", "Predicted likes", ("Precision", "Recall", "F1"), days, rolling),
        _by_day(
            "lists",
            "What lists lead to",
            ("Precision at 12", "Mutual likes per impression", "Unanswered"),
            days,
            rolling,
        ),
        _calibration(recent),
        _slices(recent),
        _rivals(recent),
        *_attention(people),
        _groups(today, choice.purpose),
    ]


def versions() -> list[tuple[int, str]]:
    """Return the versions that have figures, the newest first."""
    rows = MetricDay.objects.order_by("-version").values_list("version", "version__kind").distinct()
    return [(pk, f"Version {pk}, {kind}") for pk, kind in rows]


def _headline(total: Sum) -> Panel:
    """Return all figures of 28 days."""
    rows: list[Sequence[Cell]] = [(name, figure(total), MARKS.get(name)) for name, figure in FIGURES.items()]
    return Panel(
        "figures",
        "Last 28 days",
        "",
        (Column("Figure", "text"), Column("Value"), Column("Mark", "number")),
        rows,
    )


def _by_day(
    slug: str, title: str, names: Sequence[str], days: dict[datetime.date, Sum], rolling: dict[datetime.date, Sum]
) -> Panel:
    """Return some figures of single days and of the 28 days that end with each."""
    columns, cells, series = [DAY], [[f"{day}" for day in days]], []
    for number, name in enumerate(names, start=1):
        singles, sums = ([FIGURES[name](one) for one in stretch.values()] for stretch in (days, rolling))
        columns += [Column(f"{name}, day"), Column(f"{name}, 28 days")]
        cells += [singles, sums]  # type: ignore[list-item]
        series.append(line(f"{name}, 28 days", sums, number, band=True))
        series.append(line(f"{name}, day", singles, number, dots=True))
    marks = sorted({MARKS[name] for name in names if name in MARKS})
    rows = list(zip(*cells, strict=True))
    return Panel(
        slug,
        title,
        "Lines are the 28 days that end with each day, with their interval; dots are single days.",
        columns,
        rows[::-1],
        {
            "type": "line",
            "labels": [f"{day:%-d %b}" for day in days],
            "series": series,
            "marks": [{"name": f"{mark:.2f}", "value": mark} for mark in marks],
        },
    )


def _calibration(recent: Days) -> Panel:
    """Return what was predicted and what happened, of versions that predict probabilities."""
    learned = recent.grouped(lambda row: "learned" if row.purpose in row.version.weights else "")
    curve = learned.get("learned", Sum()).calibration()
    rows = [(f"{number}", point.predicted, point.liked) for number, point in enumerate(curve, start=1)]
    return Panel(
        "calibration",
        "Calibration",
        f"Answered impressions in ten ranges of the score. On the diagonal, a score of 0.3 is liked three times in ten."
        f" Ranges with fewer than {figures.LEAST} answers are left out, and so is likeness, which orders people and"
        " is no probability.",
        (Column("Range", "text"), Column("Mean score", "number"), Column("Liked")),
        rows,
        {
            "type": "scatter",
            "xs": [point.predicted for point in curve],
            "series": [line("Liked", [point.liked for point in curve], 1)],
            "diagonal": True,
        },
    )


def _slices(recent: Days) -> Panel:
    """Return the figures of each version, purpose, kind of viewer and kind of slot."""
    kinds: tuple[tuple[str, Callable[[MetricDay | ListDay], str]], ...] = (
        ("Version", lambda row: f"Version {row.version_id}"),
        ("Purpose", lambda row: str(Purpose(row.purpose).label)),
        ("Viewer", lambda row: VIEWERS["warm" if row.is_warm else "cold"]),
        ("Slot", lambda row: str(Slot(row.slot).label) if isinstance(row, MetricDay) else ""),
    )
    names = ("AUC", "Mutual AUC", "F1", "Precision at 12", "Mutual likes per impression", "Unanswered")
    rows: list[Sequence[Cell]] = [
        (kind, name, *(FIGURES[figure](total) for figure in names))
        for kind, key in kinds
        for name, total in sorted(recent.grouped(key).items())
        if name
    ]
    areas = [row[2] for row in rows if isinstance(row[2], Estimate)]
    return Panel(
        "slices",
        "By version, purpose, viewer and slot",
        "Sums of the last 28 days. Whole lists belong to both kinds of slot, so slots have no precision at 12.",
        (Column("Slice by", "text"), Column("Slice", "text"), *(Column(name) for name in names)),
        rows,
        {
            "type": "bar",
            "labels": [str(row[1]) for row in rows],
            "series": [line("AUC", areas, 1)],
            "marks": [{"name": f"{WANTED_AUC:.2f}", "value": WANTED_AUC}],
        },
    )


def _rivals(recent: Days) -> Panel:
    """Return the model beside its baselines, where chance chose whom people saw."""
    drawn = recent.grouped(lambda row: row.slot if isinstance(row, MetricDay) else "").get(Slot.EXPLORED, Sum())
    found = rivals(drawn)
    return Panel(
        "rivals",
        "The model beside its rivals",
        "Only impressions drawn at random: elsewhere the model chose whom people saw, so that the others would be"
        " judged on its choice. Appeal x generosity is how often the viewer likes times how often the other is liked,"
        " as known that morning; likeness comes from answers to the survey alone. Chance is 0.5 by definition.",
        (Column("Ranked by", "text"), Column("AUC")),
        list(found.items()),
        {
            "type": "bar",
            "labels": list(found),
            "series": [line("AUC", list(found.values()), 1)],
            "marks": [{"name": "0.90", "value": WANTED_AUC}],
        },
    )


def rivals(drawn: Sum) -> dict[str, Estimate]:
    """Return the AUC of the model and of its baselines on impressions drawn at random."""
    model = drawn.auc()
    half = None if model.value is None else 0.5
    chance = Estimate(half, half, half, model.n)
    return {
        "The model": model,
        "Appeal x generosity": drawn.auc(Of.APPEAL_LIKES, Of.APPEAL_PASSES),
        "Likeness": drawn.auc(Of.LIKENESS_LIKES, Of.LIKENESS_PASSES),
        "Chance": chance,
    }


def _attention(people: Sequence[PeopleDay]) -> list[Panel]:
    """Return how attention was spread, day by day, as it stood in the evening."""
    reach = [(f"{row.day}", row.get_purpose_display(), *_shares(row), _gini(row)) for row in people]
    columns = (Column("Shown in a day"), Column("Not shown in 7 days"), Column("Gini of exposure"))
    labels = sorted({row.day for row in people})
    series = []
    for number, purpose in enumerate(sorted({row.purpose for row in people}), start=1):
        of_day = {row.day: row for row in people if row.purpose == purpose}
        for name, figure, more in (
            ("Gini", _gini, {}),
            ("not shown in 7 days", lambda row: _shares(row)[1], {"dashed": True}),
        ):
            values = [figure(of_day[day]) if day in of_day else Estimate(None, None, None, 0) for day in labels]
            series.append(line(f"{Purpose(purpose).label}: {name}", values, number, **more))
    return [
        Panel(
            "attention",
            "How attention is spread",
            "Of the members open for a purpose: who was shown in the last day (coverage), who was not shown in 7 days,"
            " and the Gini coefficient of the impressions of 7 days: 0 is even, near 1 means that few get all."
            " As it stood at the last snapshot of each day.",
            (DAY, Column("Purpose", "text"), *columns),
            reach[::-1],
            {"type": "line", "labels": [f"{day:%-d %b}" for day in labels], "series": series, "marks": []},
        )
    ]


def _shares(row: PeopleDay) -> tuple[Estimate, Estimate]:
    return figures.share(row.n_shown, row.n_people), figures.share(row.n_never, row.n_people)


def _gini(row: PeopleDay) -> Estimate:
    if row.n_people < figures.LEAST:
        return Estimate(None, None, None, row.n_people)
    return Estimate(row.gini, row.gini_low, row.gini_high, row.n_people)


def _groups(today: datetime.date, purpose: str) -> Panel:
    """Return exposure and matches by gender and age band, as they stood at the last snapshot."""
    rows = GroupDay.objects.filter(day__lte=today).order_by("-day")
    newest = rows.values_list("day", flat=True).first()
    found = rows.filter(day=newest or today).order_by("purpose", "kind", "group")
    if purpose:
        found = found.filter(purpose=purpose)
    cells = [
        (
            row.get_purpose_display(),
            str(Gender(row.group).label) if row.kind == GroupDay.Kind.GENDER else row.group,
            row.n_people,
            row.n_impressions / row.n_people,
            row.n_matches / row.n_people,
            figures.share(min(row.n_matches, row.n_impressions), row.n_impressions),
        )
        for row in found
    ]
    return Panel(
        "groups",
        "Exposure and matches by gender and age",
        f"Impressions of people of each group and their matches, both of 28 days. Groups of fewer than {SMALLEST_GROUP}"
        " people are not even counted.",
        (
            Column("Purpose", "text"),
            Column("Group", "text"),
            Column("People", "count"),
            Column("Impressions a person", "number"),
            Column("Matches a person", "number"),
            Column("Matches per impression"),
        ),
        cells,
        {
            "type": "bar",
            "labels": [f"{row[1]} ({row[0]})" for row in cells],
            "series": [{"name": "Impressions a person", "values": [row[3] for row in cells], "hue": 1}],
            "marks": [],
        },
    )
