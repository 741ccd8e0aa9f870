"""What the sums of tokens are made of."""

from uuid import UUID, uuid4

from market_research.usage import ModelSums, ProjectSums, Sums, summed

RYE = uuid4()


def took(model: str, project_id: UUID | None, calls: int, tokens: int) -> ProjectSums:
    return ProjectSums(
        model=model,
        project_id=project_id,
        project="Rye" if project_id else None,
        calls=calls,
        cached=1,
        input_tokens=tokens,
        output_tokens=tokens // 10,
    )


def test_a_model_took_what_it_took_for_all_projects_and_the_greediest_comes_first() -> None:
    usage = summed([took("small", RYE, 2, 70), took("big", RYE, 4, 60), took("big", None, 3, 50)])
    assert usage.by_model == [
        ModelSums(model="big", calls=7, cached=2, input_tokens=110, output_tokens=11),
        ModelSums(model="small", calls=2, cached=1, input_tokens=70, output_tokens=7),
    ]
    assert usage.total == Sums(calls=9, cached=3, input_tokens=180, output_tokens=18)
    assert [row.input_tokens for row in usage.by_project] == [70, 60, 50]


def test_before_anything_was_asked_there_are_sums_all_the_same() -> None:
    assert summed([]).total == Sums(calls=0, cached=0, input_tokens=0, output_tokens=0)
