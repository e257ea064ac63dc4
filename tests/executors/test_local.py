"""The queue on real processes: environments that are killed, swallow memory, sleep or loop, once or always."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from eureka_cli import steps, tasks
from eureka_cli.config import RunConfig
from eureka_cli.core import Job
from eureka_cli.errors import JobFailed, OutOfMemory, Stalled
from eureka_cli.executors import local, local_memory, local_watch
from eureka_cli.models import builtin
from eureka_cli.run import Run
from eureka_cli.store import RunFolder, locked, read_json

CARTPOLE = Path(__file__).parents[2] / "envs" / "cartpole"
ONCE = """
import pathlib
if not (said := pathlib.Path(__file__).with_name("said")).exists():
    said.touch()
    """
ALWAYS = "if True:\n    "
KILLED = "import os; os.kill(os.getpid(), 9)\n"
GREEDY = "import resource, numpy; resource.setrlimit(resource.RLIMIT_AS, (1 << 31, 1 << 31)); numpy.ones(1 << 31)\n"
ASLEEP = "import time; time.sleep(1000)\n"
ENDLESS = "while True: pass\n"


@pytest.fixture
def world(tmp_path, monkeypatch):
    """A run on cartpole whose environment misbehaves when it is loaded; gives (run, events)."""
    monkeypatch.chdir(tmp_path)
    begun = []

    def begin(trouble: str, cores: int = 2):
        home = tmp_path / "envs" / "cartpole"
        home.mkdir(parents=True)
        for file in ("model.xml", "cartpole_balance.py"):
            (home / file).write_bytes((CARTPOLE / file).read_bytes())
        (home / "env.py").write_text((CARTPOLE / "env.py").read_text() + trouble)
        folder = RunFolder(tmp_path / "runs" / "r")
        folder.path.mkdir(parents=True)
        executor, events = local.start(local.Config(cores=cores)), []
        begun.append(executor)
        config = RunConfig(task="cartpole_balance")
        model = builtin.load("", builtin.Config())
        task = tasks.find("cartpole_balance")
        return Run(folder, config, task=task, model=model, executor=executor, on_event=events.append), events

    yield begin
    for executor in begun:
        executor.close()


def names(events) -> list[str]:
    return [event["event"] for event in events if event["event"].startswith("job-")]


def measurements(run: Run, count: int) -> list[Job]:
    spec = {"world": run.task.world, "version": 0}
    return [Job(kind="measure", spec={**spec, "seed": k}, paths=run.task.paths) for k in range(count)]


@pytest.mark.parametrize("trouble", [KILLED, GREEDY])
def test_a_job_out_of_memory_runs_again_alone(trouble, world):
    run, events = world(ONCE + trouble)
    assert steps.measure(run).horizon
    assert names(events) == ["job-start", "job-failed", "job-start", "job-done"]


@pytest.mark.parametrize("trouble", [KILLED, GREEDY])
def test_out_of_memory_twice_is_said_with_the_cure(trouble, world):
    run, _ = world(ALWAYS + trouble)
    with pytest.raises(OutOfMemory, match=r"even when nothing ran beside it.*num_envs"):
        steps.measure(run)


def test_those_out_of_memory_do_not_meet_again(world):
    run, events = world(ALWAYS + KILLED)
    with pytest.raises(OutOfMemory):
        run.execute(measurements(run, 2))
    assert names(events)[:4] == ["job-start", "job-start", "job-failed", "job-failed"]
    assert names(events)[4:] == ["job-start", "job-failed", "job-start", "job-failed"]


def test_a_job_that_sleeps_is_stopped_and_tried_again(world, monkeypatch):
    monkeypatch.setattr(local_watch, "ASLEEP_S", 2.0)
    run, events = world(ONCE + ASLEEP)
    assert steps.measure(run).horizon
    assert names(events) == ["job-start", "job-failed", "job-start", "job-done"]


def test_a_job_that_loops_is_stopped_twice_and_its_place_is_shown(world, monkeypatch):
    monkeypatch.setattr(local_watch, "SILENT_CPU_S", 1.0)
    run, _ = world(ALWAYS + ENDLESS)
    with pytest.raises(Stalled, match="reported nothing") as problem:
        steps.measure(run)
    output = next(Path(word) for word in str(problem.value).split() if word.endswith("output.txt"))
    assert "env.py" in output.read_text()


def test_another_death_is_a_failure_of_ours_with_its_signal(world):
    run, _ = world(ALWAYS + "import os; os.kill(os.getpid(), 15)\n")
    with pytest.raises(JobFailed, match="SIGTERM") as problem:
        steps.measure(run)
    assert problem.type is JobFailed


def test_a_stopped_job_is_no_sleeping_one(world, monkeypatch):
    """Somebody stops everything for a while (SIGSTOP): the clock runs, the job is not at fault."""
    monkeypatch.setattr(local_watch, "ASLEEP_S", 2.0)
    run, events = world(ONCE + "import os; os.kill(os.getpid(), 19)\n")

    def wake() -> None:
        time.sleep(6)
        for status in Path("/proc").glob("[0-9]*/status"):
            told = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
            if told["State"].startswith("T") and int(told["PPid"]) == run._executor._server.pid:
                os.kill(int(status.parent.name), 18)

    threading.Thread(target=wake, daemon=True).start()
    assert steps.measure(run).horizon
    assert names(events) == ["job-start", "job-done"]


def test_waiting_for_another_runs_job_is_no_sleep(world, monkeypatch):
    monkeypatch.setattr(local_watch, "ASLEEP_S", 2.0)
    run, events = world("")
    [job] = measurements(run, 1)
    with locked(run.folder.job_folder(job) / ".lock"):
        worker = threading.Thread(target=run.execute, args=([job],))
        worker.start()
        worker.join(5)
        assert worker.is_alive()
    worker.join()
    assert names(events) == ["job-start", "job-done"]


def test_the_jobs_offer_themselves_to_the_kernel_and_say_what_they_took(world):
    run, _ = world('\nimport pathlib; print("score", pathlib.Path("/proc/self/oom_score_adj").read_text())\n')
    [job] = measurements(run, 1)
    run.execute([job])
    folder = run.folder.job_folder(job)
    assert int((folder / "output.txt").read_text().split()[1]) >= 500
    assert 20e6 < read_json(folder / "result.json")["peak"] < 2e9


# ---------------------------------------------------------------- memory


def most_at_once(run: Run, jobs: list[Job], monkeypatch) -> int:
    """How many jobs ran side by side at most, as their processes were told to the server's reader."""
    running, most = set(), [0]
    receive = local.Local._receive

    def counted(self, timeout_s):
        told = receive(self, timeout_s)
        for event in told:
            if event["event"] == "begin":
                running.add(event["job"])
            if event["event"] == "end":
                running.discard(event["job"])
            most.append(len(running))
        return told

    monkeypatch.setattr(local.Local, "_receive", counted)
    run.execute(jobs)
    return max(most)


@pytest.mark.parametrize(("free", "side_by_side"), [(0, 1), (64 << 30, 3)])
def test_a_job_starts_only_where_memory_allows_and_one_always_runs(free, side_by_side, world, monkeypatch):
    monkeypatch.setattr(local_memory, "available", lambda: free)
    run, events = world("\nimport time; time.sleep(0.5)\n", cores=3)
    assert most_at_once(run, measurements(run, 4), monkeypatch) == side_by_side
    assert ("memory-waits" in [event["event"] for event in events]) == (side_by_side == 1)


def test_what_jobs_took_is_learnt(world, monkeypatch):
    """Room for one first guess, and for two of what measurements really take."""
    monkeypatch.setattr(local_memory, "available", lambda: 3 * local.FIRST_GUESS // 2)
    run, _ = world("\nimport time; time.sleep(0.5)\n")
    first, *others = measurements(run, 4)
    run.execute([first])
    assert most_at_once(run, others, monkeypatch) == 2


def test_a_server_that_died_between_jobs_is_said(world):
    run, _ = world("")
    run.execute(measurements(run, 1))
    run._executor._server.kill()
    run._executor._server.wait()
    with pytest.raises(JobFailed, match="The job server died"):
        run.execute(measurements(run, 2))


def groups(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_the_tightest_group_above_us_counts(tmp_path):
    """cgroup v2: no limit here, one in the folder above; read files give way."""
    root = groups(
        tmp_path,
        {
            "a/b/memory.max": "max\n",
            "a/b/memory.current": "100\n",
            "a/b/memory.stat": "anon 60\ninactive_file 40\n",
            "a/memory.max": "1000\n",
            "a/memory.current": "700\n",
            "a/memory.stat": "anon 200\ninactive_file 500\n",
        },
    )
    assert list(local_memory._of_groups("0::/a/b\n", root)) == [800]


def test_in_a_container_of_version_1_the_group_is_on_top(tmp_path):
    root = groups(
        tmp_path,
        {
            "memory/memory.limit_in_bytes": "1000\n",
            "memory/memory.usage_in_bytes": "1200\n",
            "memory/memory.stat": "total_inactive_file 50\n",
        },
    )
    assert list(local_memory._of_groups("4:cpu,memory:/docker/1234\n0::/\n", root)) == [0]


def test_this_machine_has_memory_left():
    assert 0 < local_memory.available() < 1 << 50
