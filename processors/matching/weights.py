"""How much each feature counts."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the features; none is negative and they add up to 1. Raises ValueError otherwise.

    Skills and the similarity of the texts carry most, for they say whether somebody can do the work. Experience and
    seniority say at which level. Location decides whether it can happen at all, but people move. Salary and education
    count least: the one is negotiable and often missing, the other is a poor predictor and may hide discrimination.
    """

    skills: float = 0.35
    semantic: float = 0.25
    experience: float = 0.12
    location: float = 0.10
    seniority: float = 0.08
    salary: float = 0.05
    education: float = 0.05

    def __post_init__(self) -> None:
        values = [getattr(self, field.name) for field in fields(self)]
        if not all(value >= 0 for value in values):
            raise ValueError("a weight must not be negative")
        if abs(sum(values) - 1) > 1e-9:
            raise ValueError(f"weights must add up to 1, not {sum(values)}")


DEFAULT = Weights()
