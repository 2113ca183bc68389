"""Values that every room knows: poses, messages, beliefs, plans, profiles; and errors and files."""
