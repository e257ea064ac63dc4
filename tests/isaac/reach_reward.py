import torch
from typing import Dict, Tuple
from torch import Tensor


@torch.jit.script
def compute_reward(
    tip_pos: Tensor, tip_rot: Tensor, goal: Tensor, weights: Dict[str, float], sharp: float
) -> Tuple[Tensor, Dict[str, Tensor]]:
    near = torch.exp(-torch.norm(tip_pos - goal, p=2, dim=-1) * sharp)
    upright = quat_axis(tip_rot, 2)[:, 2]
    return weights["near"] * near + weights["up"] * upright, {"near": near, "upright": upright}
