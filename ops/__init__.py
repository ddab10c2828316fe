"""What a person runs it with: settings, logs, traces, health, the embedded stack, the command line."""

import processors  # noqa: F401 - first of all, so that ONNX Runtime reports nothing, whichever module imports it
