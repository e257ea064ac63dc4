"""reward-synth: one sentence and a simulated environment in, a reward function that trains a policy out."""

__version__ = "0.1.0"
