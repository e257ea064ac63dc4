"""What reward code may use, as plain sets. Anything not named here is refused: new NumPy names fail closed."""

from __future__ import annotations

NUMPY = frozenset(
    """abs absolute add all allclose any arange arccos arccosh arcsin arcsinh arctan arctan2 arctanh argmax argmin argsort
    array array_equal asarray atleast_1d atleast_2d average broadcast_to cbrt ceil clip column_stack concatenate cos cosh
    count_nonzero cross cumprod cumsum deg2rad degrees diag diff divide dot e einsum equal errstate exp exp2 expand_dims
    expm1 eye fabs flip float32 float64 floor floor_divide fmax fmin fmod full full_like greater greater_equal heaviside
    hstack hypot identity inf inner int32 int64 interp invert isclose isfinite isin isinf isnan less less_equal linspace
    log log10 log1p log2 logaddexp logical_and logical_not logical_or logical_xor matmul max maximum mean median meshgrid
    min minimum mod moveaxis multiply nan nan_to_num nanmax nanmean nanmin nansum negative newaxis not_equal ones
    ones_like outer percentile pi positive power prod ptp quantile rad2deg radians real reciprocal remainder repeat
    reshape roll round sign signbit sin sinc sinh sort sqrt square squeeze stack std subtract sum swapaxes take
    take_along_axis tan tanh tensordot tile trace transpose tril triu true_divide trunc unwrap var vdot vstack where zeros
    zeros_like linalg ndarray bool_ empty_like empty""".split()
)
LINALG = frozenset("norm det inv solve pinv".split())
MATH = frozenset(
    """acos asin atan atan2 ceil cos cosh degrees e exp expm1 fabs floor fmod hypot inf isfinite isinf isnan log log10
    log1p log2 nan pi pow radians sin sinh sqrt tan tanh tau copysign""".split()
)
REWARD_MATH = frozenset(
    """tolerance norm unit dot cross wrap_angle distance pairwise_distance quat_conjugate quat_multiply quat_rotate
    quat_rotate_inverse quat_angle""".split()
)
MODULES = {"numpy": NUMPY, "numpy.linalg": LINALG, "math": MATH, "reward_math": REWARD_MATH}
VALUES = frozenset(
    """T all any argmax argmin astype clip copy cumsum dot dtype flatten items keys max mean min ndim prod ptp ravel
    reshape round shape size squeeze std sum swapaxes transpose values var get append real""".split()
)
"""Attributes of arrays, dicts and lists."""
BUILTINS = frozenset(
    """abs all any bool dict enumerate float int isinstance len list map max min pow range reversed round set sorted str
    sum tuple zip True False None""".split()
)
ANNOTATIONS = frozenset(("typing", "__future__", "collections.abc", "numpy.typing"))
"""Modules whose names only annotate; their imports are dropped, as annotations are never evaluated."""
ESCAPES = frozenset(
    """os sys subprocess socket ctypes shutil pathlib io importlib builtins inspect gc threading multiprocessing signal
    pickle marshal tempfile requests urllib http open exec eval compile __import__ globals locals vars getattr setattr
    delattr breakpoint input memoryview f2py ctypeslib load save savez memmap fromfile tofile loadtxt savetxt genfromtxt
    lib DataSource frombuffer dump dumps""".split()
)
"""Reaching for these is more than a slip: shown to the person in full, to the model as one generic sentence."""
