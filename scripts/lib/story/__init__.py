"""The demo: a story in a terminal, in which each promise is checked before it is called kept."""
