"""What a backfill reads: files, collections and REST APIs, each a resumable stream of rows."""
