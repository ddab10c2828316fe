"""What we know about recruiting, as plain functions: no Kafka, no MongoDB, no Qdrant."""

import os

# ONNX Runtime would report to Microsoft, and reads this when it is imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
