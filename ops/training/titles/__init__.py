"""Makes the encoder of titles from lists of occupations: `python -m ops.training.titles --help`."""
