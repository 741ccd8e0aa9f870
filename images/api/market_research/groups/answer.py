"""What a participant answered."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from market_research.llm.model import Mention


class Answer(BaseModel):
    """An answer to the question with this index; later answers have larger ids. `cached`: it took no tokens."""

    model_config = ConfigDict(frozen=True)

    id: int
    participant_id: UUID
    question: int
    text: str
    themes: list[Mention]
    cached: bool
    created_at: datetime
