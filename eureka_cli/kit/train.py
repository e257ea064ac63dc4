"""Train on the found reward: pip install -r requirements.txt, then python train.py [STEPS]."""

import sys

from sb3_files import save
from stable_baselines3 import PPO
from stable_baselines3.common.vec_env import VecNormalize
from vec_env import make_vec

env = VecNormalize(make_vec(8, seed=0))
model = PPO("MlpPolicy", env, n_steps=256, seed=0, device="cpu", verbose=1)
model.learn(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
save(model, "trained.zip")
