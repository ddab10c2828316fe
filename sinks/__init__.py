"""Where results go: MongoDB, Qdrant, result topics. Idempotent, batched, bounded."""
