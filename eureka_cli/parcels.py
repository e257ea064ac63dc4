"""A job as bytes, for a machine that sees none of our files, and its answer as bytes.

A zip file of plain names; nothing in it is run or unpickled by being opened.

    there   sender.json, job/ (job.json and its inputs), env/ (the world's folder), file-k/ (else what its paths name)
    back    the files the job wrote into its folder
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from eureka_cli.core import Json
from eureka_cli.errors import JobFailed
from eureka_cli.store import read_json, write_atomic

MOST_BYTES = 4 << 30
"""Of a parcel, unpacked."""
LEFT_OUT = ("rewards", "__pycache__")
"""Folders beside an env.py that no job reads."""


def pack(folder: Path, sender: Json) -> bytes:
    """A prepared job with everything it reads; paths in its job.json become places in the parcel."""
    job = read_json(folder / "job.json")
    paths = _paths(job)
    files = _with_world(paths["env"]) if "env" in paths else {}
    places = {file: place for place, file in files.items()}
    for k, file in enumerate(paths.values()):
        place = places.setdefault(file, f"file-{k}/{file.name}")
        files[place] = file
    named = {what: places[file] for what, file in paths.items()}
    files |= {f"job/{name}": folder / name for name in job["inputs"]}
    contents = {name: file.read_bytes() for name, file in files.items()}
    contents["job/job.json"] = json.dumps({**job, "paths": named}).encode()
    contents["sender.json"] = json.dumps(sender).encode()
    return _zip(contents)


def unpack(parcel: bytes, into: Path, cache: Path) -> tuple[Path, Json]:
    """Write a parcel below `into`; gives the job's folder, ready to run, and what its sender says of itself."""
    for name, content in _unzip(parcel):
        file = into / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    folder = into / "job"
    job = read_json(folder / "job.json")
    paths = {what: str(into / place) for what, place in job["paths"].items()}
    if "trainer" in paths:
        job["spec"]["trainer"]["name"] = paths.pop("trainer")
    write_atomic(folder / "job.json", json.dumps({**job, "paths": {**paths, "cache": str(cache)}}))
    return folder, read_json(into / "sender.json")


def pack_answer(folder: Path) -> bytes:
    """What a job wrote into its folder."""
    known = {"job.json", *read_json(folder / "job.json")["inputs"]}
    written = [file for file in folder.iterdir() if file.is_file() and not file.is_symlink()]
    return _zip({file.name: file.read_bytes() for file in written if file.name[0] != "." and file.name not in known})


def take_answer(answer: bytes, folder: Path) -> None:
    """Write an answer into its job's folder, result.json last. Where one stands already, the second counts for nothing.

    Raises JobFailed for an answer that holds anything but new files of this folder.
    """
    if (folder / "result.json").exists():
        return
    contents = dict(_unzip(answer))
    known = {"job.json", *read_json(folder / "job.json")["inputs"]}
    for name in contents:
        if "/" in name or name.startswith(".") or name in known:
            raise JobFailed(f"A node answered with a file it may not write: {name!r}.")
    for name in sorted(contents, key=lambda name: name == "result.json"):
        write_atomic(folder / name, contents[name])


def _paths(job: Json) -> dict[str, Path]:
    """What a job reads outside its folder. A trainer that is a file is named in the spec, where it makes the key."""
    found = {what: Path(path) for what, path in job["paths"].items() if what != "cache"}
    trainer = job["spec"].get("trainer", {}).get("name", "")
    return {**found, "trainer": Path(trainer)} if trainer.endswith(".py") else found


def _with_world(env: Path) -> dict[str, Path]:
    """An env.py with all of its folder: models, meshes, tasks."""
    world = env.parent
    files = [file for file in sorted(world.rglob("*")) if file.is_file()]
    return {
        f"env/{name.as_posix()}": world / name for name in (file.relative_to(world) for file in files) if _is_read(name)
    }


def _is_read(file: Path) -> bool:
    return not any(part in LEFT_OUT or part.startswith(".") for part in file.parts)


def _zip(contents: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:  # stored: arrays of floats hardly shrink
        for name, content in contents.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _unzip(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Names and bytes; JobFailed where it is no parcel, too large, or a name leads elsewhere."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(info.file_size for info in archive.infolist()) > MOST_BYTES:
                raise JobFailed(f"A parcel holds more than {MOST_BYTES >> 30} GiB.")
            for info in archive.infolist():
                if "\\" in info.filename or any(part in ("", ".", "..") for part in info.filename.split("/")):
                    raise JobFailed(f"A parcel holds a name that leads elsewhere: {info.filename!r}.")
                yield info.filename, archive.read(info)
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        raise JobFailed(f"A parcel cannot be read: {error}.") from None
