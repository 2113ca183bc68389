"""From messages to what is around: scan layers, the 6x6 m local map, tracked people."""
