"""What ours is compared with: objectives, spaces, planners, simple robots."""
