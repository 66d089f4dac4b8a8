"""What a server has served, from its own log; and what it cannot reach."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from sandbox_requests import ask_with_key, create_post

from ghostsync.errors import SandboxError
from ghostsync.sandbox import Instance, installation
from ghostsync.sandbox import site as site_module
from ghostsync.sandbox.requestlog import parse_log


@pytest.mark.real
def test_requests_are_counted_by_the_server(site: Instance) -> None:
    """The log since a mark holds exactly the requests since then, in order, with status, query and who asked."""
    create_post(site, "before")
    log = site.log_requests()
    post = create_post(site, "x")
    ask_with_key(site, "GET", "posts/?limit=3&fields=id")
    ask_with_key(site, "PUT", f"posts/{post['id']}/", json={"posts": [{"title": "no updated_at"}]})
    ask_with_key(site, "DELETE", f"posts/{post['id']}/")
    seen = [(each.method, each.path.removeprefix("/ghost/api/admin"), each.query, each.status) for each in log.read()]
    assert seen == [
        ("POST", "/posts/", "", 201),
        ("GET", "/posts/", "limit=3&fields=id", 200),
        ("PUT", f"/posts/{post['id']}/", "", 422),
        ("DELETE", f"/posts/{post['id']}/", "", 204),
    ]
    assert [each.method for each in log.writes()] == ["POST", "PUT", "DELETE"]
    assert all(each.by_key for each in log.read())


@pytest.mark.real
def test_a_hundred_requests_are_a_hundred(site: Instance) -> None:
    """No line is missed however quickly the log is read after the last answer."""
    for _ in range(10):
        log = site.log_requests()
        for _ in range(10):
            ask_with_key(site, "GET", "site/")
        assert len(log.read()) == 10
        assert log.writes() == ()


@pytest.mark.real
def test_a_log_goes_on_after_a_restart(site: Instance) -> None:
    """Requests before and after a restart are in one log; while the server is away reading says so."""
    log = site.log_requests()
    create_post(site, "one")
    site.stop()
    with pytest.raises(SandboxError, match="cannot read its log"):
        log.read()
    site.start()
    create_post(site, "two")
    assert len(log.writes()) == 2


def test_foreign_and_broken_lines_are_passed_over() -> None:
    """Lines that are no requests, are cut off or are no JSON yield nothing."""
    request = {"req": {"method": "GET", "url": "/x/"}, "res": {"statusCode": 200}, "time": "t"}
    whole = json.dumps(request, separators=(",", ":"))
    text = f'{{"msg":"Ghost is running"}}\n{whole}\n{whole[:-9]}\nnot "req":{{ json\n'
    assert [(each.method, each.path, each.milliseconds) for each in parse_log(text)] == [("GET", "/x/", 0)]


_GUARD = Path(site_module.__file__).with_name("loopback_only.cjs")
# Tries every door; prints how each attempt ended.
_ATTEMPTS = """
const net = require('net'), dns = require('dns'), http = require('http'), https = require('https');
const report = name => outcome => console.log(name, outcome.code || outcome);
const viaSocket = (name, options) => new Promise(done => {
    const socket = net.connect(options);
    socket.on('error', error => done(report(name)(error)));
    socket.on('connect', () => { socket.destroy(); done(report(name)('open')); });
});
const viaHttp = (name, module, url) => new Promise(done =>
    module.get(url, response => { response.resume(); done(report(name)('open')); })
        .on('error', error => done(report(name)(error))));
const server = http.createServer((_, response) => response.end('hi')).listen(0, '127.0.0.1', async () => {
    const port = server.address().port;
    await viaSocket('socket-name', {host: 'ghost.example', port: 443});
    await viaSocket('socket-v4', {host: '192.0.2.1', port: 80});
    await viaSocket('socket-v6', {host: '2001:db8::1', port: 80});
    await viaHttp('http', http, 'http://ghost.example/');
    await viaHttp('https', https, 'https://192.0.2.1/');
    await fetch('http://ghost.example/').catch(error => report('fetch')(error.cause));
    await new Promise(done => dns.lookup('ghost.example', error => done(report('lookup')(error))));
    await dns.promises.lookup('ghost.example', {all: true}).catch(report('lookup-promised'));
    await new Promise(done => dns.resolve4('ghost.example', error => done(report('resolve')(error))));
    await dns.promises.resolveMx('ghost.example').catch(report('resolve-promised'));
    await viaSocket('loopback', {host: '127.0.0.1', port});
    await viaHttp('loopback-http', http, `http://localhost:${port}/`);
    const worker = new (require('worker_threads').Worker)(
        "require('net').connect(80, '192.0.2.1').on('error', e => console.log('worker', e.code))", {eval: true});
    worker.on('exit', () => server.close());
});
"""


@pytest.mark.real
def test_the_guard_closes_every_door_but_loopback(tmp_path: Path) -> None:
    """With the guard, names and addresses elsewhere fail at once, in worker threads too; this machine is reachable."""
    node = installation().node
    ran = subprocess.run(
        [str(node), "--require", str(_GUARD), "-e", _ATTEMPTS], capture_output=True, text=True, timeout=20, check=True
    )
    outcomes = dict(line.split(" ") for line in ran.stdout.splitlines())
    assert outcomes.pop("loopback") == "open"
    assert outcomes.pop("loopback-http") == "open"
    assert len(outcomes) == 11
    assert set(outcomes.values()) == {"ENOTFOUND"}


@pytest.mark.real
def test_the_server_runs_behind_the_guard(site: Instance) -> None:
    """A sandbox's server is started with the guard unless the internet was asked for."""
    process = site.process
    assert process is not None
    arguments = Path(f"/proc/{process.pid}/cmdline").read_bytes().split(b"\0")
    assert arguments[1:3] == [b"--require", str(_GUARD).encode()]
