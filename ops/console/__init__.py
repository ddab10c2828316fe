"""The console: pages for people, served by the API and made of what it serves to programs."""
