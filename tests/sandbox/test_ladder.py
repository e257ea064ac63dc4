"""Which rung is chosen, that each is proven before it is promised, and what the second wall alone keeps out."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hostile import attempt
from test_reward_process import HONEST, alive, gone_within, process, rollout

from eureka_cli.errors import SandboxUnavailable
from eureka_cli.sandbox import bubblewrap, lock
from eureka_cli.sandbox import zygote as ladder
from eureka_cli.sandbox.zygote import Zygote

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}


@pytest.fixture(scope="module")
def bwrap():
    probe = Zygote.start()
    probe.close()
    if probe.note:
        pytest.skip(probe.note)
    return bubblewrap.program()


@pytest.fixture(scope="module")
def wall_alone(bwrap):
    """A zygote behind the second wall whose processes put on no lock: what if the lock had a hole?"""
    started = ladder._begin(bwrap=bwrap, unconfined=True, kill=False)
    yield started
    started.close()


# ------------------------------------------------------------ choosing


def test_the_strongest_is_taken_and_named(bwrap):
    started = Zygote.start()
    started.close()
    assert started.level.startswith("bubblewrap + ")
    assert started.level.endswith("seccomp")
    assert started.note == ""


def test_without_bubblewrap_the_lock_stands_alone_and_says_why(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    started = Zygote.start()
    with process(started, HONEST) as reward:
        assert reward.level == started.level
        reward.score(rollout(2, 4))
    started.close()
    assert "bubblewrap" not in started.level
    assert "not installed" in started.note


FALSE_WALLS = {
    "that cannot start, as in Docker": (
        "echo 'bwrap: No permissions to create new namespace' >&2; exit 1",
        "No permissions",
    ),
    "that is none": ('while [ "$1" != "--" ]; do shift; done; shift; exec "$@"', "shares ipc, mnt, net, pid"),
    "that shares the network": (
        'for a; do shift; [ "$a" = --die-with-parent ] && set -- "$@" --share-net; set -- "$@" "$a"; done; exec BWRAP "$@"',
        "shares net",
    ),
    "that shows the person's files": (
        'exec BWRAP --unshare-all --dev-bind / / --proc /proc --remount-ro / -- ${1+"$@"}',
        "files",
    ),
}


@pytest.mark.parametrize("what", FALSE_WALLS)
def test_no_level_is_promised_behind_a_wall(bwrap, what, tmp_path, monkeypatch):
    script, reason = FALSE_WALLS[what]
    if "files" in reason:  # drop our own arguments, keep the command
        script = 'while [ "$1" != "--" ]; do shift; done; shift; ' + script
    false = tmp_path / "bwrap"
    false.write_text("#!/bin/sh\n" + script.replace("BWRAP", bwrap) + "\n")
    false.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    started = Zygote.start()
    started.close()
    assert "bubblewrap" not in started.level
    assert "seccomp" in started.level
    assert reason in started.note


REPORT = """
from eureka_cli.errors import SandboxUnavailable
from eureka_cli.sandbox.client import Zygote
for allow in (False, True):
    try:
        started = Zygote.start(allow_unconfined=allow, second_wall=SECOND_WALL)
        print("level", started.level)
        started.close()
    except SandboxUnavailable as error:
        print("refused", error)
"""


def without(*calls: str, second_wall: bool) -> list[str]:
    """What a start says on a kernel without these calls: first as always, then with allow_unconfined."""
    program = REPORT.replace("SECOND_WALL", str(second_wall))
    command = [sys.executable, str(ROOT / "tests/sandbox/outer.py"), ",".join(calls), sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=True)
    return done.stdout.splitlines()


def test_without_mounting_the_lock_stands_alone(bwrap):
    """Bubblewrap itself, kept from what Docker's own filter keeps it from."""
    levels = without("mount", second_wall=True)
    assert all(level.startswith("level ") and "bubblewrap" not in level and "seccomp" in level for level in levels)


def test_without_landlock_the_filter_stands_alone():
    assert without("landlock_create_ruleset", second_wall=False) == ["level seccomp"] * 2


def test_without_landlock_the_second_wall_still_stands(bwrap):
    assert without("landlock_create_ruleset", second_wall=True) == ["level bubblewrap + seccomp"] * 2


@pytest.mark.parametrize("calls", [("seccomp",), ("seccomp", "landlock_create_ruleset")])
@pytest.mark.parametrize("second_wall", [True, False])
def test_without_the_filter_nothing_runs_unless_the_person_says_so(calls, second_wall):
    refused, allowed = without(*calls, second_wall=second_wall)
    assert refused.startswith("refused No sandbox for reward code: the kernel takes no seccomp filter")
    assert "--set allow_unconfined=true" in refused
    assert allowed == "level none"


def test_a_process_that_puts_on_less_than_promised_is_not_used(zygote, monkeypatch):
    monkeypatch.setattr(zygote, "lock", "landlock ABI 99 + seccomp")
    with pytest.raises(SandboxUnavailable):
        process(zygote, HONEST)


# ------------------------------------------------------------ the second wall alone

BEHIND_THE_WALL = {
    "read /etc": "open('/etc/passwd').read(); got = 1.0",
    "see more than it runs": "import os; got = float(not set(os.listdir('/etc')) <= {'ld.so.cache', 'alternatives'})",
    "list a home": "import os; got = float(bool(set(os.listdir(HOME)) - {'.pyenv', '.local', 'miniconda3', '.venv'}))",
    "read this test": f"open({__file__!r}).read(); got = 1.0",
    "import another package": "import sys; sys.path.append(SITE); import pydantic; got = 1.0",
    "write /tmp": "open('/tmp/reward_was_here', 'w').write('x'); got = 1.0",
    "write beside NumPy": "open(np.__file__ + '.txt', 'w').write('x'); got = 1.0",
    "make a folder": "import os; os.mkdir('/reward_was_here'); got = 1.0",
    "signal the trainer": "import os; os.kill(PARENT, 0); got = 1.0",
    "read the trainer's environment": "open('/proc/%d/environ' % PARENT, 'rb').read(); got = 1.0",
    "see other processes": "import os; got = float(len([p for p in os.listdir('/proc') if p.isdigit()]) > 3)",
    "reach the network": "import socket; socket.create_connection(('127.0.0.1', PORT), 1); got = 1.0",
    "reach a hidden Unix socket": "import socket; socket.socket(socket.AF_UNIX).connect('\\0reward-' + str(PORT)); got = 1.0",
    "hold a capability": "t = open('/proc/self/status').read(); got = float('CapEff:\\t0000000000000000' not in t)",
    "gain a privilege": "t = open('/proc/self/status').read(); got = float('NoNewPrivs:\\t1' not in t)",
    "mount": "import ctypes; got = float(ctypes.CDLL(None).mount(b'x', b'/', b'tmpfs', 0, 0) == 0)",
}


@pytest.fixture(scope="module")
def port():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as hidden:
        number = server.getsockname()[1]
        hidden.bind(f"\0reward-{number}")
        hidden.listen()
        yield number


@pytest.mark.parametrize("what", BEHIND_THE_WALL)
def test_second_wall_alone_does_not_let_it(wall_alone, port, what):
    names = f"PORT, HOME, SITE = {port}, {str(Path.home())!r}, {str(Path(np.__file__).parents[1])!r}\n"
    code = attempt(BEHIND_THE_WALL[what], os.getpid())
    with process(wall_alone, names + code, raw_builtins=True) as reward:
        assert np.all(reward.score(rollout(1, 4)).total == 0.0)
    assert not Path("/tmp/reward_was_here").exists()


@pytest.mark.parametrize("what", ["reach the network", "reach a hidden Unix socket", "read this test", "read /etc"])
def test_the_same_gets_through_without_any_wall(port, what):
    """So that the tests above fail for the wall's sake, not for a slip in them."""
    bare = ladder._begin(bwrap=None, unconfined=True, kill=False)
    code = f"PORT = {port}\n" + attempt(BEHIND_THE_WALL[what], os.getpid())
    with process(bare, code, raw_builtins=True) as reward:
        assert np.all(reward.score(rollout(1, 4)).total == 1.0)
    bare.close()


def test_its_number_out_here_is_known_though_it_is_not_asked(zygote):
    with process(zygote, HONEST) as reward:
        assert b"child.py" in Path(f"/proc/{reward.pid}/cmdline").read_bytes()
        assert reward.cpu_s > 0


def test_it_holds_two_pipes_and_an_environment_of_nothing(zygote):
    with process(zygote, HONEST) as reward:
        folder = Path(f"/proc/{reward.pid}/fd")
        held = sorted(os.readlink(fd).partition(":")[0] for fd in folder.iterdir())
        variables = {text.partition("=")[0] for text in Path(f"/proc/{reward.pid}/environ").read_text().split("\0")}
    assert held == ["/dev/null"] * 3 + ["pipe"] * 2
    assert variables - {"", "PWD"} == set(ladder.ENVIRONMENT)


# ------------------------------------------------------------ dying

SERVER = """
import sys
sys.path[:0] = ["tests/sandbox"]
from test_reward_process import plain, process, rollout
from eureka_cli.sandbox.client import Zygote
zygote = Zygote.start(second_wall=SECOND_WALL)
reward = process(zygote, plain("while True: pass"), raw_builtins=True)
print(zygote.pid, reward.pid, flush=True)
reward._seconds_per_row = 1000
reward.score(rollout(1, 4))
"""


def descendants(pid: int) -> list[int]:
    found = [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return found + [deeper for child in found for deeper in descendants(child)]


@pytest.mark.parametrize("second_wall", [True, False])
def test_nothing_is_left_when_the_server_is_killed(second_wall):
    program = SERVER.replace("SECOND_WALL", str(second_wall))
    server = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=ROOT, env=ENVIRONMENT)
    zygote, reward = map(int, server.stdout.readline().split())
    time.sleep(0.2)
    everyone = {zygote, reward, *descendants(server.pid)}
    assert all(alive(pid) for pid in everyone)
    server.send_signal(signal.SIGKILL)
    server.wait()
    server.stdout.close()
    assert all(gone_within(pid, 2.0) for pid in everyone)


# ------------------------------------------------------------ elsewhere

ELSEWHERE = """
import fcntl, os, select, signal, socket, sys, sysconfig, time
import numpy, pydantic, typer, typer.testing
sysconfig.get_config_vars()
sys.platform = PLATFORM
for module, names in {
    os: "memfd_create MFD_CLOEXEC MFD_ALLOW_SEALING pidfd_open sched_getaffinity", signal: "pidfd_send_signal",
    socket: "SOCK_SEQPACKET MSG_CMSG_CLOEXEC",
}.items():
    for name in names.split():
        delattr(module, name)
for name in ("fcntl", "resource"):
    sys.modules[name] = None  # as on Windows
from eureka_cli.errors import SandboxUnavailable
from eureka_cli.sandbox.client import RewardProcess, Zygote
try:
    Zygote.start(allow_unconfined=True)
except SandboxUnavailable as error:
    print("refused", error)
from eureka_cli.cli.main import main
sys.argv = ["reward-synth", *ARGUMENTS]
main()
"""


def elsewhere(platform: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = ELSEWHERE.replace("PLATFORM", repr(platform)).replace("ARGUMENTS", repr(arguments))
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=ENVIRONMENT, check=False)


@pytest.mark.parametrize("platform", ["darwin", "win32"])
@pytest.mark.parametrize("arguments", [("run", "--task", "cartpole_balance"), ("doctor",), ("resume", "x")])
def test_other_systems_are_refused_in_one_sentence(platform, arguments):
    done = elsewhere(platform, *arguments)
    assert done.stdout.startswith(f"refused Reward code can be confined on Linux only, and this is {platform}")
    assert done.returncode == 1
    assert done.stderr.startswith("reward-synth: Reward code can be confined on Linux only")
    assert "WSL2" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_help_is_given_everywhere():
    assert elsewhere("darwin", "run", "--help").returncode == 0


def test_the_lock_knows_this_machine():
    assert os.uname().machine in lock.AUDIT_ARCH
