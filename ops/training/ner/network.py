"""The trained part of a tagger: a small network over the encoder's states, and a linear-chain CRF, fitted with JAX.

Emissions: the states and the embeddings of a token's form, of its pair with the next and of what the rules say are
summed, read by residual convolutions, and scored by tag. The CRF (Lafferty et al. 2001) scores moves between tags.
AdamW (Loshchilov and Hutter 2019) with dropout; the weights kept are a moving average over the steps.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from processors.resume.ner.features import entities
from processors.resume.ner.tagger import allowed, best_path

Array = np.ndarray[Any, Any]
Weights = dict[str, jax.Array]
Batch = dict[str, jax.Array]
_LENGTHS = (24, 40, 72, 192)  # a batch is padded to one of these, so that few shapes are compiled
_LEAST_STEPS = 25  # of an epoch; of few texts it is several passes
_LEAST_DEVIATION = 0.05  # of a state; those of less tell nothing, and would only make noise of rounding
_EMBEDDED = ("forms", "pairs", "rules")


@dataclass(frozen=True, slots=True)
class Settings:
    """How the network is made and fitted."""

    width: int = 128
    layers: int = 2
    embedding: int = 64
    batch: int = 32
    epochs: int = 14
    patience: int = 5
    """Epochs in which the texts kept aside are read no better, after which training ends."""
    rate: float = 2e-3
    decay: float = 0.02
    dropout: float = 0.4
    blind: float = 0.1
    """Share of tokens whose forms are hidden, so that context is learned."""
    average: float = 0.998


@dataclass(frozen=True, slots=True)
class Row:
    """A piece of a text: `states` `[tokens, encoder]`, the ids of `features.Vocabulary`, and the true tags."""

    states: Array
    forms: Array
    pairs: Array
    rules: Array
    tags: Array


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many forms, pairs and rules' tags there are."""

    forms: int
    pairs: int
    rules: int


@dataclass(frozen=True, slots=True)
class Epoch:
    """What an epoch came to: the mean loss a text, and the exact F1 of the pieces kept aside."""

    number: int
    loss: float
    held_out: float | None


def fit(
    rows: list[Row],
    held_out: list[Row],
    sizes: Sizes,
    tags: list[str],
    settings: Settings,
    seed: int,
    progress: Callable[[Epoch], None],
) -> dict[str, Array]:
    """Return the weights after training on `rows`, those that read `held_out` best if there is any.

    Rows hold numbers of `tags`, which are of BIOES. The same call gives the same weights on the same machine.
    """
    rng = np.random.default_rng(seed)
    states = np.concatenate([row.states for row in rows])
    mean, deviation = states.mean(0, dtype=np.float32), np.maximum(states.std(0, dtype=np.float32), _LEAST_DEVIATION)
    weights = _begin(rng, sizes, states.shape[1], len(tags), settings)
    rows = rows * max(1, -(-_LEAST_STEPS * settings.batch // len(rows)))
    optimiser = _optimiser(settings, -(-len(rows) // settings.batch))
    limits = tuple(map(jnp.asarray, allowed(tags)))
    state, average, best = optimiser.init(weights), weights, weights
    most, since, number = -1.0, 0, 0
    key = jax.random.key(seed, impl="unsafe_rbg")
    for epoch in range(1, settings.epochs + 1):
        total = 0.0
        for _, batch in _batches(rows, settings.batch, mean, deviation, rng):
            at = jnp.asarray(number)
            weights, state, average, value = _step(
                weights, state, average, batch, jax.random.fold_in(key, at), at, limits, optimiser, settings
            )
            number += 1
            total += float(value)
        if not held_out:
            best = average
            progress(Epoch(epoch, total * settings.batch / len(rows), None))
            continue
        batches = _batches(held_out, settings.batch, mean, deviation, None)
        f1 = _f1(((chosen, np.asarray(_read(average, b, settings))) for chosen, b in batches), average, tags)
        progress(Epoch(epoch, total * settings.batch / len(rows), f1))
        if f1 >= most:
            most, since, best = f1, 0, average
        elif (since := since + 1) >= settings.patience:
            break
    return _folded({name: np.asarray(value) for name, value in best.items()}, mean, deviation)


@lru_cache(maxsize=4)
def _optimiser(settings: Settings, steps: int) -> optax.GradientTransformation:
    """Return the optimiser for epochs of `steps` steps; one for the same arguments, so that it compiles once."""
    last = steps * settings.epochs + 1
    schedule = optax.warmup_cosine_decay_schedule(0, settings.rate, steps, last, settings.rate / 50)

    def decayed(weights: Weights) -> dict[str, bool]:
        return {name: value.ndim > 1 and name != "moves" for name, value in weights.items()}

    adamw = optax.adamw(schedule, weight_decay=settings.decay, mask=decayed)
    return optax.chain(optax.clip_by_global_norm(5.0), adamw)


@partial(jax.jit, static_argnames=("optimiser", "settings"))
def _step(
    weights: Weights,
    state: optax.OptState,
    average: Weights,
    batch: Batch,
    key: jax.Array,
    number: jax.Array,
    limits: tuple[jax.Array, ...],
    optimiser: optax.GradientTransformation,
    settings: Settings,
) -> tuple[Weights, optax.OptState, Weights, jax.Array]:
    value, gradient = jax.value_and_grad(_loss)(weights, batch, key, limits, settings)
    updates, state = optimiser.update(gradient, state, weights)
    weights = optax.apply_updates(weights, updates)
    keep = jnp.minimum(settings.average, (1 + number) / (10 + number))
    average = jax.tree.map(lambda old, new: keep * old + (1 - keep) * new, average, weights)
    return weights, state, average, value


def _begin(rng: np.random.Generator, sizes: Sizes, states: int, tags: int, settings: Settings) -> Weights:
    def normal(*shape: int, scale: float | None = None) -> jax.Array:
        return jnp.asarray(rng.normal(size=shape) * (shape[-2] ** -0.5 if scale is None else scale), jnp.float32)

    width = settings.width
    weights = {"states": normal(states, width), "bias": jnp.zeros(width)}
    for name in _EMBEDDED:
        weights[name] = normal(getattr(sizes, name), settings.embedding, scale=0.1)
        weights[f"{name}.in"] = normal(settings.embedding, width)
    for layer in range(settings.layers):
        weights[f"near{layer}"] = normal(3 * width, width)
        weights[f"near{layer}.bias"] = jnp.zeros(width)
        weights[f"mix{layer}"] = normal(width, width, scale=0.3 * width**-0.5)
    weights["tags"] = normal(width, tags, scale=0.02)
    weights["tags.bias"] = jnp.zeros(tags)
    weights["moves"] = jnp.zeros((tags, tags))
    return weights


def _emissions(weights: Weights, batch: Batch, key: jax.Array | None, settings: Settings) -> jax.Array:
    keys = iter(jax.random.split(key, 20)) if key is not None else None

    def drop(value: jax.Array, share: float, *, tokens: bool = False) -> jax.Array:
        if keys is None:
            return value
        shape = (*value.shape[:-1], 1) if tokens else value.shape
        return value * jax.random.bernoulli(next(keys), 1 - share, shape) / (1 - share)

    mask = batch["mask"][..., None]
    found = drop(drop(batch["states"], settings.blind / 2, tokens=True), settings.dropout / 2)
    found = found @ weights["states"] + weights["bias"]
    for name in _EMBEDDED:
        known = drop(drop(weights[name][batch[name]], settings.dropout), settings.blind, tokens=True)
        found += known @ weights[f"{name}.in"]
    found = drop(found / 2, settings.dropout) * mask
    for layer in range(settings.layers):
        padded = jnp.pad(found, ((0, 0), (1, 1), (0, 0)))
        near = jnp.concatenate([padded[:, i : i + found.shape[1]] for i in range(3)], -1)
        read = jax.nn.relu(near @ weights[f"near{layer}"] + weights[f"near{layer}.bias"])
        found = (found + drop(read, settings.dropout) @ weights[f"mix{layer}"]) * mask
    return drop(found, settings.dropout) @ weights["tags"] + weights["tags.bias"]


def _loss(
    weights: Weights, batch: Batch, key: jax.Array | None, limits: tuple[jax.Array, ...], settings: Settings
) -> jax.Array:
    """Return the negative log likelihood of the true tags of a batch, summed and divided by its size."""
    begins, forbidden, ends = limits
    emissions = _emissions(weights, batch, key, settings)
    moves = weights["moves"] + forbidden
    mask, tags = batch["mask"], batch["tags"]
    truth = (jnp.take_along_axis(emissions, tags[..., None], -1)[..., 0] * mask).sum()
    truth += (moves[tags[:, :-1], tags[:, 1:]] * mask[:, 1:]).sum()
    likely = jnp.exp(moves)

    def forward(score: jax.Array, at: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, None]:
        emission, inside = at
        top = score.max(-1, keepdims=True)
        after = jnp.log(jnp.exp(score - top) @ likely + 1e-30) + top + emission
        return jnp.where(inside[:, None] > 0, after, score), None

    first = emissions[:, 0] + begins
    score, _ = jax.lax.scan(forward, first, (emissions[:, 1:].swapaxes(0, 1), mask[:, 1:].T))
    # A row of padding only, which fills up the last batch, has no true tags and counts nothing.
    return ((jax.nn.logsumexp(score + ends, -1) * mask[:, 0]).sum() - truth) / len(mask)


@partial(jax.jit, static_argnames="settings")
def _read(weights: Weights, batch: Batch, settings: Settings) -> jax.Array:
    return _emissions(weights, batch, None, settings)


def _f1(read: Iterable[tuple[list[Row], Array]], weights: Weights, tags: list[str]) -> float:
    """Return the exact micro F1 of rows with the emissions that were read of them."""
    begins, forbidden, ends = allowed(tags)
    moves = np.asarray(weights["moves"]) + forbidden
    right = all_ = 0
    for rows, emissions in read:
        for row, scores in zip(rows, emissions, strict=False):
            spans = [(i, i + 1) for i in range(len(row.tags))]
            path = best_path(scores[: len(spans)], begins, moves, ends)
            found, true = (set(entities(spans, [tags[t] for t in p])) for p in (path, row.tags))
            right += len(found & true)
            all_ += len(found) + len(true)
    return 2 * right / all_ if all_ else 1.0


def _batches(
    rows: list[Row], size: int, mean: Array, deviation: Array, rng: np.random.Generator | None
) -> Iterator[tuple[list[Row], Batch]]:
    """Give rows of like length together, in random order if there is `rng`; a batch is padded to `size` rows."""
    lengths = np.array([len(row.tags) for row in rows])
    noise = np.exp(0.15 * rng.normal(size=len(rows))) if rng else 1
    order = np.argsort(lengths * noise, kind="stable")
    starts = np.arange(0, len(rows), size)
    for start in rng.permutation(starts) if rng else starts:
        chosen = [rows[i] for i in order[start : start + size]]
        longest = max(len(row.tags) for row in chosen)
        length = next(n for n in _LENGTHS if n >= longest)
        batch: dict[str, Array] = {
            name: np.zeros((size, length), np.int32) for name in ("forms", "pairs", "rules", "tags")
        }
        batch["mask"] = np.zeros((size, length), np.float32)
        batch["states"] = np.zeros((size, length, len(mean)), np.float32)
        for i, row in enumerate(chosen):
            n = len(row.tags)
            for name in ("forms", "pairs", "rules", "tags"):
                batch[name][i, :n] = getattr(row, name)
            batch["mask"][i, :n] = 1
            batch["states"][i, :n] = (row.states - mean) / deviation
        yield chosen, {name: jnp.asarray(value) for name, value in batch.items()}


def _folded(weights: dict[str, Array], mean: Array, deviation: Array) -> dict[str, Array]:
    """Return the weights for states as they come, each embedding with the matrix that reads it multiplied in."""
    folded = dict(weights)
    folded["states"] = weights["states"] / deviation[:, None] / 2
    folded["bias"] = weights["bias"] / 2 - mean @ folded["states"]
    for name in _EMBEDDED:
        folded[name] = weights[name] @ folded.pop(f"{name}.in") / 2
    return folded
