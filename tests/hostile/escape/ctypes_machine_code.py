# Maps memory that may be written and executed and jumps into it.
import ctypes
import mmap

import numpy as np


def compute_reward(state, action, next_state):
    page = mmap.mmap(-1, 4096, prot=7)
    page.write(b"\xc3")
    ctypes.CFUNCTYPE(None)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
    return next_state.height, {}
