"""Compiled loops of the crowd: begin with ``step``, which moves everybody by ``acceleration`` and ``social_force``."""
