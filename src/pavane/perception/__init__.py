"""From messages to what is around: scan layers, the 6x6 m local map, tracked people.

Begin with ``scan_layer`` and ``local_map`` for what stands, with ``tracker`` and its filter ``imm`` for what moves;
``near_map`` and ``scan_motion`` are the guard's, from the newest scans alone.
"""
