"""`looma eval`: accuracy on labelled data."""

import click

from ops.cli.lazy import LazyGroup

COMMANDS = {
    "ads": "eval.ads:ads",
    "advice": "eval.advice:advice",
    "chat": "eval.chat:chat",
    "conflicts": "eval.conflicts:conflicts",
    "fairness": "eval.fairness:fairness_command",
    "intents": "eval.intents:intents",
    "match": "eval.match:match",
    "resolution": "eval.resolution:resolution",
    "resume": "eval.resume:resume",
    "resume-layouts": "eval.resume_layouts:resume_layouts",
    "resume-search": "eval.resume_search:resume_search",
    "resume-suite": "eval.resume_suite:resume_suite",
    "rewrite": "eval.rewrite:rewrite",
    "search": "eval.search:search",
    "skills": "eval.skills:skills",
    "titles": "eval.titles:titles",
}


@click.group("eval", cls=LazyGroup, lazy=COMMANDS)
def evaluate() -> None:
    """Measure accuracy on labelled data."""
