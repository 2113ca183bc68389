"""Compiled loops that every room may use: distances, rays, overlaps, cost-to-go; plain arrays and numbers in and out.

Begin with ``jit``: how kernels are compiled and kept. Kernels that serve one room stand beside it, in its ``kernels``.
"""
