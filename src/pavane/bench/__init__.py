"""Studies: drives that are measured, and what is said about them."""
