"""What a person asks of one view of the people, beyond the rules that last: it can only narrow these."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from accounts.datasets import REACH_CODES
from accounts.models import Circle
from accounts.models.preference import OLDEST_AGE
from accounts.models.user import ADULT_AGE

# Where a filter is named in an address, in the order of the form.
FIELDS = ("circle", "youngest", "oldest", "place", "language")
# Which of them make up each rule of eligibility.
OF_A_VIEW: Mapping[str, tuple[str, ...]] = {
    "circle": ("circle",),
    "seen_age": ("youngest", "oldest"),
    "seen_place": ("place",),
    "language": ("language",),
}


@dataclass(frozen=True)
class Narrowing:
    """Filters of one view; an empty one asks for nothing."""

    circle: Circle | None = None
    youngest: int | None = None
    oldest: int | None = None
    place: str = ""
    """A value of `Reach`; empty is anywhere."""
    language: str = ""

    def __bool__(self) -> bool:
        return self != Narrowing()

    @property
    def ages(self) -> tuple[int, int] | None:
        """From and to which age, or None for all ages."""
        if self.youngest is None and self.oldest is None:
            return None
        return self.youngest or ADULT_AGE, self.oldest or OLDEST_AGE

    @property
    def reach(self) -> int | None:
        """How far away somebody may live as a code, or None for anywhere."""
        return REACH_CODES[self.place] if self.place else None

    @property
    def query(self) -> dict[str, str]:
        """The filters as an address names them."""
        values = {
            "circle": self.circle.public_id if self.circle else "",
            "youngest": self.youngest or "",
            "oldest": self.oldest or "",
            "place": self.place,
            "language": self.language,
        }
        return {name: str(value) for name, value in values.items() if value}

    @property
    def query_string(self) -> str:
        """The filters as they stand in an address."""
        return urlencode(self.query)

    @property
    def canonical(self) -> list[str]:
        """The filters as an impression keeps them."""
        parts = []
        if self.ages is not None:
            parts.append(f"seen={self.ages[0]}-{self.ages[1]}")
        if self.place:
            parts.append(f"near={self.place}")
        if self.language:
            parts.append(f"speaks={self.language}")
        if self.circle is not None:
            # Kept here too, because a circle that closes leaves its impressions without one.
            parts.append(f"in={self.circle.pk}")
        return parts

    def without(self, rule: str) -> "Narrowing":
        """Return the filters but one, named by the rule that it makes."""
        nothing = Narrowing()
        return replace(self, **{name: getattr(nothing, name) for name in OF_A_VIEW[rule]})
