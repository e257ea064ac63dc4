# `import numpy` without an alias, full names throughout.
import numpy


def compute_reward(state, action, next_state):
    distance = numpy.linalg.norm(next_state.position - next_state.goal_position, axis=-1)
    effort = numpy.sum(numpy.square(action), axis=-1)
    return numpy.exp(-distance) - 0.01 * effort, {"near": numpy.exp(-distance), "effort": -0.01 * effort}
