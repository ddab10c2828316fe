"""A BERT of two layers with random weights and a word-piece tokenizer: real parts, kilobytes small."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

SIZE, INNER, LAYERS, POSITIONS = 32, 64, 2, 140
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789:"
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "engineer", "nurse", "data", "in", "hospital", "query"]


def write_tiny_bert(folder: Path, model_type: str = "bert") -> None:
    """Write config, weights and tokenizer of the model into a folder."""
    vocabulary = {w: n for n, w in enumerate([*WORDS, *LETTERS, *("##" + c for c in LETTERS)])}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.save(str(folder / "tokenizer.json"))
    special = {"unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]"}
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", **special}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    config = {
        "model_type": model_type,
        "hidden_act": "gelu",
        "hidden_size": SIZE,
        "intermediate_size": INNER,
        "num_attention_heads": 4,
        "num_hidden_layers": LAYERS,
        "layer_norm_eps": 1e-12,
        "pad_token_id": 0,
    }
    (folder / "config.json").write_text(json.dumps(config))
    random = np.random.default_rng(7)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(vocabulary), SIZE),
        "embeddings.position_embeddings.weight": (POSITIONS, SIZE),
        "embeddings.token_type_embeddings.weight": (2, SIZE),
        "pooler.dense.weight": (SIZE, SIZE),
        "pooler.dense.bias": (SIZE,),
    }
    for n in range(LAYERS):
        layer = f"encoder.layer.{n}"
        for part in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            shapes |= {f"{layer}.{part}.weight": (SIZE, SIZE), f"{layer}.{part}.bias": (SIZE,)}
        shapes |= {f"{layer}.intermediate.dense.weight": (INNER, SIZE), f"{layer}.intermediate.dense.bias": (INNER,)}
        shapes |= {f"{layer}.output.dense.weight": (SIZE, INNER), f"{layer}.output.dense.bias": (SIZE,)}
    weights = {name: random.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()}
    norms = ["embeddings.LayerNorm"]
    norms += [f"encoder.layer.{n}.{p}.LayerNorm" for n in range(LAYERS) for p in ("attention.output", "output")]
    for name in norms:
        weights[f"{name}.weight"] = np.ones(SIZE, dtype=np.float32)
        weights[f"{name}.bias"] = np.zeros(SIZE, dtype=np.float32)
    save_file(weights, folder / "model.safetensors")
