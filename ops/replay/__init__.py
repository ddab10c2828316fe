"""Replay in place: events still kept by Kafka go through the sync stage again, beside the live workers."""
