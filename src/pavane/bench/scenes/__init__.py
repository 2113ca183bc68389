"""Where and among whom it is measured."""
