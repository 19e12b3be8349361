"""Everybody who can be shown for a purpose, held by each process as flat arrays and kept in step with the database.

Before a list is made the sequence of changes tells who must be read anew; only these are. Everything is read anew when
another version of the model is in use, or when changes may have been missed.
"""

import datetime
import functools
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import Max
from django.utils import timezone
from numpy.typing import NDArray

from accounts import datasets as people
from accounts.datasets import EligibilityFacts, find_rows
from accounts.models import Preference, User
from accounts.services import changes
from ml.preferences import Population as Shared
from ml.serving import Corrections
from recommendations import datasets
from recommendations.datasets import Places
from recommendations.models import PreferenceVersion
from recommendations.services import exposure, room, tastes
from recommendations.table import Column, Table

Singles = NDArray[np.float32]
# Everybody as the one who chooses and as the one who is chosen; the product of two rows is a logit.
Vectors = Callable[[Places], tuple[Singles, Singles]]

# People read at a time, by their ids, so that reading everybody needs little memory beside the arrays.
WINDOW = 20_000
# When more have changed, everybody is read.
MOST_CHANGED = 20_000
# A conversation falls silent without any change; how many go on is counted anew after this long.
COUNTS_LAST = datetime.timedelta(hours=1)

KINDS = {
    "births": Column(np.int32),
    **{
        name: Column(np.uint8)
        for name in ("ages", "genders", "wanted", "youngest", "oldest", "visibility", "reach", "room", "room_left")
    },
    "city": Column(np.int32),
    "region": Column(np.int16),
    "country": Column(np.int16),
    "languages": Column(np.uint64),
    "is_demo": Column(np.bool_),
    "n_answered": Column(np.uint8),
    "price": Column(np.float32),
    "n_shown": Column(np.uint16),
    "waits_since": Column(np.float32),
}
NEVER = datetime.datetime.min.replace(tzinfo=datetime.UTC)
NO_MEMBERSHIPS = np.empty((0, 2), dtype=np.int64)
FACTS = tuple(field.name for field in fields(EligibilityFacts) if field.name not in {"memberships", "order"})

_guard = threading.Lock()
# A version that was published again is read again: places under it may be new.
Key = tuple[str, int, datetime.datetime | None]
_populations: "dict[Key, Population]" = {}


@dataclass(frozen=True)
class Everybody:
    """The population at one moment; views of the arrays, to be used while they are held."""

    facts: EligibilityFacts
    room_left: NDArray[np.uint8]
    n_answered: NDArray[np.uint8]
    price: Singles
    n_shown: NDArray[np.uint16]
    waited: Singles
    """Days; 0 for who waits for nothing."""
    outgoing: Singles
    incoming: Singles

    @property
    def n_here(self) -> int:
        """How many people there are."""
        return int(np.count_nonzero(self.facts.is_here))

    @property
    def is_shown(self) -> NDArray[np.bool_]:
        """Who answered enough to be shown to others; fewer answers are enough to look at a sketch."""
        return np.asarray(self.n_answered >= settings.SHOWN_FROM_ANSWERS)

    def by_likeness(self, shared: Shared) -> "Everybody":
        """Return everybody as if nothing had been learned: likeness is what the first columns hold."""
        width = self.outgoing.shape[1] - len(shared.level_out) - 2
        if not shared.likeness:
            return self
        scale = np.float32(1 / shared.likeness)
        return replace(self, outgoing=self.outgoing[:, :width] * scale, incoming=self.incoming[:, :width])

    def corrected(self, corrections: Mapping[int, float]) -> Corrections:
        """Return corrections of people's logits by where these people stand."""
        ids = np.array(list(corrections), dtype=np.int64)
        rows = find_rows(self.facts.user_ids, ids, self.facts.order)
        values = np.array(list(corrections.values()), dtype=np.float64)
        return Corrections(rows[rows >= 0], values[rows >= 0])


class Population:
    """The people of one purpose under one version of the preference model."""

    def __init__(self, *, version: PreferenceVersion, purpose: str, vectors: Vectors | None = None) -> None:
        self._version, self._purpose = version, purpose
        self._vectors = vectors or functools.partial(tastes.vectors_of, version, purpose)
        self._lock = threading.Lock()
        self._table = _table()
        self._memberships = NO_MEMBERSHIPS
        self._read_at: datetime.datetime | None = None
        self._seen: set[int] = set()
        self._day = datetime.date.min
        self._counted_at = NEVER
        self._exposed_at: datetime.datetime | None = None

    @contextmanager
    def hold(self, *, now: datetime.datetime) -> Iterator[Everybody]:
        """Bring the arrays in step with the database, and keep them as they are meanwhile.

        Two queries when nothing has changed. Other threads of the process wait for their turn, so nothing slow belongs
        in here.
        """
        with self._lock:
            try:
                self._follow(now)
            except BaseException:
                # What was seen may not have been read.
                self._read_at = self._exposed_at = None
                raise
            yield self._everybody(now)

    def _everybody(self, now: datetime.datetime) -> Everybody:
        """Return the arrays as they are now."""
        columns = {name: self._table[name] for name in FACTS}
        return Everybody(
            facts=EligibilityFacts(**columns, memberships=self._memberships, order=self._table.order),
            room_left=self._table["room_left"],
            n_answered=self._table["n_answered"],
            price=self._table["price"],
            n_shown=self._table["n_shown"],
            waited=np.maximum(exposure.days_of(now) - self._table["waits_since"], 0.0),
            outgoing=self._table["outgoing"],
            incoming=self._table["incoming"],
        )

    def _follow(self, now: datetime.datetime) -> None:
        """Read what has changed since the last time, and bring in step what changes by itself as time passes."""
        began = timezone.now()
        changed = self._changed(began)
        if changed is None or len(changed) > MOST_CHANGED:
            self._read_everybody(now)
        elif changed:
            self._read(changed, now)
        self._read_at = began
        if self._day != timezone.localdate(now):
            self._day = timezone.localdate(now)
            self._table["ages"][:] = people.ages_on(self._table["births"], self._day)
        if not datetime.timedelta(0) <= now - self._counted_at < COUNTS_LAST:
            self._counted_at = now
            facts = self._everybody(now).facts
            self._table["room_left"][:] = room.left(facts=facts, purpose=self._purpose, now=now)
        self._follow_exposure(began, changed or set())

    def _follow_exposure(self, began: datetime.datetime, changed: set[int]) -> None:
        """Read how much attention people got since the last time; everybody's where that is not known. One query.

        Of those who changed it is read in any case: who comes back may have got it while there was no row of theirs.
        """
        since = self._exposed_at - changes.OVERLAP if self._exposed_at is not None else None
        standing = exposure.standing(purpose=self._purpose, since=since, user_ids=changed)
        rows = find_rows(self._table["user_ids"], standing.user_ids, self._table.order)
        for name in ("price", "n_shown", "waits_since"):
            self._table[name][rows[rows >= 0]] = getattr(standing, name)[rows >= 0]
        self._exposed_at = began

    def _changed(self, began: datetime.datetime) -> set[int] | None:
        """Return who has changed since the last time; None when that cannot be known any more."""
        is_known = self._read_at is not None and began - self._read_at < changes.KEPT_FOR - changes.OVERLAP
        # The last seconds are looked at again: what committed late bears an earlier time.
        found = changes.since((self._read_at if self._read_at and is_known else began) - changes.OVERLAP)
        changed = {user_id for pk, user_id in found if pk not in self._seen}
        self._seen = {pk for pk, _ in found}
        return changed if is_known else None

    def _read_everybody(self, now: datetime.datetime) -> None:
        """Fill the arrays anew."""
        self._table, self._memberships = _table(), NO_MEMBERSHIPS
        self._counted_at, self._exposed_at = NEVER, None
        last = User.objects.aggregate(last=Max("pk"))["last"] or 0
        for start in range(0, last + 1, WINDOW):
            self._read(range(start, min(start + WINDOW, last + 1)), now)

    def _read(self, user_ids: range | set[int], now: datetime.datetime) -> None:
        """Read some people anew; who is not found is gone. A fixed number of queries."""
        facts = people.eligibility_facts(purpose=self._purpose, day=timezone.localdate(now), user_ids=user_ids)
        places = datasets.places_of(version=self._version.measurement_version, user_ids=user_ids)
        places = places.rows(np.flatnonzero(places.n_answered >= settings.SKETCH_FROM_ANSWERS))
        _, of_facts, of_places = np.intersect1d(
            facts.user_ids, places.user_ids, assume_unique=True, return_indices=True
        )
        room_left = facts.room
        if not isinstance(user_ids, range):
            room_left = room.left(facts=facts, purpose=self._purpose, now=now)
            asked = np.array(list(user_ids), dtype=np.int64)
            self._table.remove(np.setdiff1d(asked, facts.user_ids[of_facts]))
            self._memberships = self._memberships[~np.isin(self._memberships[:, 0], asked)]
        self._memberships = np.concatenate([self._memberships, facts.memberships])
        if of_facts.size:
            values = {name: getattr(facts, name)[of_facts] for name in FACTS if name not in {"user_ids", "is_here"}}
            self._put(places.rows(of_places), values | {"room_left": room_left[of_facts]})

    def _put(self, places: Places, values: Mapping[str, NDArray[Any]]) -> None:
        """Write people into the arrays, their places beside what else is known of them."""
        outgoing, incoming = self._vectors(places)
        if not len(self._table):
            self._table = _table(self._capacity(), outgoing.shape[1])
        vectors = {"outgoing": outgoing, "incoming": incoming}
        # Who is new here waits for nothing yet; what is known of the others is kept.
        former = find_rows(self._table["user_ids"], places.user_ids, self._table.order)
        attention = {name: _kept(self._table[name], former, new) for name, new in exposure.NEW.items()}
        self._table.put(places.user_ids, {**values, **vectors, **attention, "n_answered": places.n_answered})

    def _capacity(self) -> int:
        """Return for how many people there should be room at first, so that large arrays are seldom moved."""
        return Preference.objects.filter(purpose=self._purpose, is_active=True).count()


def of(*, version: PreferenceVersion, purpose: str, other: PreferenceVersion | None = None) -> Population:
    """Return the population that this process holds for a purpose; one still to be read for a new version.

    Beside it that of one other version is kept, which ranks the lists of some; those of all the rest are let go.
    """
    key = _key(version, purpose)
    kept = {key, _key(other, purpose)} if other is not None else {key}
    with _guard:
        for held in [held for held in _populations if held[0] == purpose and held not in kept]:
            del _populations[held]
        if key not in _populations:
            _populations[key] = Population(version=version, purpose=purpose)
        return _populations[key]


def _key(version: PreferenceVersion, purpose: str) -> Key:
    return purpose, version.pk, version.published_at


def _kept(column: NDArray[Any], rows: NDArray[np.intp], otherwise: float) -> NDArray[Any]:
    """Return what a column says of some rows, and something else of who has none."""
    found = np.full(len(rows), otherwise, dtype=column.dtype)
    found[rows >= 0] = column[rows[rows >= 0]]
    return found


def _table(capacity: int = 0, width: int = 0) -> Table:
    """Return an empty table with vectors of a width."""
    return Table(KINDS | {"outgoing": Column(np.float32, width), "incoming": Column(np.float32, width)}, capacity)
