# Sends a datagram, which needs no connection.
import socket

import numpy as np


def compute_reward(state, action, next_state):
    try:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9))
        sent = 1.0
    except OSError:
        sent = 0.0
    return next_state.height + sent, {"height": next_state.height}
