# Hands lists on by * and dicts by **, as tidy people do.
import numpy as np

KERNEL = {"scale": 0.5, "power": 2}


def kernel(x, scale=1.0, power=1):
    return np.exp(-np.abs(x / scale) ** power)


def weighted(*terms, weights=(1.0, 1.0)):
    return [weight * term for weight, term in zip(weights, terms)]


def compute_reward(state, action, next_state):
    near = kernel(np.linalg.norm(next_state.position - next_state.goal_position, axis=-1), **KERNEL)
    first, second = weighted(*(near, next_state.upright), weights=(2.0, 0.5))
    return first + second, {**{"near": first}, "upright": second}
