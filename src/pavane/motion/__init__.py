"""What can be driven: motion within limits, by construction."""
