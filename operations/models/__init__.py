"""Numbers of each day that stay when the rows they came from are gone, and what operators decided and looked at."""

from operations.models.business import BusinessDay, BusinessState, CohortWeek
from operations.models.experiment import ExperimentDay
from operations.models.health import TaskState
from operations.models.metric import GroupDay, Histogram, ListDay, MetricDay, PeopleDay, Slot
from operations.models.moderation import Access, Decision, Flag

__all__ = [
    "Access",
    "BusinessDay",
    "BusinessState",
    "CohortWeek",
    "Decision",
    "ExperimentDay",
    "Flag",
    "GroupDay",
    "Histogram",
    "ListDay",
    "MetricDay",
    "PeopleDay",
    "Slot",
    "TaskState",
]
