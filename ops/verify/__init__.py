"""Verification: what the event log says against what MongoDB and Qdrant hold, and repair by replay."""

from ops.verify.check import Verification
from ops.verify.repair import RepairRefusedError
from ops.verify.report import Difference, Lost, Report

__all__ = ["Difference", "Lost", "RepairRefusedError", "Report", "Verification"]
