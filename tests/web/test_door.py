"""Who may ask, from where, and for what: real sockets, raw requests."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
from contextlib import closing

import pytest
from program import ROOT, run
from serving import serving

FOREIGN = ("https://evil.example", "null", "http://127.0.0.1.evil.example", "")


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("door")
    path = folder / "runs" / "r"
    (path / "videos").mkdir(parents=True)
    (path / "run.toml").write_text('[config]\nmethod_name = "eureka"\n[config.method]\n[task]\nsentence = "<b>x</b>"\n')
    (path / "videos" / "a.mp4").write_bytes(bytes(range(256)))
    (path / "report.html").write_text("<script>alert(1)</script>")
    (folder / "secret.mp4").write_text("secret")
    (path / "videos" / "out.mp4").symlink_to(folder / "secret.mp4")
    with serving(folder) as server:
        yield server


def raw(server, method, path, **headers):
    """A request as written: no client tidies the path."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection:
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer, answer.read().decode(errors="replace")


def test_a_page_loads_nothing_from_elsewhere_and_may_run_no_script_but_ours(served):
    answer, text = raw(served, "GET", "/")
    assert answer.status == 200 and "://" not in text
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'" in policy and "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert raw(served, "GET", "/docs")[0].status == 404
    answer, text = raw(served, "GET", "/runs/r")
    assert "&lt;b&gt;x&lt;/b&gt;" in text and "<b>x" not in text


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "[::1", ""])
def test_a_name_rebound_to_this_machine_gets_nothing(served, host):
    answer, text = raw(served, "GET", "/", Host=host)
    assert answer.status in (400, 421) and "Runs" not in text


@pytest.mark.parametrize("origin", FOREIGN)
def test_another_sites_form_changes_nothing(served, origin):
    headers = {"Origin": origin} if origin else {}
    answer, text = raw(served, "POST", "/runs/r/resume", Content_Length="0", **headers)
    assert answer.status == 403 and "own forms" in text


def test_a_post_says_its_length_and_stays_small(served):
    origin = {"Origin": f"http://127.0.0.1:{served.port}"}
    for length in ({}, {"Content_Length": "99999999"}):
        assert raw(served, "POST", "/runs", **origin, **length)[0].status == 413


@pytest.mark.parametrize(
    "path",
    [
        "run.toml",
        "log.jsonl",
        "../../secret.mp4",
        "..%2f..%2fsecret.mp4",
        "%2e%2e/%2e%2e/secret.mp4",
        "videos/../../../secret.mp4",
        "//etc/passwd",
        "videos/out.mp4",
        "videos",
        "videos/none.mp4",
        "a%00.mp4",
    ],
)
def test_only_films_and_pages_of_a_run_leave_its_folder(served, path):
    answer, text = raw(served, "GET", f"/runs/r/files/{path}")
    assert answer.status == 404 and "secret" not in text.replace("secret.mp4", "")


@pytest.mark.parametrize("name", ["..", "%2e%2e", ".", "r%2f..", "none", "%2e%2e%2fruns%2fr"])
def test_only_names_of_runs_lead_to_a_run(served, name):
    assert raw(served, "GET", f"/runs/{name}/films")[0].status == 404


def test_a_film_can_be_sought_in_and_a_report_runs_no_script(served):
    answer, text = raw(served, "GET", "/runs/r/files/videos/a.mp4", Range="bytes=16-31")
    assert answer.status == 206 and len(text) == 16 and answer.headers["Content-Type"] == "video/mp4"
    answer, _ = raw(served, "GET", "/runs/r/files/report.html")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "script" not in answer.headers["Content-Security-Policy"]


def test_whom_others_can_reach_asks_for_a_token(tmp_path):
    with serving(tmp_path, "--host", "0.0.0.0") as server:
        token = server.address.partition("?token=")[2]
        assert len(token) >= 30
        assert raw(server, "GET", "/")[0].status == 401
        assert raw(server, "GET", "/style.css")[0].status == 401
        assert raw(server, "GET", f"/?token={token[:-1]}")[0].status == 401
        assert raw(server, "GET", "/?token=%C3%A9")[0].status == 401
        answer, _ = raw(server, "GET", f"/?token={token}")
        assert answer.status == 303 and answer.headers["Location"] == "/"
        cookie = answer.headers["Set-Cookie"].lower()
        assert "httponly" in cookie and "samesite=strict" in cookie
        said = {"Cookie": answer.headers["Set-Cookie"].split(";")[0]}
        assert raw(server, "GET", "/", **said)[0].status == 200
        assert raw(server, "POST", "/runs", Content_Length="0", Origin="https://evil.example", **said)[0].status == 403
        assert raw(server, "POST", "/runs", Content_Length="0")[0].status == 401


def test_this_machine_needs_no_token_unless_asked_for(tmp_path):
    with serving(tmp_path, "--token") as server:
        assert "?token=" in server.address
        assert raw(server, "GET", "/")[0].status == 401


def test_a_taken_port_and_a_missing_package_are_one_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        _, err = run(tmp_path, "ui", "--port", str(port), code=2)
    assert f"Port {port} is taken" in err and f"--port {port + 1}" in err
    _, err = run(tmp_path, "ui", "--host", "no.such.host.invalid", code=2)
    assert "127.0.0.1" in err
    program = (
        "import sys; sys.modules['uvicorn'] = None; sys.argv = ['reward-synth', 'ui'];"
        "from eureka_cli.cli.main import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "pip install 'reward-synth[web]'" in done.stderr
