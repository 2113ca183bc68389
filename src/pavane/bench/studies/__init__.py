"""One file for each ``pavane bench NAME``."""
