"""What measurements depend on."""

import platform
from importlib.metadata import version

import psutil

_PARTS = ("faust-streaming", "aiokafka", "pymongo", "qdrant-client", "onnxruntime", "secantusdb")


def machine() -> dict[str, object]:
    """Return this machine and the versions of the parts."""
    return {
        "cpu": platform.processor() or platform.machine(),
        "cores": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "python": platform.python_version(),
        **{name: version(name) for name in _PARTS},
    }
