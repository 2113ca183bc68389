"""Three layers and the screen: global planner, local planner, reactive control."""
