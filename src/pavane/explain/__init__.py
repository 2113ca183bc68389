"""Why the robot does what it does, in plain words and as values.

A moment of a drive is planned again with one source after the other left out (a person, the walls, the goal): that
source is the cause of whatever changes then. Begin with ``explainer.explain``; ``terms`` attributes the cost of a
motion to its sources, ``text`` says it all in words.
"""

from pavane.explain.causes import Cause, ChosenMotion
from pavane.explain.explainer import Explanation, explain
from pavane.explain.moment import Moment, look
from pavane.explain.reasons import Choice, DecidingLayer
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
