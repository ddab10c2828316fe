"""Alerts without Prometheus: its rules evaluated on what workers tell, and notices to people."""
