"""What is measured of a drive."""
