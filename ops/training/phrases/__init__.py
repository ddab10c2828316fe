"""Makes the model that tells titles, employers and schools by their letters."""
