"""Opens a model's encoder from its files."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from processors.embedding.model import EmbeddingModel, SentenceEncoder
from processors.embedding.titles import TitleEncoder, TitleModel
from schemas.settings import ModelSettings
from streams.models.default_model import ensure_model
from streams.models.downloads import cache_dir
from streams.models.manifest import Encoder
from streams.models.registry import MANIFEST, Entry, RegistryError, read_manifest

if TYPE_CHECKING:
    from processors.embedding.transformer import TransformerConfig

_LOADING = threading.Lock()
"""`transformers` imports its parts when they are first used, and fails if two threads do that at once."""


def open_encoder(entry: Entry, *, threads: int | None = None) -> EmbeddingModel:
    """Return the encoder of a pulled version; `threads` of one call, or those that its manifest recommends."""
    manifest, folder = entry.manifest, entry.folder
    if folder is None:
        raise RegistryError(f"{manifest.id} is not on this machine; `looma models pull {manifest.id}`")
    settings = manifest.encoder
    threads = threads or settings.threads
    if settings.kind == "use":
        return SentenceEncoder(folder / settings.graph, threads=threads)
    if settings.kind == "titles":
        if settings.titles is None:
            raise RegistryError(f"{manifest.id} names no weights of titles")
        base = SentenceEncoder(folder / settings.graph, threads=threads)
        return TitleModel(manifest.vector_version, base, TitleEncoder((folder / settings.titles).read_bytes()))
    try:
        with _LOADING:
            # Here, since it is slow to import and most workers run without a transformer.
            from processors.embedding.transformer import TransformerEncoder

            return TransformerEncoder(folder, manifest.vector_version, settings_of(settings), threads=threads)
    except ImportError as error:
        raise RegistryError("transformers need `pip install looma-streams[models]`") from error


def encoder_at(path: Path) -> EmbeddingModel:
    """Return the encoder at a path: a file is the default model's graph, a folder a pulled version."""
    if path.is_dir():
        return open_encoder(Entry(read_manifest(path / MANIFEST), path))
    return SentenceEncoder(path)


def default_encoder(settings: ModelSettings) -> EmbeddingModel:
    """Return the encoder that the settings name, else the default one, downloaded if it is not on this machine."""
    return encoder_at(settings.embedding_path or ensure_model(cache_dir()))


def settings_of(encoder: Encoder) -> "TransformerConfig":
    """Return what of a manifest the transformer's encoder takes."""
    from processors.embedding.transformer import TransformerConfig

    return TransformerConfig(
        encoder.graph, encoder.pooling, encoder.max_tokens, encoder.prefix, encoder.batchable, encoder.batch_texts
    )
