"""What every process of ours needs: settings, logs, traces, exit statuses; and the worker's own."""
