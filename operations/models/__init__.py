"""Numbers of each day that stay when the rows they came from are gone."""

from operations.models.business import BusinessDay, BusinessState, CohortWeek
from operations.models.metric import GroupDay, Histogram, ListDay, MetricDay, PeopleDay, Slot

__all__ = [
    "BusinessDay",
    "BusinessState",
    "CohortWeek",
    "GroupDay",
    "Histogram",
    "ListDay",
    "MetricDay",
    "PeopleDay",
    "Slot",
]
