"""Why the robot does what it does: in terms of the plan, by leaving things out, in plain words."""

from pavane.explain.causes import Cause, ChosenMotion
from pavane.explain.explainer import Choice, DecidingLayer, Explanation, explain
from pavane.explain.moment import Moment, look
from pavane.explain.report import summary_of, terms_of
from pavane.explain.sources import Source
from pavane.explain.terms import CostShare, Terms

__all__ = [
    "Cause",
    "Choice",
    "ChosenMotion",
    "CostShare",
    "DecidingLayer",
    "Explanation",
    "Moment",
    "Source",
    "Terms",
    "explain",
    "look",
    "summary_of",
    "terms_of",
]
