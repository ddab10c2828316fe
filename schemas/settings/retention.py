"""How long things are kept."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from schemas.settings.values import Days, Group


class RetentionSettings(Group):
    """How many days things are kept, 0: for ever; see `looma topics apply --retention` and `looma indexes apply`."""

    events_days: Days = Field(default=90, description="events, resumes and feedback; older ones count as late")
    requests_days: Days = Field(default=7, description="requests for matches")
    results_days: Days = Field(default=30, description="results, conflicts and profiles of resumes, for subscribers")
    chat_days: Days = Field(default=30, description="the topics of chat messages and replies")
    dead_letters_days: Days = Field(default=90, description="dead letters; what was settled of them a week longer")
    reports_days: Days = Field(default=90, description="reports of bulk syncs, and what calls of AI services used")
    audit_days: Days = Field(default=400, description="who did what")
    conversations_days: Days = Field(default=0, description="conversations in MongoDB, from their last turn")
    tasks_days: Days = Field(default=30, description="tasks of operations in MongoDB")
    starts_days: Days = Field(default=90, description="starts of workers in MongoDB")

    @property
    def events(self) -> timedelta:
        """How old an event may be, when it comes, before it counts as late."""
        return timedelta(days=self.events_days) if self.events_days else timedelta.max


RetentionKind = Literal["events", "requests", "results", "chat", "dead_letters", "reports", "audit"]
"""Kinds of topics that have a retention of their own: `retention.<kind>_days`."""
DEFAULT_RETENTION = RetentionSettings()
EVENTS_KEPT = DEFAULT_RETENTION.events
