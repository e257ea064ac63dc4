"""Sources written for Isaac Gym: what a model may be shown of them, and rewards written in PyTorch."""
