"""What reward code may use, as plain sets. Anything not named here is refused: new NumPy names fail closed."""

from __future__ import annotations

import ast

NUMPY = frozenset(
    """abs absolute add all allclose any arange arccos arccosh arcsin arcsinh arctan arctan2 arctanh argmax argmin argsort
    array array_equal asarray atleast_1d atleast_2d average broadcast_to cbrt ceil clip column_stack concatenate cos cosh
    count_nonzero cross cumprod cumsum deg2rad degrees diag diff divide dot e einsum equal errstate exp exp2 expand_dims
    expm1 eye fabs flip float32 float64 floor floor_divide fmax fmin fmod full full_like greater greater_equal heaviside
    hstack hypot identity inf inner int32 int64 interp invert isclose isfinite isin isinf isnan less less_equal linspace
    log log10 log1p log2 logaddexp logical_and logical_not logical_or logical_xor matmul max maximum mean median meshgrid
    min minimum mod moveaxis multiply nan nan_to_num nanmax nanmean nanmin nansum negative newaxis not_equal ones logaddexp2
    select choose polyval array_split split nanstd nanvar nanprod nanargmax nanargmin diagonal triu_indices tril_indices
    ravel ndim amax amin shape size copysign exp2 float_power rint fix gradient trapezoid digitize searchsorted
    cumulative_sum vecdot permute_dims concat acos asin atan atan2 pow
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
NEVER_CALLED = frozenset("empty empty_like ndarray".split())
"""Known only so that the refusal can say why; np.ndarray may annotate and be asked for by isinstance."""
DTYPES = frozenset("float32 float64 int32 int64 bool float int".split())
MODULES = {"numpy": NUMPY, "numpy.linalg": LINALG, "math": MATH, "reward_math": REWARD_MATH}
VALUES = frozenset(
    """T all any argmax argmin astype clip copy cumsum dot dtype flatten items keys max mean min ndim prod ptp ravel
    reshape round shape size squeeze std sum swapaxes transpose values var get append extend update real repeat take
    diagonal cumprod""".split()
)
"""Attributes of arrays, dicts and lists."""
MUTATORS = frozenset("append extend update insert setdefault pop popitem clear remove sort reverse add discard".split())
UFUNC_METHODS = frozenset("at reduce reduceat accumulate outer".split())
UNARY = """abs absolute arccos arccosh arcsin arcsinh arctan arctanh cbrt ceil cos cosh deg2rad degrees exp exp2 expm1 fabs
floor invert isfinite isinf isnan log log10 log1p log2 logical_not negative positive rad2deg radians reciprocal rint sign
signbit sin sinh sqrt square tan tanh trunc acos asin atan fix nan_to_num""".split()
BINARY = """add arctan2 atan2 copysign divide equal float_power floor_divide fmax fmin fmod greater greater_equal heaviside
hypot less less_equal logaddexp logaddexp2 logical_and logical_or logical_xor matmul maximum minimum mod multiply not_equal
pow power remainder subtract true_divide dot outer vecdot any all max min ptp argmax argmin concatenate concat stack round
median choose nanmax nanmin nanargmax nanargmin amax amin""".split()
TERNARY = (
    "clip sum mean std var prod cumsum cumprod take percentile quantile nansum nanmean nanstd nanvar nanprod".split()
)
MOST_POSITIONAL = dict.fromkeys(UNARY, 1) | dict.fromkeys(BINARY, 2) | dict.fromkeys(TERNARY, 3)
"""How many arguments a NumPy function takes before the one it would write its result into."""
MOST_POSITIONAL_METHOD = dict.fromkeys("max min all any argmax argmin ptp round dot".split(), 1) | dict.fromkeys(
    "sum mean std var prod cumsum cumprod clip take".split(), 2
)
MAKES_NEW = frozenset(
    """zeros ones full zeros_like ones_like full_like array where stack concatenate column_stack hstack vstack tile repeat
    arange linspace eye select""".split()
) | frozenset({*UNARY, *BINARY, *TERNARY})
"""NumPy functions whose result shares no memory with what they were given."""
MAKES_VIEW = frozenset(f"numpy.{name}" for name in "asarray reshape ravel squeeze transpose swapaxes moveaxis".split())
MAKES_NEW_METHOD = frozenset(
    "copy astype flatten sum mean std var prod min max cumsum cumprod clip round dot repeat take".split()
)
FRESH = (
    ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.BinOp, ast.UnaryOp, ast.Compare,
)  # fmt: skip
"""Expressions that make something new."""
IN_DEFAULTS = (
    ast.Constant, ast.UnaryOp, ast.BinOp, ast.Tuple, ast.Name, ast.Attribute, ast.operator, ast.unaryop,
    ast.expr_context,
)  # fmt: skip
"""What a default value may be made of."""
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
    lib DataSource frombuffer dump dumps format_map""".split()
)
"""Reaching for these is more than a slip: shown to the person in full, to the model as one generic sentence."""
