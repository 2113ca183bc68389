"""Why the robot does what it does: in terms of the plan, by leaving things out, in plain words."""

from pavane.explain.causes import Cause, Motion
from pavane.explain.explainer import Choice, Explanation, Layer, explain
from pavane.explain.moment import Moment, look
from pavane.explain.report import summary_of, terms_of
from pavane.explain.sources import Source
from pavane.explain.terms import Terms, Toll

__all__ = [
    "Cause",
    "Choice",
    "Explanation",
    "Layer",
    "Moment",
    "Motion",
    "Source",
    "Terms",
    "Toll",
    "explain",
    "look",
    "summary_of",
    "terms_of",
]
