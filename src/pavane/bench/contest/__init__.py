"""What the kernel that weighs candidates is measured beside: the same model written otherwise, and peers."""
