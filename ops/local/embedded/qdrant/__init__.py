"""The part of Qdrant's REST API that we use, on Qdrant's own engine (qdrant-edge), for one machine."""
