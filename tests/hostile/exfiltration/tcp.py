# Sends what it sees to a server.
import socket

import numpy as np


def compute_reward(state, action, next_state):
    with socket.create_connection(("127.0.0.1", 9), timeout=0.2) as connection:
        connection.sendall(state.time.tobytes())
    return next_state.height, {}
