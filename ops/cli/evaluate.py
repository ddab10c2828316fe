"""`looma eval`: accuracy on labelled data."""

import click

from ops.cli.lazy import LazyGroup

COMMANDS = {
    "advice": "eval_advice:advice",
    "conflicts": "eval_conflicts:conflicts",
    "fairness": "eval_fairness:fairness_command",
    "match": "eval_match:match",
    "resolution": "eval_resolution:resolution",
    "resume": "eval_resume:resume",
    "resume-search": "eval_resume_search:resume_search",
    "resume-suite": "eval_resume_suite:resume_suite",
    "search": "eval_search:search",
    "skills": "eval_skills:skills",
}


@click.group("eval", cls=LazyGroup, lazy=COMMANDS)
def evaluate() -> None:
    """Measure accuracy on labelled data."""
