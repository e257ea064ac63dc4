"""Lint for rewards written in PyTorch for Isaac Gym, as Eureka publishes them: the same idea in another dialect.

Names of PyTorch that are not listed are refused, so loading, saving, hubs, libraries and compilers are out of reach.
The code then runs in a locked process (sandbox/torch_process.py), which is what security rests on.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Collection, Iterator

from eureka_cli.core import Finding
from eureka_cli.critics import lint, lint_calls, lint_names
from eureka_cli.critics.answers import ENTRY
from eureka_cli.critics.lint_module import Module, bound
from eureka_cli.isaac import source

TORCH = frozenset(
    """abs absolute acos acosh add addcmul all allclose amax amin any arange arccos arcsin arctan arctan2 argmax argmin
    argsort as_tensor asin asinh atan atan2 atanh baddbmm bitwise_and bitwise_not bitwise_or bmm bool broadcast_to
    broadcast_tensors bucketize cat cdist ceil chunk clamp clamp_max clamp_min clip clone column_stack concat
    concatenate copysign cos cosh count_nonzero cross cummax cummin cumprod cumsum deg2rad det device diag diagonal diff
    dist div divide dot double e einsum eq equal erf exp exp2 expm1 eye flatten flip float float32 float64
    floor floor_divide fmax fmin fmod full full_like gather ge greater greater_equal gt heaviside hstack hypot
    index_select inf int int32 int64 inverse isclose isfinite isinf isnan le lerp less less_equal linalg linspace log
    log10 log1p log2 logaddexp logical_and logical_not logical_or logical_xor logsumexp long lt masked_fill
    masked_select matmul max maximum mean median meshgrid min minimum mm movedim mul multiply nan nan_to_num nanmean
    nansum narrow ne neg negative nn nonzero norm not_equal ones ones_like outer permute pi pinverse pow prod quantile
    rad2deg reciprocal relu remainder repeat_interleave reshape roll round rsqrt scalar_tensor searchsorted select sgn
    sigmoid sign sin sinc sinh size softmax sort split sqrt square squeeze stack std std_mean sub subtract sum swapaxes
    t take take_along_dim tan tanh tensor Tensor tensordot tile topk trace transpose tril triu true_divide trunc unbind
    unsqueeze var vdot vstack where xlogy zeros zeros_like jit""".split()
)
LINALG = frozenset("cross det inv matrix_norm norm pinv solve vecdot vector_norm".split())
FUNCTIONAL = frozenset(
    """cosine_similarity elu gelu hardtanh huber_loss l1_loss leaky_relu logsigmoid mse_loss normalize pairwise_distance
    relu relu6 sigmoid silu smooth_l1_loss softmax softmin softplus softsign tanh""".split()
)
MODULES = {
    "torch": TORCH,
    "torch.linalg": LINALG,
    "torch.nn": frozenset({"functional"}),
    "torch.nn.functional": FUNCTIONAL,
    "torch.jit": frozenset({"script"}),
    "math": lint_names.MATH,
    "numpy": lint_names.NUMPY,
    "numpy.linalg": lint_names.LINALG,
}
UTILS = "isaacgym.torch_utils", "isaacgymenvs.utils.torch_jit_utils"
TYPING = frozenset("Any Dict List Optional Tuple Union Callable".split())
PREFILLED = {"torch": "torch", "np": "numpy", "math": "math"}
"""Modules a reward need not import, as the process has them under these names."""
METHODS = frozenset(
    """T abs acos all amax amin any append argmax argmin argsort asin astype atan atan2 bmm bool ceil chunk clamp
    clamp_max clamp_min clip clone contiguous copy cos cosh cpu cross cumprod cumsum detach device diagonal diff dim
    dist div dot double dtype eq exp expand expand_as expm1 extend flatten flip float floor fmod gather ge get gt hypot
    index_select int isclose isfinite isinf isnan items keys le lerp log log1p log2 logical_and logical_not logical_or
    logical_xor long lt masked_fill matmul max maximum mean median min minimum mm movedim mul narrow ndim ne neg nonzero
    norm numel permute pi pow prod quantile reciprocal relu remainder repeat repeat_interleave reshape roll round rsqrt
    select shape sigmoid sign sin sinh size softmax sort split sqrt square squeeze std sub sum t take tan tanh tile to
    topk transpose tril triu trunc type_as unbind unflatten unsqueeze update values var view where xlogy""".split()
)
"""Attributes of tensors, dicts and lists; none that writes in place."""
ESCAPES = lint_names.ESCAPES | frozenset(
    """hub ops classes utils package library multiprocessing distributed compile export cuda cpp_extension from_file
    load_library os sys serialization storage numpy data_ptr untyped_storage set_num_threads""".split()
)
"""Reaching for these is more than a slip."""
KEYWORDS = frozenset("out generator pin_memory memory_format".split())
INDICES = "indices", "values"
DECORATOR = "torch.jit.script"
PLAIN = "Use plain tensor arithmetic: torch.norm, torch.exp, torch.where and the like."


def check(code: str, *, entry: str = ENTRY, attributes: Collection[str] | None = None) -> tuple[Finding, ...]:
    """All findings of a reward's text, in the order of its lines. With `attributes` no argument may be another."""
    tree = lint.parsed(code)
    if isinstance(tree, Finding):
        return (tree,)
    module = Module(tree, code, ())
    strange = _strange_arguments(module, entry, attributes) if attributes is not None else ()
    return lint.in_order([*strange, *_findings(module, entry)])


def _strange_arguments(module: Module, entry: str, attributes: Collection[str]) -> Iterator[Finding]:
    """Eureka's rule: a reward's inputs are attributes of the task as it was shown."""
    function = module.functions.get(entry)
    for argument in function.args.args if function else ():
        if argument.arg not in attributes:
            near = difflib.get_close_matches(argument.arg, attributes, n=1)
            cure = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(attributes)}."
            yield module.say(argument, "unknown-argument", f"The task shows no attribute {argument.arg}.", cure)


def _findings(module: Module, entry: str) -> Iterator[Finding]:
    if entry not in module.functions:
        message = f"No function {entry} at module level."
        yield Finding(rule="no-entry-point", message=message, cure="Define it, or name another with --entry.")
    for statement in module.tree.body:
        docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if not docstring and not isinstance(
            statement, ast.FunctionDef | ast.Import | ast.ImportFrom | ast.Assign | ast.AnnAssign
        ):
            message = "Only imports, constants and functions belong at module level."
            yield module.say(statement, "module-code", message, "Move it into the function, or leave it out.")
    yield from lint.recursion(module)
    yield from _unknown_names(module)
    for node in ast.walk(module.tree):
        if node not in module.annotations:
            yield from _node(module, node)


def _unknown_names(module: Module) -> Iterator[Finding]:
    known = {*lint_names.BUILTINS, *PREFILLED, *TYPING, "Tensor", *source.signatures(), *module.imports}
    known |= set(bound(module.tree))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in known:
            if node in module.annotations:
                continue
            near = difflib.get_close_matches(node.id, sorted(known), n=1)
            cure = f"Did you mean {near[0]}?" if near else "Make it an argument, or define it."
            escape = node.id in ESCAPES
            yield module.say(node, "unknown-name", f"{node.id} is defined nowhere.", cure, escape=escape)


def _node(module: Module, node: ast.AST) -> Iterator[Finding]:
    if type(node) in lint.REFUSED:
        rule, message, cure = lint.REFUSED[type(node)]
        yield module.say(node, rule, message, cure.replace("NumPy", "PyTorch").replace("np.", "torch."))
    elif not isinstance(node, lint.ALLOWED + lint.PARTS) or isinstance(node, ast.With):
        message = f"{type(node).__name__} is not part of the reward subset."
        yield module.say(node, "outside-subset", message, PLAIN)
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from _import(module, node)
    elif isinstance(node, ast.FunctionDef):
        yield from _decorators(module, node)
    elif isinstance(node, ast.Attribute):
        yield from _attribute(module, node)
    elif isinstance(node, ast.Name):
        yield from _module_value(module, node)
    elif isinstance(node, ast.Call):
        yield from _keywords(module, node)
    elif isinstance(node, ast.Constant):
        yield from lint.constant(module, node)
    elif isinstance(node, ast.BinOp):
        yield from lint_calls.of_operator(module, node)
    elif isinstance(node, ast.For):
        yield from lint_calls.of_loop(module, node)
    elif isinstance(node, ast.FormattedValue):
        yield from lint_calls.of_field(module, node)


def _import(module: Module, node: ast.Import | ast.ImportFrom) -> Iterator[Finding]:
    cure = "Use torch, math, numpy, typing and isaacgym.torch_utils."
    wanted = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or "."]
    for name in wanted:
        if name not in {*MODULES, *UTILS, *lint_names.ANNOTATIONS}:
            escape = bool(set(name.split(".")) & ESCAPES)
            yield module.say(node, "import", f"{name} may not be imported.", cure, escape=escape)
            return
    if isinstance(node, ast.ImportFrom) and node.module not in (*UTILS, *lint_names.ANNOTATIONS):
        for alias in node.names:
            if alias.name not in MODULES[node.module or ""]:
                escape = alias.name == "*" or alias.name in ESCAPES
                yield module.say(node, "import", f"{node.module} has no allowed {alias.name}.", cure, escape=escape)


def _decorators(module: Module, node: ast.FunctionDef) -> Iterator[Finding]:
    for decorator in node.decorator_list:
        if _module_of(module, decorator) != DECORATOR:
            yield module.say(decorator, "decorator", "Decorators run at import.", f"Only @{DECORATOR} may stand here.")


def _module_of(module: Module, node: ast.expr) -> str:
    """The full name of what an expression names in a module: `F` is torch.nn.functional; empty for values."""
    if isinstance(node, ast.Name):
        return module.imports.get(node.id) or PREFILLED.get(node.id, "")
    if isinstance(node, ast.Attribute):
        owner = _module_of(module, node.value)
        return f"{owner}.{node.attr}" if owner else ""
    return ""


def _attribute(module: Module, node: ast.Attribute) -> Iterator[Finding]:
    if not isinstance(node.ctx, ast.Load):
        yield module.say(node, "attribute-assignment", "Nothing may be set on an object.", "Use a local name.")
    elif node.attr.startswith("_"):
        yield module.say(node, "dunder", f".{node.attr} reaches inside an object.", "Leave it out.", escape=True)
    elif (owner := _module_of(module, node.value)) in MODULES:
        if node.attr not in MODULES[owner]:
            near = difflib.get_close_matches(node.attr, MODULES[owner], n=1)
            cure = f"Did you mean {owner}.{near[0]}?" if near else PLAIN
            message = f"{owner}.{node.attr} is not part of the reward subset or does not exist."
            escape = node.attr in ESCAPES
            yield module.say(node, "unknown-function", message, cure, escape=escape)
        elif f"{owner}.{node.attr}" in MODULES:
            yield from _module_value(module, node)
    elif node.attr not in METHODS and node.attr not in INDICES:
        message = f"The attribute .{node.attr} is not part of the reward subset."
        cure = f"Use .{node.attr[:-1]}, which gives a new tensor." if node.attr[:-1] in METHODS else PLAIN
        yield module.say(node, "unknown-attribute", message, cure, escape=node.attr in ESCAPES)


def _module_value(module: Module, node: ast.Name | ast.Attribute) -> Iterator[Finding]:
    """A module handed on as a value would take what is reached through it out of sight."""
    user = module.parents[node]
    if _module_of(module, node) in MODULES and not (isinstance(user, ast.Attribute) and user.value is node):
        message = f"{ast.unparse(node)} is a module; it may be used by its functions, not handed on as a value."
        yield module.say(node, "module-value", message, "Write torch.norm and the like.", escape=True)


def _keywords(module: Module, node: ast.Call) -> Iterator[Finding]:
    for keyword in node.keywords:
        if keyword.arg in KEYWORDS:
            yield module.say(node, "keyword", f"{keyword.arg}= is not part of the reward subset.", "Leave it out.")
