"""Search over talents and jobs: words, BM25, criteria, highlights, reranking."""
