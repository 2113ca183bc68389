"""The simulated home as a Gymnasium environment, driven by five lines of reflex. Needs pip install 'pavane[gym]'."""

import sys

import gymnasium
import numpy as np
from PIL import Image

import pavane.sim.gym  # noqa: F401  registers Pavane-v0
from pavane.core.files import make_folder

out = make_folder(sys.argv[1] if len(sys.argv) > 1 else "out/examples")
env = gymnasium.make("Pavane-v0", home="house", people=3, render_mode="rgb_array")
observation, info = env.reset(seed=16)
done, total, steps = False, 0.0, 0
while not done and steps < 150:
    x, y, _, _ = observation["goal"]
    clear = observation["lidar"][60:120].min()  # straight ahead, m
    turn = np.clip(np.arctan2(y, x) if clear > 0.6 else 1.0, -1.0, 1.0)
    action = np.array([np.clip(clear - 0.4, 0.0, 0.6), 0.5 * turn], np.float32)
    observation, reward, terminated, truncated, info = env.step(action)
    total, done, steps = total + float(reward), terminated or truncated, steps + 1

print(f"{steps} steps, reward {total:.2f}, {np.hypot(x, y):.2f} m from the goal")
Image.fromarray(env.render()).save(out / "11_gymnasium.png")
env.close()
