"""What can be searched for, apart from what searches: so that asking for it imports little."""

from dataclasses import dataclass, field

from processors.search.criteria import Criteria, Kind, Mode
from schemas.errors import LoomaError


class SearchError(LoomaError):
    """The search cannot be made as asked; the text says why."""

    code = "search"


@dataclass(frozen=True, slots=True)
class Request:
    """What is looked for: `text`, or what is like the entity `like`; a resume has the id of its talent.

    Without `near` nothing is looked for beside the hits.
    """

    kind: Kind
    text: str = ""
    like: str | None = None
    mode: Mode = "hybrid"
    criteria: Criteria = field(default_factory=Criteria)
    limit: int = 10
    page: int = 1
    facets: tuple[str, ...] = ()
    rerank: bool = False
    near: bool = True
