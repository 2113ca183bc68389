"""Values that every room knows: poses, messages, beliefs, plans, profiles; and errors and files.

Begin with ``messages`` (what comes in), ``belief`` (what is made of it) and ``plan`` (what goes out); ``geometry``
holds poses, grids and outlines, ``robot`` the profile.
"""
