"""The features of a match as a page."""

import inspect

from ops.reference.markdown import code, escaped, table
from processors.matching.features import FEATURES
from processors.matching.features.feature import Feature
from processors.matching.weights import DEFAULT, to_toml


def page() -> str:
    """Return the page."""
    rows = [
        (code(name), feature.label.zh, feature.label.en, f"{DEFAULT[name]:g}", escaped(_meaning(feature)))
        for name, feature in FEATURES.items()
    ]
    return "\n".join(
        [
            "# Match features",
            "",
            "What the score of a pair is made of: each feature, its default weight and what it scores.",
            "",
            "A feature scores from 0 to 1. The score is the sum of features times weights; weights add up to 1.",
            "",
            *table(("feature", "中文", "English", "weight", "meaning"), rows),
            "",
            "## Weights of your own",
            "",
            "The setting `matching.weights` names a TOML file. A feature that it does not name counts nothing.",
            "The default:",
            "",
            "```toml",
            to_toml(DEFAULT) + "```",
            "",
        ]
    )


def _meaning(feature: Feature) -> str:
    """Return what the feature's function says of itself."""
    return " ".join((inspect.getdoc(feature.score) or "").split())
