"""How well a talent fits a job, and why."""
