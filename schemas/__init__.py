"""What travels on the topics and what is stored: models, the event envelope, versions and their upcasters."""
