"""What a person runs it with: settings, logs, traces, health, the embedded stack, the command line."""
