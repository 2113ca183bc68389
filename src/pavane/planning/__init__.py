"""Three layers and the screen: global planner, local planner, reactive control.

Begin with ``local_planner.planner``: the search for the trajectory of the next seconds.
"""
