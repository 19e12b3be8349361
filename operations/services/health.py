"""How the site is: one sentence, what is wrong and what to do about it, and the figures behind it."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Max
from django.template.defaultfilters import filesizeformat
from redis.exceptions import RedisError

from operations.models import TaskState
from operations.services import health_checks, health_pages, health_tasks, health_work
from operations.services.health_checks import Disk, Queue, Store
from operations.services.health_pages import SlowPage
from operations.services.health_work import Waiting
from surveys.models import TrainingRun

# The most frequent task of the schedule is due every 20 seconds.
ALIVE_WITHIN = datetime.timedelta(minutes=5)
QUEUE_WAITS_AT_MOST = datetime.timedelta(minutes=10)
LEAST_FREE_BYTES = 1024**3
LEAST_FREE_SHARE = 0.05
SLOW_DATABASE_SECONDS = 0.25


@dataclass(frozen=True)
class Line:
    """One figure, and what to do when it is not as it should be."""

    name: str
    value: str
    advice: str = ""


@dataclass(frozen=True)
class TaskLine:
    """One task of the worker."""

    name: str
    state: TaskState
    advice: str
    can_run: bool
    """Whether the schedule has it, so that it can be asked for without anything more."""


@dataclass(frozen=True)
class Health:
    """Everything that the page shows."""

    lines: Sequence[Line]
    tasks: Sequence[TaskLine]
    waiting: Sequence[tuple[Waiting, datetime.timedelta | None, str]]
    slow: Sequence[SlowPage]

    @property
    def advice(self) -> list[str]:
        """What to do, the most urgent first."""
        said = [line.advice for line in self.lines] + [task.advice for task in self.tasks]
        return [advice for advice in (*said, *(advice for _, _, advice in self.waiting)) if advice]

    @property
    def is_well(self) -> bool:
        """Whether nobody need do anything."""
        return not self.advice

    @property
    def headline(self) -> str:
        """Return how the site is, in one line."""
        if self.is_well:
            return "All is well."
        first, *others = self.advice
        more = f" {len(others)} more below." if others else ""
        return f"{first}{more}"


def measure(*, now: datetime.datetime) -> Health:
    """Measure everything now."""
    queue = health_checks.queue()
    lines = [
        _database(health_checks.database()),
        _redis(health_checks.redis()),
        _clock(queue, now),
        _queue(queue),
        _disk(health_checks.disk()),
        _models(),
        *_trainings(),
    ]
    return Health(lines=lines, tasks=list(_tasks(now)), waiting=list(_waiting(now)), slow=_slow(now))


def _database(store: Store) -> Line:
    advice = "" if store.is_there else "The database does not answer: look whether it runs."
    if store.seconds > SLOW_DATABASE_SECONDS:
        advice = "The database answers slowly: look at its load and its disk."
    return Line("Database", _store(store), advice)


def _redis(store: Store) -> Line:
    advice = "" if store.is_there else "Redis does not answer: start it. Nothing is lost, but nothing goes by itself."
    return Line("Redis", _store(store), advice)


def _clock(queue: Queue, now: datetime.datetime) -> Line:
    """Say whether beat asks for tasks and the worker does them; messages that pile up tell which one stands still."""
    last = TaskState.objects.filter(name__in=health_tasks.intervals()).aggregate(at=Max("started_at"))["at"]
    if last is not None and now - last < ALIVE_WITHIN:
        return Line("Worker and beat", f"last task begun {_ago(now - last)}")
    who = "worker" if queue.n else "worker and beat"
    value = "never seen" if last is None else f"last task begun {_ago(now - last)}"
    return Line("Worker and beat", value, f"No task has begun for a while: see whether the {who} runs.")


def _queue(queue: Queue) -> Line:
    if queue.n is None:
        return Line("Queue", "unknown")
    waits = "" if queue.oldest is None else f", the oldest for {_span(queue.oldest)}"
    is_late = queue.oldest is not None and queue.oldest > QUEUE_WAITS_AT_MOST
    advice = "Messages wait too long: start another worker, or look at what this one does." if is_late else ""
    return Line("Queue", f"{queue.n:,} waiting{waits}", advice)


def _disk(disk: Disk) -> Line:
    is_full = disk.free < LEAST_FREE_BYTES or disk.free < LEAST_FREE_SHARE * disk.total
    advice = "The disk is nearly full: make room, or move DATA_DIR to a larger one." if is_full else ""
    return Line("Disk", f"{filesizeformat(disk.free)} free of {filesizeformat(disk.total)}", advice)


def _models() -> Line:
    damaged = health_checks.damaged_versions()
    if not damaged:
        return Line("Models", "every stored model is the one that was saved")
    names = ", ".join(str(version.pk) for version in damaged)
    return Line("Models", f"damaged: {names}", "A stored model is damaged: bring another measurement version into use.")


def _trainings() -> Iterator[Line]:
    """Say how the last training of each kind ended."""
    for run in health_work.newest_runs().values():
        is_failed = run.status == TrainingRun.Status.FAILED
        advice = f"The last training of the {run.get_kind_display().lower()} failed: read why." if is_failed else ""
        yield Line(f"Last training, {run.get_kind_display().lower()}", run.get_status_display(), advice)


def _tasks(now: datetime.datetime) -> Iterator[TaskLine]:
    """Return all tasks that ever ran or should have, those of the schedule first."""
    known = {state.name: state for state in TaskState.objects.order_by("name")}
    intervals = health_tasks.intervals()
    for name in sorted(intervals):
        state = known.pop(name, None) or TaskState(name=name)
        advice = ""
        if state.has_failed:
            advice = f"{short(name)} failed last time ({state.error}): run it again, or read the worker's log."
        elif state.started_at is not None and state.is_late_at(now, interval=intervals[name]):
            advice = f"{short(name)} has not succeeded in time: see whether the worker keeps up."
        yield TaskLine(name, state, advice, can_run=True)
    for name, state in known.items():
        advice = f"{short(name)} failed last time ({state.error}): read the worker's log." if state.has_failed else ""
        yield TaskLine(name, state, advice, can_run=False)


def _waiting(now: datetime.datetime) -> Iterator[tuple[Waiting, datetime.timedelta | None, str]]:
    for waiting in health_work.for_the_worker(now=now):
        advice = f"{waiting.name} wait too long: see whether the worker runs." if waiting.is_late(now) else ""
        yield waiting, waiting.age(now), advice


def _slow(now: datetime.datetime) -> list[SlowPage]:
    try:
        return health_pages.slowest(now=now)
    except (RedisError, OSError):
        return []


def short(task: str) -> str:
    """Return the name of a task without the module that it lies in."""
    return task.rpartition(".")[2].replace("_", " ").capitalize()


def _store(store: Store) -> str:
    if not store.is_there:
        return "does not answer"
    return f"answers in {1000 * store.seconds:.1f} ms, {filesizeformat(store.n_bytes)}"


def _ago(span: datetime.timedelta) -> str:
    return f"{_span(span)} ago"


def _span(span: datetime.timedelta) -> str:
    """Return a span of time in its largest unit."""
    seconds = int(span.total_seconds())
    units: Iterable[tuple[int, str]] = ((86_400, "d"), (3600, "h"), (60, "min"))
    for size, unit in units:
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
