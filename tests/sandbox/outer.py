"""A kernel without some system calls: installs an outer filter that answers ENOSYS, then runs the rest of the line.

python outer.py landlock_create_ruleset,seccomp program [argument ...]
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys

from eureka_cli.sandbox import lock

MACHINE = os.uname().machine
NUMBERS = {
    "landlock_create_ruleset": lock.LANDLOCK_CREATE,
    "seccomp": lock.SECCOMP_CALL[MACHINE],
    "mount": {"x86_64": 165, "aarch64": 40}[MACHINE],
}


def main() -> None:
    program = struct.pack("HBBI", lock.LOAD, 0, 0, lock.NUMBER_AT)
    for name in sys.argv[1].split(","):
        program += struct.pack("HBBI", lock.JUMP_EQUAL, 0, 1, NUMBERS[name])
        program += struct.pack("HBBI", lock.RETURN, 0, 0, lock.DENY | errno.ENOSYS)
    program += struct.pack("HBBI", lock.RETURN, 0, 0, lock.ALLOW)
    held = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(held))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(lock.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    assert libc.syscall(lock.SECCOMP_CALL[MACHINE], lock.SECCOMP_SET_MODE_FILTER, 0, header) == 0
    os.execv(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
