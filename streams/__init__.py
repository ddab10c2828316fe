"""The Faust app: topics, agents, delivery. It moves events between the others and holds no business rule."""
