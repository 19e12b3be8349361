"""What the dashboard of models shows: what is in use, the versions to return to, and the newest trainings."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from accounts.models import Purpose
from ml.items import SCALES
from operations.services.panels import Cell, Column, Panel, Written
from recommendations.models import PreferenceVersion
from surveys import reports
from surveys.models import MeasurementVersion, TrainingRun

N_RUNS = 12
N_VERSIONS = 8

Fact = tuple[str, str]


@dataclass(frozen=True)
class Serving:
    """A version in use, and what is known of it."""

    version: MeasurementVersion | PreferenceVersion
    run: TrainingRun | None
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Linked(Panel):
    """A table whose rows lead somewhere: one primary key a row."""

    leads_to: Sequence[int] = field(default=())

    @property
    def linked_lines(self) -> list[tuple[int, list[Written]]]:
        """The rows as they are read, each with where it leads."""
        return list(zip(self.leads_to, self.lines, strict=True))


@dataclass(frozen=True)
class Room:
    """Everything on the page."""

    serving: tuple[Serving, ...]
    measurement_versions: list[MeasurementVersion]
    preference_versions: list[PreferenceVersion]
    runs: Linked
    panels: tuple[Panel, ...]

    @property
    def all_panels(self) -> tuple[Panel, ...]:
        """Every table that can be downloaded."""
        return (self.runs, *self.panels)


def room() -> Room:
    """Return the page; three queries, however many trainings there were."""
    measured = newest_measurement_versions()
    preferring = newest_preference_versions()
    runs = list(
        TrainingRun.objects.select_related("measurement_version", "preference_version").order_by("-pk")[:N_RUNS]
    )
    in_use = [_of_measurement(one) for one in measured if one.is_active]
    in_use += [_of_preferences(one) for one in preferring if one.is_active]
    return Room(tuple(in_use), measured, preferring, _runs(runs), (_left_out(runs), _timings(runs)))


def newest_measurement_versions() -> list[MeasurementVersion]:
    """Return the version in use and the newest others, each with its run; one query."""
    versions = MeasurementVersion.objects.select_related("training_run").order_by("-is_active", "-pk")
    return sorted(versions[:N_VERSIONS], key=lambda one: -one.pk)


def newest_preference_versions() -> list[PreferenceVersion]:
    """Return the version in use and the newest others, each with its run; one query."""
    versions = PreferenceVersion.objects.select_related("training_run", "measurement_version")
    return sorted(versions.order_by("-is_active", "-pk")[:N_VERSIONS], key=lambda one: -one.pk)


def _of_measurement(version: MeasurementVersion) -> Serving:
    report = version.training_run.report
    facts: list[Fact] = []
    if "space" in report:
        retained = report["variance_retained"][report["space"]["k"] - 1]
        facts += [
            ("Factors of the space", f"{report['space']['k']}"),
            ("Common variance retained", f"{100 * retained['common']:.1f} %"),
        ]
    if report.get("scales"):
        facts.append(("Mean omega of the scales", f"{_mean_omega(report['scales']):.3f}"))
    if "types" in report:
        facts.append(("Personality types", f"{report['types']['k']}"))
    learnt_from = (version.training_run.n_respondents or 0) + (version.training_run.n_members or 0)
    return Serving(version, version.training_run, (("People learnt from", f"{learnt_from:,}"), *facts))


def _mean_omega(scales: Sequence[dict[str, float]]) -> float:
    return sum(scale["omega"] for scale in scales) / len(SCALES)


def _of_preferences(version: PreferenceVersion) -> Serving:
    found = version.training_run.report.get("purposes", {}) if version.training_run else {}
    facts = []
    for purpose, name in Purpose.choices:
        if purpose not in version.weights:
            facts.append((str(name), "by likeness"))
        elif held_out := found.get(purpose, {}).get("held_out"):
            facts.append((f"{name}: AUC", f"{held_out['auc']:.3f}, likeness {held_out['auc_of_likeness']:.3f}"))
        else:
            facts.append((str(name), "learned"))
    return Serving(version, version.training_run, tuple(facts))


def _runs(runs: Sequence[TrainingRun]) -> Linked:
    columns = (
        Column("Run", "text"),
        Column("Kind", "text"),
        Column("Status", "text"),
        Column("Began", "text"),
        Column("Took, s", "written"),
        Column("Respondents", "count"),
        Column("Members", "count"),
        Column("Verdicts", "count"),
        Column("Left out", "count"),
        Column("Why it ended so", "text"),
    )
    rows = [_run(run) for run in runs]
    about = (
        "The newest first; each leads to its whole story. Where a run was refused, the model in use went on serving."
    )
    return Linked("runs", "Trainings", about, columns, rows, leads_to=[run.pk for run in runs])


def _run(run: TrainingRun) -> tuple[Cell, ...]:
    data = reports.data(run)
    verdicts = [found["verdicts"] for found in run.report.get("purposes", {}).values()]
    version = getattr(run, "measurement_version", None) or getattr(run, "preference_version", None)
    left_out = None if data is None else data.all_left_out.respondents + data.all_left_out.members
    return (
        f"Run {run.pk}",
        run.get_kind_display().removesuffix(" model"),
        run.get_status_display(),
        "not yet" if run.started_at is None else _written(run.started_at),
        _seconds(run),
        run.n_respondents,
        run.n_members,
        sum(verdicts) if verdicts else None,
        left_out,
        run.error or ("" if version is None else f"Made {str(version)[0].lower()}{str(version)[1:]}."),
    )


def _written(moment: datetime.datetime) -> str:
    return f"{timezone.localtime(moment):%-d %b %Y, %H:%M}"


def _seconds(run: TrainingRun) -> str | None:
    if run.started_at is None or run.finished_at is None:
        return None
    return f"{(run.finished_at - run.started_at).total_seconds():,.1f}"


def _left_out(runs: Sequence[TrainingRun]) -> Panel:
    """Return how many rows each rule left out, training by training."""
    of_runs = [(run, {row.reason: row for row in data.left_out}) for run in runs if (data := reports.data(run))]
    reasons = dict.fromkeys(reason for _, rows in of_runs for reason in rows)
    cells = [
        (
            reason[:1].upper() + reason[1:],
            *(rows[reason].respondents + rows[reason].members if reason in rows else None for _, rows in of_runs),
        )
        for reason in reasons
    ]
    return Panel(
        "left-out",
        "Left out, and why",
        "Rows of respondents and members that a training of the measurement model did not learn from, each counted"
        " under the first rule that it breaks.",
        (Column("Reason", "text"), *(Column(f"Run {run.pk}", "count") for run, _ in of_runs)),
        cells,
    )


def _timings(runs: Sequence[TrainingRun]) -> Panel:
    """Return how long each step took, training by training."""
    timed = [(run, run.report["timings"]) for run in runs if run.report.get("timings")]
    steps = dict.fromkeys(step for _, timings in timed for step in timings)
    cells: list[Sequence[Cell]] = [(step.capitalize(), *(timings.get(step) for _, timings in timed)) for step in steps]
    if cells:
        cells.append(("Together", *(float(sum(timings.values())) for _, timings in timed)))
    return Panel(
        "timings",
        "Time taken, in seconds",
        "The steps of the computation; reading answers, placing everybody and publishing come on top.",
        (Column("Step", "text"), *(Column(f"Run {run.pk}", "number") for run, _ in timed)),
        cells,
    )
