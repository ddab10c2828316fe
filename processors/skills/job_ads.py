"""What a job ad demands: its skills, required or preferred, with years and education."""

from processors.lexicon.markup import plain_text
from processors.skills.extract import extract_skills
from processors.skills.requirements import JobDemands, demands


def read_job_ad(text: str, language: str | None = None, *, checked: bool = False) -> JobDemands:
    """Return the skills a job ad, as text or HTML, requires and prefers, and the years and education it demands.

    `checked` leaves out mentions in English that the learned tagger takes for no skill: fewer are wrong, and somewhat
    fewer found (docs/benchmarks/skills.md, also for the cost). Text beyond 20,000 characters is not checked.
    """
    text = plain_text(text)
    mentions = extract_skills(text, language)
    if checked:
        from processors.skills.learned import agreed  # loads ONNX Runtime

        mentions = agreed(text, mentions)
    return demands(text, mentions)
