"""Proposes a source for a file. One module per format."""
