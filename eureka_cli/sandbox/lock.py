"""The lock on a reward process: no new privileges, limits, Landlock without a single path, fourteen system calls.

ctypes only, so that it works wherever Python does. Landlock needs Linux 5.13, the filter any Linux on x86-64 or
aarch64. docs/trust-line.md says what was tried against it.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import platform
import resource
import socket
import struct
from collections.abc import Mapping

PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
SIGKILL = 9
LANDLOCK_CREATE, LANDLOCK_RESTRICT = 444, 446
SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC = 1, 1
ADDRESS_SPACE = 2 << 30
CPU_S = 6 * 3600

SECCOMP_CALL = {"x86_64": 317, "aarch64": 277}
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32 = 0x40000000
CLONE3 = 435
ALLOWED = {
    "x86_64": {
        "read": 0,
        "write": 1,
        "munmap": 11,
        "brk": 12,
        "rt_sigprocmask": 14,
        "rt_sigreturn": 15,
        "mremap": 25,
        "madvise": 28,
        "futex": 202,
        "clock_gettime": 228,
        "exit_group": 231,
        "getrandom": 318,
    },
    "aarch64": {
        "read": 63,
        "write": 64,
        "munmap": 215,
        "brk": 214,
        "rt_sigprocmask": 135,
        "rt_sigreturn": 139,
        "mremap": 216,
        "madvise": 233,
        "futex": 98,
        "clock_gettime": 113,
        "exit_group": 94,
        "getrandom": 278,
    },
}
NOT_EXECUTABLE = {"x86_64": {"mmap": 9, "mprotect": 10}, "aarch64": {"mmap": 222, "mprotect": 226}}
"""Allowed as long as nothing asks for executable memory."""

LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_BITS, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL = 0x7FFF0000, 0x80000000
DENY = 0x00050000
NUMBER_AT, ARCH_AT, PROTECTION_AT = 0, 4, 32
PROT_EXEC = 4


class Unconfined(Exception):
    """Neither Landlock nor the filter could be put in force, or the self-test got through."""


_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent dies."""
    _libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)


def silence() -> None:
    """Nothing to read, nowhere to write."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.close(null)


def shut(keep: set[int], address_space: int = ADDRESS_SPACE) -> None:
    """Leave the world behind: own session, no files but `keep`, no terminal, hard limits."""
    os.setsid()
    die_with_parent()
    silence()
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and int(name) not in keep:
            with contextlib.suppress(OSError):
                os.close(int(name))
    os.chdir("/")
    for limit, value in (
        (resource.RLIMIT_AS, address_space),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_NOFILE, max(16, *keep, 3) + 1),
    ):
        resource.setrlimit(limit, (value, value))


def check_wall(outside: Mapping[str, str]) -> None:
    """Prove the second wall before it is promised: `outside` names the namespaces of the client, empty without one."""
    if not outside:
        return
    shared = [name for name, theirs in outside.items() if os.readlink(f"/proc/self/ns/{name}") == theirs]
    if shared:
        raise Unconfined(f"the second wall shares {', '.join(shared)} with the outside")
    if os.path.exists("/etc/passwd") or os.access("/", os.W_OK):
        raise Unconfined("the second wall shows the outside's files, or can be written on")


def confine(*, kill: bool = False, threaded: bool = False) -> str:
    """Put the strongest lock in force and try it. Returns its name; raises Unconfined when there is none.

    With `kill` the first forbidden call ends the process, so trying one is left out. `threaded` takes other threads
    into account: the filter holds them all, Landlock this one alone.
    """
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1 and not threaded:
        raise Unconfined(f"{threads} threads run where Landlock holds only one")
    if _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise Unconfined("no_new_privs was refused")
    abi = _landlock()
    if not _filter(kill):
        raise Unconfined("the kernel takes no seccomp filter from an ordinary process")
    if not kill:
        _self_test()
    return f"landlock ABI {abi} + seccomp" if abi else "seccomp"


def _landlock() -> int:
    """Deny every path, port, and signal; returns the ABI, 0 where the kernel has no Landlock."""
    abi = int(_libc.syscall(ctypes.c_long(LANDLOCK_CREATE), None, ctypes.c_size_t(0), ctypes.c_uint32(1)))
    if abi < 1:
        return 0
    files = (1 << 13) - 1
    for since, bit in ((2, 13), (3, 14), (5, 15)):  # refer, truncate, device ioctl
        files |= (1 << bit) if abi >= since else 0
    network = 0b11 if abi >= 4 else 0
    scope = 0b11 if abi >= 6 else 0
    rules = ctypes.create_string_buffer(struct.pack("QQQ", files, network, scope), 24)
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    fd = int(_libc.syscall(ctypes.c_long(LANDLOCK_CREATE), rules, ctypes.c_size_t(size), ctypes.c_uint32(0)))
    if fd < 0:
        return 0
    refused = _libc.syscall(ctypes.c_long(LANDLOCK_RESTRICT), ctypes.c_int(fd), ctypes.c_uint32(0))
    os.close(fd)
    return 0 if refused else abi


def _filter(kill: bool) -> bool:
    """Install the allow-list; everything else answers EPERM, foreign architectures are killed."""
    machine = platform.machine()
    if machine not in AUDIT_ARCH:
        return False
    program = filter_program(machine, kill=kill)
    instructions = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(instructions))
    call = ctypes.c_long(SECCOMP_CALL[machine])
    mode, flags = ctypes.c_uint(SECCOMP_SET_MODE_FILTER), ctypes.c_uint(SECCOMP_FILTER_FLAG_TSYNC)
    return int(_libc.syscall(call, mode, flags, ctypes.create_string_buffer(header, len(header)))) == 0


def filter_program(machine: str, *, kill: bool = False) -> bytes:
    """The filter in the kernel's bytecode for one machine."""
    refused, missing = (KILL, KILL) if kill else (DENY | errno.EPERM, DENY | errno.ENOSYS)

    def load(offset: int) -> bytes:
        return struct.pack("HBBI", LOAD, 0, 0, offset)

    def jump(kind: int, value: int, yes: int, no: int) -> bytes:
        return struct.pack("HBBI", kind, yes, no, value)

    def leave(value: int) -> bytes:
        return struct.pack("HBBI", RETURN, 0, 0, value)

    program = load(ARCH_AT) + jump(JUMP_EQUAL, AUDIT_ARCH[machine], 1, 0) + leave(KILL) + load(NUMBER_AT)
    if machine == "x86_64":
        program += jump(JUMP_AT_LEAST, X32, 0, 1) + leave(KILL)
    for number in sorted(ALLOWED[machine].values()):
        program += jump(JUMP_EQUAL, number, 0, 1) + leave(ALLOW)
    for number in NOT_EXECUTABLE[machine].values():
        program += jump(JUMP_EQUAL, number, 0, 4) + load(PROTECTION_AT)
        program += jump(JUMP_BITS, PROT_EXEC, 0, 1) + leave(refused) + leave(ALLOW)
    program += jump(JUMP_EQUAL, CLONE3, 0, 1) + leave(missing)  # glibc falls back to clone on ENOSYS only
    return program + leave(refused)


def _self_test() -> None:
    """Prove the lock: what must fail is tried. A sandbox that silently is none is worse than none."""
    for name, forbidden in (("open", _open), ("socket", socket.socket), ("fork", os.fork)):
        try:
            got = forbidden()
        except OSError as error:
            if error.errno in (errno.EPERM, errno.EACCES):
                continue
            raise Unconfined(f"{name} failed for another reason than the lock: {error.strerror}") from None
        if name == "fork" and got == 0:
            os._exit(0)
        raise Unconfined(f"{name} went through the lock")


def _open() -> int:
    return os.open("/", os.O_RDONLY)  # there in any view of the files
