"""Documents that are each written by hand, no two alike: one person, one layout, and what it says beside it."""
