# After legged_gym's feet terms: comprehensions over limbs, a stack of them, counts of contacts.
import numpy as np

LIMBS = ("first", "middle", "ring", "little", "thumb")


def compute_reward(state, action, next_state):
    heights = [next_state.fingertip_positions[:, k, 2] for k in range(len(LIMBS))]
    contacts = np.stack([height < 0.05 for height in heights], axis=-1)
    speeds = np.stack(
        [
            np.linalg.norm(next_state.fingertip_positions[:, k] - state.fingertip_positions[:, k], axis=-1)
            for k in range(next_state.fingertip_positions.shape[1])
        ],
        axis=-1,
    )
    slip = -np.sum(speeds * contacts, axis=-1)
    air = 0.1 * (contacts.sum(axis=-1) == 1)
    parts = {f"clear_{name}": 0.01 * np.clip(height, 0.0, 0.5) for name, height in zip(LIMBS, heights)}
    parts |= {"slip": slip, "air": air}
    return sum(parts.values()), parts
