"""Forgetting a person: her messages leave the log, her data every store, and late events of her are passed over."""
