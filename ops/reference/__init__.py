"""The pages of docs/reference and docs/schemas, generated from the code: `python -m ops.reference [--check] docs`."""
