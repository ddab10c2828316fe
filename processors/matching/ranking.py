"""Which of the candidates become matches, and which of these consumers need to hear of."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from processors.matching.closeness import measure
from processors.matching.filters import admissible
from processors.matching.profile import Profile
from processors.matching.score import Weighed, explained, find, weigh
from processors.matching.weights import DEFAULT, Weights
from schemas.base import Language
from schemas.entities import Side
from schemas.messages import Match, MatchFeature

OTHER: Mapping[Side, Side] = {"talent": "job", "job": "talent"}
Pair = tuple[str, str]
"""The ids of a talent and a job."""
_TOLD = tuple(name for name in Match.model_fields if name not in ("talent_revision", "job_revision"))


@dataclass(frozen=True, slots=True)
class Limits:
    """How wide to look, and what is worth a result."""

    candidates: int = 30
    results: int = 10
    threshold: float = 0.6
    weights: Weights = DEFAULT


@dataclass(frozen=True, slots=True)
class Candidate:
    """A talent or a job as it is ranked. `model` is the version of its vectors.

    `content` is a digest of all that can change a score: candidates of one content score alike.
    """

    profile: Profile
    model: str
    content: bytes = b""


class Near(NamedTuple):
    """A candidate that was found near another one, and the similarity of the two."""

    candidate: Candidate
    similarity: float


@dataclass(slots=True)
class Compared:
    """A talent and a job that are compared, and what was found, once somebody has looked."""

    talent: Candidate
    job: Candidate
    similarity: float
    weights: Weights
    weighed: Weighed | None = None


def compare(pairs: Sequence[Compared]) -> list[Weighed]:
    """Return what is found of each pair; all pairs are of one talent or of one job, and of the same weights."""
    new = [pair for pair in pairs if not pair.weighed]
    if new:
        talents, jobs = [pair.talent.profile for pair in new], [pair.job.profile for pair in new]
        one = all(talent is talents[0] for talent in talents)
        close = measure(talents[:1] if one else talents, jobs if one else jobs[:1], [p.similarity for p in new])
        for pair, weighed in zip(new, weigh(list(map(find, talents, jobs, close)), new[0].weights), strict=True):
            pair.weighed = weighed
    return [pair.weighed for pair in pairs if pair.weighed]


class Scorer:
    """Scores pairs. Whoever keeps what was scored overrides this; it must change no result."""

    def totals(self, pairs: Sequence[Compared]) -> list[float]:
        """Return the total of each pair; all are of one talent or of one job, and of the same weights."""
        return [weighed.total for weighed in compare(pairs)]

    def explain(self, pair: Compared, language: Language) -> list[MatchFeature]:
        """Return the features of a pair, explained; do not change them."""
        (weighed,) = compare([pair])
        return explained(weighed, pair.talent.profile, pair.job.profile, language, pair.weights)


@dataclass(frozen=True, slots=True)
class Scored:
    """A pair worth a match. The match is made when it is asked for: reasons take as long as scores."""

    compared: Compared
    total: float
    language: Language
    scorer: Scorer

    @property
    def pair(self) -> Pair:
        """Whose it is."""
        return self.compared.talent.profile.id, self.compared.job.profile.id

    def match(self, language: Language | None = None) -> Match:
        """Return the match with its reasons: in `language`, or else in that of the side that asks."""
        language = language or self.language
        talent, job = self.compared.talent.profile, self.compared.job.profile
        return Match(
            talent_id=talent.id,
            job_id=job.id,
            talent_revision=talent.revision,
            job_revision=job.revision,
            status="active",
            score=self.total,
            language=language,
            features=self.scorer.explain(self.compared, language),
            model=self.compared.talent.model,
        )


def best_matches(
    side: Side,
    asking: Candidate,
    near: Iterable[Near],
    limits: Limits,
    known: Collection[str] = (),
    scorer: Scorer | None = None,
) -> list[Scored]:
    """Return the pairs of `asking` worth a match: the best, and of the partners in `known` all that still hold."""
    scorer = scorer or Scorer()
    pairs = []
    for partner, similarity in near:
        talent, job = (asking, partner) if side == "talent" else (partner, asking)
        # Vectors of two models are never compared.
        if partner.model == asking.model and admissible(talent.profile, job.profile):
            pairs.append(Compared(talent, job, similarity, limits.weights))
    ranked = []
    for pair, total in zip(pairs, scorer.totals(pairs), strict=True):
        if total >= limits.threshold:
            partner = pair.job if side == "talent" else pair.talent
            ranked.append((-total, partner.profile.id, pair))
    ranked.sort(key=lambda r: r[:2])
    return [
        Scored(pair, -total, asking.profile.language, scorer)
        for rank, (total, partner_id, pair) in enumerate(ranked)
        if rank < limits.results or partner_id in known
    ]


def not_outdone(
    side: Side, found: Iterable[Scored], known: Collection[str], totals: Collection[float], limits: Limits
) -> list[Scored]:
    """Return the best of `found` if they share the places with others of these `totals`, and those of `known`."""
    return [
        scored
        for rank, scored in enumerate(found)
        if partner_in(side, scored.pair) in known or rank + sum(t > scored.total for t in totals) < limits.results
    ]


def pair_of(match: Match) -> Pair:
    """Return whose match it is."""
    return match.talent_id, match.job_id


def partner_in(side: Side, pair: Pair) -> str:
    """Return the id of the other side."""
    return pair[1] if side == "talent" else pair[0]


def scores_alike(match: Match, other: Match) -> bool:
    """Whether the features of two matches have the same scores and weights, whatever their wording."""
    return [(f.score, f.weight) for f in match.features] == [(f.score, f.weight) for f in other.features]


def in_language_of(match: Match, before: Match | None) -> Match:
    """Keep the stored wording when only the language differs: which side asked last is no change of the match."""
    if before is None or before.status != "active" or before.language == match.language:
        return match
    if not scores_alike(match, before):
        return match
    return match.model_copy(update={"language": before.language, "features": before.features})


def differs(match: Match, before: Match | None) -> bool:
    """Whether consumers need to hear of it: revisions alone are no news."""
    if before is None:
        return True
    return any(getattr(match, name) != getattr(before, name) for name in _TOLD)


def replaced(old: Match | None, new: Match | None) -> Match | None:
    """Return what a consumer that knows `old` is to be told when `new` takes its place; None for nothing.

    A pair that the new generation does not know is withdrawn at revision 0: whatever it will say of it is newer.
    """
    if new is None:
        gone = {"status": "withdrawn", "talent_revision": 0, "job_revision": 0}
        return old.model_copy(update=gone) if old and old.status == "active" else None
    if old is None:
        return new if new.status == "active" else None
    new = in_language_of(new, old)
    return new if differs(new, old) else None


def withdrawn(side: Side, match: Match, revision: int) -> Match:
    """Return a match that no longer holds since `revision` of one side."""
    name = "talent_revision" if side == "talent" else "job_revision"
    newest = max(revision, match.talent_revision if side == "talent" else match.job_revision)
    return match.model_copy(update={"status": "withdrawn", name: newest})
