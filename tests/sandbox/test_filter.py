"""The filter, number by number: the kernel's own headers say the numbers, an interpreter of its bytecode the rest."""

from __future__ import annotations

import errno
import re
import struct
from pathlib import Path

import pytest

from eureka_cli.sandbox import lock

MACHINES = {"x86_64": "aarch64", "aarch64": "x86_64"}
"""Each with the other, which is foreign to it."""
HEADERS = {
    "x86_64": [Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), Path("/usr/include/asm/unistd_64.h")],
    "aarch64": [Path("/usr/include/asm-generic/unistd.h")],  # aarch64 takes the generic table as it stands
}
I386 = 0x40000003
ARM = 0x40000028
NUMBERS = range(501)
READ, WRITE, EXECUTE = 1, 2, 4


def told(machine: str) -> dict[str, int]:
    """Names and numbers of the kernel's header; the generic one wraps some in __NR3264_."""
    header = next((path for path in HEADERS[machine] if path.exists()), None)
    if header is None:
        pytest.skip(f"no kernel headers of {machine} here (linux-libc-dev)")
    found = {}
    for name, number in re.findall(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)$", header.read_text(), re.MULTILINE):
        found.setdefault(name, int(number))
    return found


@pytest.mark.parametrize("machine", MACHINES)
def test_numbers_are_the_kernels(machine):
    kernel = told(machine)
    for name, number in (lock.ALLOWED[machine] | lock.NOT_EXECUTABLE[machine]).items():
        assert kernel[name] == number, name
    assert kernel["seccomp"] == lock.SECCOMP_CALL[machine]
    assert kernel["clone3"] == lock.CLONE3
    assert kernel["landlock_create_ruleset"] == lock.LANDLOCK_CREATE
    assert kernel["landlock_restrict_self"] == lock.LANDLOCK_RESTRICT


def test_both_machines_allow_the_same_calls():
    x86, arm = (set(lock.ALLOWED[machine]) | set(lock.NOT_EXECUTABLE[machine]) for machine in MACHINES)
    assert x86 == arm
    assert len(x86) == 14


def test_architectures_are_the_kernels():
    header = Path("/usr/include/linux/audit.h")
    elf = Path("/usr/include/linux/elf-em.h")
    if not (header.exists() and elf.exists()):
        pytest.skip("no kernel headers here (linux-libc-dev)")
    machines = dict(re.findall(r"^#define (EM_\w+)\s+(\d+)", elf.read_text(), re.MULTILINE))
    flags = dict(re.findall(r"^#define (__AUDIT_ARCH_\w+)\s+(0x\w+)", header.read_text(), re.MULTILINE))
    for machine, name in (("x86_64", "X86_64"), ("aarch64", "AARCH64")):
        value = re.search(rf"^#define AUDIT_ARCH_{name}\s+\((\S+)\)", header.read_text(), re.MULTILINE).group(1)
        parts = [int(machines.get(part) or flags[part], 0) for part in value.split("|")]
        assert sum(parts) == lock.AUDIT_ARCH[machine]


def answer(program: bytes, number: int, arch: int, protection: int = 0) -> int:
    """What the kernel answers to a call: the instructions the filter is made of, and no others."""
    data = struct.pack("<iIQ6Q", number, arch, 0xDEAD, 0, 0, protection, 0, 0, 0)
    code = [struct.unpack_from("<HBBI", program, at) for at in range(0, len(program), 8)]
    at, accumulator = 0, 0
    while True:
        operation, yes, no, value = code[at]
        at += 1
        if operation == lock.RETURN:
            return value
        if operation == lock.LOAD:
            assert value % 4 == 0 and value + 4 <= len(data)
            accumulator = struct.unpack_from("<I", data, value)[0]
        elif operation == lock.JUMP_EQUAL:
            at += yes if accumulator == value else no
        elif operation == lock.JUMP_AT_LEAST:
            at += yes if accumulator >= value else no
        elif operation == lock.JUMP_BITS:
            at += yes if accumulator & value else no
        else:
            raise AssertionError(f"unknown instruction {operation:#x}")


def expected(machine: str, number: int, protection: int, *, kill: bool) -> int:
    refused, missing = (lock.KILL, lock.KILL) if kill else (lock.DENY | errno.EPERM, lock.DENY | errno.ENOSYS)
    if number in lock.ALLOWED[machine].values():
        return lock.ALLOW
    if number in lock.NOT_EXECUTABLE[machine].values():
        return refused if protection & EXECUTE else lock.ALLOW
    return missing if number == lock.CLONE3 else refused


@pytest.mark.parametrize("kill", [False, True])
@pytest.mark.parametrize("machine", MACHINES)
def test_exactly_the_list_is_allowed(machine, kill):
    program = lock.filter_program(machine, kill=kill)
    arch = lock.AUDIT_ARCH[machine]
    for number in NUMBERS:
        for protection in (0, READ, READ | WRITE, EXECUTE, READ | EXECUTE, READ | WRITE | EXECUTE, 1 << 32 | EXECUTE):
            found = answer(program, number, arch, protection)
            assert found == expected(machine, number, protection, kill=kill), (number, protection)


@pytest.mark.parametrize("kill", [False, True])
@pytest.mark.parametrize("machine", MACHINES)
def test_foreign_architectures_are_killed(machine, kill):
    program = lock.filter_program(machine, kill=kill)
    for arch in (lock.AUDIT_ARCH[MACHINES[machine]], I386, ARM, 0):
        assert {answer(program, number, arch) for number in NUMBERS} == {lock.KILL}


def test_x32_is_killed():
    program = lock.filter_program("x86_64")
    arch = lock.AUDIT_ARCH["x86_64"]
    assert {answer(program, number | lock.X32, arch) for number in NUMBERS} == {lock.KILL}
    assert answer(program, -1, arch) == lock.KILL


def test_numbers_beyond_every_table_are_refused_on_aarch64():
    program = lock.filter_program("aarch64")
    arch = lock.AUDIT_ARCH["aarch64"]
    assert answer(program, lock.X32 | 63, arch) == lock.DENY | errno.EPERM
    assert answer(program, -1, arch) == lock.DENY | errno.EPERM


def test_jumps_are_short_enough_for_their_byte():
    for machine in MACHINES:
        assert len(lock.filter_program(machine)) // 8 < 100
