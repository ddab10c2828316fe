"""What we know about recruiting, as plain functions: no Kafka, no MongoDB, no Qdrant."""
