"""Texts of similar length into batches: padding is work done for nothing."""

from collections.abc import Iterator, Sequence

MAX_BATCH_TOKENS = 2048
"""Bound of a batch's tokens, padding included. It bounds the memory of a run."""


def batches(lengths: Sequence[int], most: int, max_tokens: int = MAX_BATCH_TOKENS) -> Iterator[list[int]]:
    """Yield the indices of `lengths` in batches of at most `most`, the shortest first.

    A batch holds at most `max_tokens` padded tokens, unless one text alone has more.
    """
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) >= most or (len(batch) + 1) * lengths[index] > max_tokens):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
