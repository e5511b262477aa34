"""What a source would say of a file: one module a format."""
