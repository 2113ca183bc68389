"""The studies, a file each: its options, its run, and what it says of what it found.

To add the study ``pavane bench NAME``:

1. Write ``NAME.py`` in this folder. A frozen dataclass holds the options: its docstring, with an example and ``Args:``,
   is what ``pavane bench NAME --help`` says, and its fields are the options with their defaults. It fulfils
   :class:`pavane.bench.runner.study.Study`: ``run`` checks the options, lists what is to be done, has it done, and
   returns :class:`~pavane.bench.runner.study.Findings`. Options that several studies have mean the same in all:
   ``json`` (file for the report), ``quick`` (less of the same in under two minutes), ``seed``, ``jobs`` (worker
   processes, which change no figure), ``data`` (folder of homes and people), ``keep`` (file in which each row is
   noted as it comes).
2. Add the line ``"NAME": "NAME:NameStudy"`` to ``STUDIES`` in ``pavane.cli.bench``.
3. Say what its keys mean in ``docs/guides/studies.md``.

Drives in worker processes go through :func:`pavane.bench.runner.workers.in_workers`, or, where a study of hours is to
go on where it was stopped, through :func:`pavane.bench.runner.checkpoint.go_on`; both tell of each result as it comes,
which :func:`pavane.bench.runner.study.watched` shows. What is measured in this process uses ``terminal.progress``.
"""
