# Makes an array over an address of its choice by way of __array_interface__ and reads from it.
import numpy as np


class Anywhere:
    __array_interface__ = {"data": (4096, True), "shape": (64,), "typestr": "|u1", "version": 3}


def compute_reward(state, action, next_state):
    memory = np.asarray(Anywhere())
    return next_state.height + float(memory[0]), {}
