"""Uncertainty-adjusted progress: what a motion costs, one file a concept.

| file | what it says |
|---|---|
| ``walls`` | clearance from walls and things, the hazard beside them, touch |
| ``people`` | distance and approach of people, the chance of touching them, blame, discomfort |
| ``progress`` | the way still to go, the heading at a goal pose, penalties at the end |
| ``effort`` | acceleration, turning, jerk, reverse |
| ``hazards`` | the sum of walls, things and people at one look |
| ``stop`` | the final stop |
| ``cost`` | the sum of all over a motion, and the kernels ``evaluate`` and ``gradient`` |
| ``weights``, ``arguments`` | the figures, and how the kernels are handed all that a cost depends on |
| ``fields``, ``shapes`` | reading clearances and cost-to-go; how a price falls with distance |
| ``reference`` | the whole once more as one writes it first, for tests and explanations |

To add a term, write a file with one function, its equation in the docstring, marked ``spliced``; and one line in a sum:
in ``hazards.hazards_at`` for what harms (added to ``harm``, m/s), in ``cost.drive_step`` for what a step costs (added
to the effort, m), in ``cost.trajectory_cost`` for what the end costs. A new weight is a field of ``config.Objective``
(and a row of its table) and of ``Weights``. The tests then ask for the same term in ``reference`` and in the C twin
``bench/contest/evaluate.c``, which hold the kernels to account.

Functions marked ``inline`` are compiled one by one, then put into their callers; those marked ``spliced`` are written
into them before. LLVM may reorder sums and products, and does so by what it sees at once: where an ``inline`` function
begins and what it takes in what order decides last bits of costs, and by them what recorded drives replay to.
"""
