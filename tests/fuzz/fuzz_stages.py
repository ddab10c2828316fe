"""Coverage-guided fuzzing of every stage, from a message's bytes to what would be sent: for hands, not for every test run.

    pip install atheris
    python tests/fuzz/fuzz_stages.py -max_total_time=300 FOLDER

FOLDER keeps what reaches new code; it begins with valid and spoilt messages. It ends at the first input that breaks a
promise of `stages.through`, and writes it to a file, which the same command with that file repeats.
"""

import sys
from pathlib import Path
from random import Random

import atheris

with atheris.instrument_imports(include=["schemas", "processors", "sinks", "streams"]):
    from mutations import MAKERS, spoilt
    from stages import TOPICS, through

_SEEDS = 2000
_PLAIN = bytes(16)


def one(data: bytes) -> None:
    """Take the message that bytes describe through its topic's stages. The value comes first, what is chosen last."""
    provider = atheris.FuzzedDataProvider(data)
    topic = TOPICS[provider.ConsumeIntInRange(0, len(TOPICS) - 1)]
    makers = _MAKERS[topic]
    sample = makers[provider.ConsumeIntInRange(0, len(makers) - 1)]("id-1")
    headers = []
    for name, value in sample.headers:
        fate = provider.ConsumeIntInRange(0, 15)
        if fate == 1:
            continue
        headers.append((name, provider.ConsumeBytes(48) if fate == 2 else value))
    key = provider.ConsumeBytes(24) if provider.ConsumeIntInRange(0, 15) == 1 else sample.key
    through(topic, key, provider.ConsumeBytes(len(data)).rstrip(b"\0"), headers)


_MAKERS = {topic: [make for make in MAKERS if make("x").topic == topic] for topic in TOPICS}


def _seed(folder: Path) -> None:
    """Write messages to begin with, each as `one` reads it: numbers are taken from the end."""
    rng = Random(0)
    for number in range(_SEEDS):
        make = MAKERS[number % len(MAKERS)]
        sample = make("id-1") if number < len(MAKERS) else spoilt(make("id-1"), rng)
        if sample.topic in TOPICS:
            places = bytes((_MAKERS[make("x").topic].index(make), TOPICS.index(make("x").topic)))
            (folder / f"seed-{number}").write_bytes((sample.body or b"")[:4096] + _PLAIN + places)


if __name__ == "__main__":
    folders = [Path(a) for a in sys.argv[1:] if not a.startswith("-") and Path(a).is_dir()]
    if folders and not any(folders[0].iterdir()):
        _seed(folders[0])
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
