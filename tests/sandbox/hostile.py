"""What was tried inside the lock. Each body gets `n`, the batch size, and must report 1.0 if it got through, else 0.0.

They run with every builtin and no lint: only the lock stands in their way.
"""

from __future__ import annotations

import textwrap

BODIES = {
    "read a file": "open('/etc/passwd').read(); got = 1.0",
    "list a folder": "import os; os.listdir('/'); got = 1.0",
    "write a file": "open('/tmp/reward_was_here', 'w').write('x'); got = 1.0",
    "write a file through numpy": "np.save('/tmp/reward_was_here', np.ones(3)); got = 1.0",
    "map a file": "np.memmap('/etc/passwd', dtype=np.uint8, mode='r'); got = 1.0",
    "read its environment": "got = float(b'CANARY' in open('/proc/self/environ', 'rb').read())",
    "find a secret in os.environ": "import os; got = float('REWARD_SYNTH_CANARY' in os.environ)",
    "read the trainer's environment": "open('/proc/%d/environ' % PARENT, 'rb').read(); got = 1.0",
    "open a TCP socket": "import socket; socket.socket(); got = 1.0",
    "open a UDP socket": "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM); got = 1.0",
    "open a Unix socket": "import socket; socket.socketpair(); got = 1.0",
    "fork": "import os; got = 1.0 if os.fork() >= 0 else 0.0",
    "execute a program": "import os; os.execv('/bin/true', ['true']); got = 1.0",
    "spawn a program": "import os; os.posix_spawn('/bin/true', ['true'], {}); got = 1.0",
    "start a thread": "import _thread; _thread.start_new_thread(lambda: None, ()); got = 1.0",
    "signal the trainer": "import os; os.kill(PARENT, 0); got = 1.0",
    "trace the trainer": "import ctypes; got = float(ctypes.CDLL(None).ptrace(16, PARENT, 0, 0) == 0)",
    "read the trainer's memory": (
        "import ctypes; b = ctypes.create_string_buffer(8)\n"
        "got = float(ctypes.CDLL(None).syscall(310, PARENT, b, 1, b, 1, 0) >= 0)"
    ),
    "map executable memory": "import mmap; mmap.mmap(-1, 4096, prot=7); got = 1.0",
    "make memory executable": (
        "import ctypes, mmap; m = mmap.mmap(-1, 4096)\n"
        "a = ctypes.addressof(ctypes.c_char.from_buffer(m)); got = float(ctypes.CDLL(None).mprotect(a, 4096, 7) == 0)"
    ),
    "make a memory file": "import os; os.memfd_create('x'); got = 1.0",
    "use io_uring": "import ctypes; got = float(ctypes.CDLL(None).syscall(425, 1, 0) >= 0)",
    "make a user namespace": "import ctypes; got = float(ctypes.CDLL(None).unshare(0x10000000) == 0)",
    "raise its limits": "import resource as r; r.setrlimit(r.RLIMIT_AS, (r.RLIM_INFINITY,) * 2); got = 1.0",
    "make a symlink": "import os; os.symlink('/etc/passwd', '/tmp/reward_was_here'); got = 1.0",
    "load a library": "import ctypes; ctypes.CDLL('libutil.so.1'); got = 1.0",
    "import what is not loaded": "import sqlite3; got = 1.0",
    "write its inputs": "state.v.flags.writeable = True; state.v[:] = 7.0; got = 1.0",
    "write its inputs through their address": (
        "import ctypes; a = state.v.ctypes.data; page = a & ~4095\n"
        "got = float(ctypes.CDLL(None).mprotect(page, 4096, 3) == 0)"
    ),
    "learn its process id": "import os; got = float(os.getpid() > 0)",
    "sleep on the clock": "import time; time.sleep(0.01); got = 1.0",
}

BOMBS = {
    "loop for ever": "while True: pass",
    "square a huge integer": "x = 3\nwhile True: x = x * x",
    "eat memory by lists": "x = [0]\nwhile True: x = x + x",
    "eat memory by arrays": "x = np.ones(10 ** 11)",
    "recurse": "f = lambda: f()\nf()",
    "crash": "import ctypes; ctypes.string_at(0)",
    "leave": "import os; os._exit(3)",
}

_PIPE = """
import _thread, os
def say(data):
    for fd in range(3, 64):
        try: os.write(fd, data)
        except OSError: pass
"""
FORGERIES = {
    "half a frame, then work": _PIPE + "say(bytes([5, 255, 0, 0, 0, 1]))\nwhile True: pass",
    "half a frame, then sleep": _PIPE + "say(bytes([5, 255]))\nl = _thread.allocate_lock(); l.acquire(); l.acquire()",
    "sleep": "import _thread\nl = _thread.allocate_lock(); l.acquire(); l.acquire()",
    "a frame of a gigabyte": _PIPE + "say(bytes([5, 0, 0, 0, 64]))\nwhile True: say(bytes(4096))",
    "two frames": _PIPE + "say(bytes([5, 4, 0, 0, 0, 0, 0, 0, 0]) * 2)\nwhile True: pass",
    "drops, for ever": _PIPE + "say(bytes([5, 0, 0, 15, 0]))\nwhile True: say(bytes(1))",
    "answers without reading the calls": (
        _PIPE + "import time\nwhile True:\n    say(bytes([5, 4, 0, 0, 0, 0, 0, 0, 0]))\n    for _ in range(4000): pass"
    ),
}
"""Written past our code, straight into the answer pipe."""

BROKEN = {
    "NaN": "return state.v * np.nan, {}",
    "infinity": "return state.v / 0.0, {}",
    "too many dimensions": "return np.ones((n, 2)), {}",
    "a scalar": "return 1.0, {}",
    "text": "return np.array(['x'] * n), {}",
    "objects": "return np.array([None] * n), {}",
    "a module": "return np, {}",
    "no tuple": "return state.v",
    "a list of components": "return state.v, [state.v]",
    "a flood of components": "return state.v, {'c%d' % k: state.v for k in range(1000)}",
    "a name with control characters": "return state.v, {'\\x1b[31m': state.v}",
    "a name that is an instruction": "return state.v, {'<script>alert(1)</script>': state.v}",
    "a number as name": "return state.v, {1: state.v}",
    "complex numbers": "return state.v * 1j, {}",
}


def attempt(body: str, parent: int) -> str:
    """A reward that tries `body` and tells as its total whether it got through."""
    tried = textwrap.indent(body, "        ")
    return (
        f"import numpy as np\nPARENT = {parent}\ndef compute_reward(state, action, next_state):\n    n = len(state.v)\n"
        f"    try:\n{tried}\n    except BaseException:\n        got = 0.0\n    return np.full(n, got), {{}}\n"
    )


def plain(body: str) -> str:
    inner = textwrap.indent(body, "    ")
    return (
        "import numpy as np\ndef compute_reward(state, action, next_state):\n    n = len(state.v)\n"
        f"{inner}\n    return state.v, {{}}\n"
    )
