"""Compiled loops of prediction: the base and its models, people, blind corners."""
