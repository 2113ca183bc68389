"""A Gymnasium environment over the simulated home: importing this registers ``Pavane-v0``.

Begin with ``env``: it draws an ``episode``, drives it as an ``attempt`` and gives an ``observation`` and a ``reward``.
It needs the extra ``gym``; nothing else of Pavane does.
"""

from pavane.sim.gym.config import EnvSettings, NoGymnasium

try:
    import gymnasium

    from pavane.sim.gym.env import HomeEnv
    from pavane.sim.gym.reward import Reward, Transition, progress_reward
except ModuleNotFoundError as error:
    if error.name != "gymnasium":
        raise
    raise NoGymnasium(
        "pavane.sim.gym needs Gymnasium, which is not installed", remedy="Install it: pip install 'pavane[gym]'."
    ) from error

ID = "Pavane-v0"

if ID not in gymnasium.registry:
    gymnasium.register(id=ID, entry_point="pavane.sim.gym:HomeEnv")

__all__ = ["ID", "EnvSettings", "HomeEnv", "NoGymnasium", "Reward", "Transition", "progress_reward"]
