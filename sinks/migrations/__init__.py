"""Migrations of what is stored: numbered, forward only, recorded in each database that they have changed.

To add one, write a module `m0003_…` beside the first and append its MIGRATION here. A migration names collections
and fields itself, and imports no constant of the code: that one may mean something else by the time it runs.
"""

from sinks.migrations import m0001_retold, m0002_pages
from sinks.migrations.migration import Migration

MIGRATIONS: tuple[Migration, ...] = (m0001_retold.MIGRATION, m0002_pages.MIGRATION)
"""In order; the numbers are 1, 2, 3 …"""
