"""What might be there and is not seen."""

from pavane.risk.occlusion import Hidden, blind_corners

__all__ = ["Hidden", "blind_corners"]
