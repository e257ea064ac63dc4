"""A stand-in for NVIDIA's Isaac Gym, which is no package of any index: names, types, shapes and quaternion maths.

Task files written for Isaac Gym parse, import and build their tensors on it. It simulates nothing.
Written for this project from the names that public task files use; no code of NVIDIA's.
"""
