"""`looma eval`: accuracy on labelled data."""

import click

from ops.cli.eval_conflicts import conflicts
from ops.cli.eval_fairness import fairness_command
from ops.cli.eval_match import match
from ops.cli.eval_resolution import resolution
from ops.cli.eval_resume import resume
from ops.cli.eval_resume_suite import resume_suite
from ops.cli.eval_search import search
from ops.cli.eval_skills import skills


@click.group("eval")
def evaluate() -> None:
    """Measure accuracy on labelled data."""


evaluate.add_command(conflicts)
evaluate.add_command(fairness_command)
evaluate.add_command(match)
evaluate.add_command(resolution)
evaluate.add_command(resume)
evaluate.add_command(skills)
evaluate.add_command(resume_suite)
evaluate.add_command(search)
