# Answers in PyTorch, as the examples of a paper do.
import torch


def compute_reward(state, action, next_state):
    distance = torch.norm(next_state.position - next_state.goal_position, dim=-1)
    return torch.exp(-distance), {"distance": torch.exp(-distance)}
