#!/usr/bin/env python3
"""As much of a Kubernetes API server as the real kubectl asks for when Terrace lists pods, opens a
shell in one, runs a command, prints a log, forwards a port, adds an ephemeral container, deletes. Standard library only; loopback only.

usage: kubernetes_api.py PORT_FILE [MORE_PODS]

Takes a free port and writes its number to PORT_FILE once it listens. Commands of "exec" run on this
machine, with a terminal where kubectl asks for one, over a WebSocket (v5.channel.k8s.io): a binary
frame's first byte is the channel: 0 input, 1 output, 2 errors, 3 the final Status, 4 a new size.
"port-forward" is SPDY in a WebSocket (SPDY/3.1+portforward.k8s.io), as kubectl speaks it since 1.31; the port is
one of this machine. An ephemeral container runs as soon as it is asked for, and "attach" starts its command.
"""
import asyncio
import base64
import contextlib
import fcntl
import hashlib
import json
import os
import pty
import signal
import struct
import sys
import termios
import urllib.parse

sys.dont_write_bytecode = True
import spdy  # noqa: E402  (beside this file)


def pod(namespace, name, phase="Running", ready=True, waiting=None, containers=("app",)):
    state = {"running": {"startedAt": "2026-11-20T10:00:00Z"}}
    if waiting:
        state = {"waiting": {"reason": waiting, "message": "x"}}
    statuses = [
        {"name": c, "ready": ready, "restartCount": 0, "state": state, "image": "busybox",
         "imageID": "", "lastState": {}}
        for c in containers
    ]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "uid": name, "labels": {"app": name},
                     "creationTimestamp": "2026-11-20T10:00:00Z", "resourceVersion": "1"},
        "spec": {"containers": [{"name": c, "image": "busybox"} for c in containers], "nodeName": "node-1"},
        "status": {"phase": phase, "containerStatuses": statuses},
    }


PODS = [
    pod("default", "web"),
    pod("default", "crash", ready=False, waiting="CrashLoopBackOff"),
    pod("default", "pending", phase="Pending", ready=False, waiting="ContainerCreating"),
    pod("default", "two", containers=("app", "sidecar")),
    pod("other", "web2"),
]
RESOURCES = {
    "kind": "APIResourceList",
    "groupVersion": "v1",
    "resources": [
        {"name": "pods", "singularName": "pod", "namespaced": True, "kind": "Pod",
         "verbs": ["get", "list", "watch", "delete", "create"], "shortNames": ["po"]},
        {"name": "pods/exec", "singularName": "", "namespaced": True, "kind": "PodExecOptions",
         "verbs": ["create", "get"]},
        {"name": "pods/attach", "singularName": "", "namespaced": True, "kind": "PodAttachOptions",
         "verbs": ["create", "get"]},
        {"name": "pods/portforward", "singularName": "", "namespaced": True, "kind": "PodPortForwardOptions",
         "verbs": ["create", "get"]},
        {"name": "pods/ephemeralcontainers", "singularName": "", "namespaced": True, "kind": "Pod",
         "verbs": ["get", "patch", "update"]},
        {"name": "pods/log", "singularName": "", "namespaced": True, "kind": "Pod", "verbs": ["get"]},
        {"name": "namespaces", "singularName": "namespace", "namespaced": False, "kind": "Namespace",
         "verbs": ["get", "list"], "shortNames": ["ns"]},
    ],
}


# The process groups of terminals in pods, by the pod's name: they end with it.
SESSIONS = {}


def failure(code, reason, message):
    return code, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
                  "message": message, "reason": reason, "code": code}


def pod_list(pods):
    return 200, {"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": pods}


def add_ephemeral(one, patch):
    """An ephemeral container that runs at once, as a strategic merge patch asks for it."""
    for container in patch["spec"]["ephemeralContainers"]:
        one["spec"].setdefault("ephemeralContainers", []).append(container)
        one["status"].setdefault("ephemeralContainerStatuses", []).append(
            {"name": container["name"], "ready": False, "restartCount": 0, "image": container["image"], "imageID": "",
             "lastState": {}, "state": {"running": {"startedAt": "2026-11-20T10:00:00Z"}}})


def command_of(path, query):
    """What a container that is attached to runs."""
    parts = path.strip("/").split("/")
    wanted = query.get("container", [""])[0]
    for one in PODS:
        if one["metadata"]["name"] == parts[5]:
            for container in one["spec"].get("ephemeralContainers", []):
                if container["name"] == wanted:
                    return container.get("command") or container.get("args") or ["sh"]
    return ["sh"]


def route(method, path, sent=b""):
    fixed = {
        "/api": {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []},
        "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
        "/api/v1": RESOURCES,
        "/version": {"major": "1", "minor": "32", "gitVersion": "v1.32.0"},
    }
    if path in fixed:
        return 200, fixed[path]
    if path == "/api/v1/pods":
        return pod_list(PODS)
    parts = path.strip("/").split("/")
    if len(parts) >= 5 and parts[4] == "pods":
        own = [p for p in PODS if p["metadata"]["namespace"] == parts[3]]
        if len(parts) == 5:
            return pod_list(own)
        for one in own:
            if one["metadata"]["name"] == parts[5]:
                if method == "DELETE":
                    PODS.remove(one)
                    for child in SESSIONS.pop(parts[5], set()):
                        with contextlib.suppress(ProcessLookupError):
                            os.killpg(child, signal.SIGKILL)
                if method == "PATCH" and parts[6:] == ["ephemeralcontainers"]:
                    add_ephemeral(one, json.loads(sent))
                return 200, one
        return failure(404, "NotFound", f'pods "{parts[5]}" not found')
    return failure(404, "NotFound", "the server could not find the requested resource")


async def handle(reader, writer):
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin1").split("\r\n")
            method, target, _ = head[0].split(" ", 2)
            headers = {}
            for line in head[1:]:
                name, colon, value = line.partition(":")
                if colon:
                    headers[name.strip().lower()] = value.strip()
            sent = await reader.readexactly(int(headers.get("content-length", 0) or 0))
            url = urllib.parse.urlsplit(target)
            query = urllib.parse.parse_qs(url.query)
            if headers.get("upgrade", "").lower() == "websocket":
                if url.path.endswith("/portforward"):
                    await forward_websocket(reader, writer, headers)
                    return
                if url.path.endswith("/attach"):
                    query["command"] = command_of(url.path, query)
                await exec_websocket(reader, writer, headers, url.path, query)
                return
            if query.get("watch"):
                await watch(writer, url.path, query)
                return
            if url.path.endswith("/log"):
                code, body, kind = 200, b"first line\nsecond line\n", "text/plain"
            else:
                code, document = route(method, url.path, sent)
                only = query.get("fieldSelector", [""])[0].partition("metadata.name=")[2]
                if only:
                    document = dict(document, items=[
                        one for one in document["items"] if one["metadata"]["name"] == only])
                body, kind = json.dumps(document).encode(), "application/json"
            answer = f"HTTP/1.1 {code} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(answer.encode() + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


def frame(data, kind=2):
    length = len(data)
    head = bytes([0x80 | kind])
    if length < 126:
        head += bytes([length])
    elif length < 65536:
        head += b"\x7e" + struct.pack(">H", length)
    else:
        head += b"\x7f" + struct.pack(">Q", length)
    return head + data


async def read_frame(reader):
    first = await reader.readexactly(2)
    kind, length = first[0] & 15, first[1] & 127
    if length == 126:
        length = struct.unpack(">H", await reader.readexactly(2))[0]
    elif length == 127:
        length = struct.unpack(">Q", await reader.readexactly(8))[0]
    mask = await reader.readexactly(4) if first[1] & 128 else b"\0\0\0\0"
    data = bytearray(await reader.readexactly(length))
    for i in range(length):
        data[i] ^= mask[i & 3]
    return kind, bytes(data)


async def watch(writer, path, query):
    """What there is, and then nothing more: the client looks until it has what it wants."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    only = query.get("fieldSelector", [""])[0].partition("metadata.name=")[2]
    for one in route("GET", path)[1]["items"]:
        if not only or one["metadata"]["name"] == only:
            event = json.dumps({"type": "MODIFIED", "object": one}).encode() + b"\n"
            writer.write(b"%x\r\n" % len(event) + event + b"\r\n")
    await writer.drain()
    await asyncio.sleep(3600)


async def accept(writer, headers, protocol):
    digest = hashlib.sha1((headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode())
    key = base64.b64encode(digest.digest()).decode()
    writer.write((f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  f"Sec-WebSocket-Accept: {key}\r\nSec-WebSocket-Protocol: {protocol}\r\n\r\n").encode())
    await writer.drain()


async def forward_websocket(reader, writer, headers):
    """Each local connection is a pair of streams, one for errors and one for data, joined to a port here."""
    await accept(writer, headers, "SPDY/3.1+portforward.k8s.io")
    frames, joined, errors = spdy.Frames(), {}, {}

    def say(data):
        writer.write(frame(data))

    async def back(stream, request, port):
        try:
            source, sink = await asyncio.open_connection("127.0.0.1", port)
        except OSError as error:
            say(frames.data(errors[request], f"dial 127.0.0.1:{port}: {error}".encode(), spdy.FIN))
            say(frames.data(stream, b"", spdy.FIN))
            return
        waiting, joined[stream] = joined[stream], sink
        for data in waiting:
            sink.write(data)
        while data := await source.read(16384):
            say(frames.data(stream, data))
        say(frames.data(stream, b"", spdy.FIN))
        say(frames.data(errors[request], b"", spdy.FIN))

    tasks = []
    while True:
        kind, data = await read_frame(reader)
        if kind == 8:
            break
        if kind == 9:
            writer.write(frame(data, 10))
            continue
        for what, stream, flags, body in frames.feed(data):
            if what == spdy.SYN_STREAM:
                say(frames.reply(stream))
                if body["streamtype"] == "error":
                    errors[body["requestid"]] = stream
                else:
                    joined[stream] = []
                    tasks.append(asyncio.create_task(back(stream, body["requestid"], int(body["port"]))))
            elif what == spdy.PING:
                say(frames.control(spdy.PING, body))
            elif what is None and stream in joined:
                sink = joined[stream]
                if isinstance(sink, list):
                    sink.append(body)
                    continue
                if body:
                    sink.write(body)
                if flags & spdy.FIN and sink.can_write_eof():
                    sink.write_eof()
        await writer.drain()
    for task in tasks:
        task.cancel()


async def exec_websocket(reader, writer, headers, path, query):
    await accept(writer, headers, "v5.channel.k8s.io")
    command = query["command"]
    if query.get("tty", ["false"])[0] == "true":
        code = await with_terminal(reader, writer, command, path.strip("/").split("/")[5])
    else:
        code = await with_pipes(reader, writer, command)
    status = {"metadata": {}, "status": "Success"}
    if code:
        status = {"metadata": {}, "status": "Failure", "reason": "NonZeroExitCode",
                  "message": f"command terminated with non-zero exit code: {code}",
                  "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]}}
    writer.write(frame(b"\x03" + json.dumps(status).encode()) + frame(struct.pack(">H", 1000), 8))
    await writer.drain()


async def with_terminal(reader, writer, command, name):
    loop = asyncio.get_running_loop()
    child, terminal = pty.fork()
    if child == 0:
        try:
            os.execvpe(command[0], command, {"PATH": os.environ["PATH"], "TERM": "xterm", "HOME": "/"})
        except OSError:
            os._exit(127)
    SESSIONS.setdefault(name, set()).add(child)
    os.set_blocking(terminal, False)
    ended = asyncio.Event()

    def output():
        try:
            data = os.read(terminal, 65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            writer.write(frame(b"\x01" + data))
        else:
            loop.remove_reader(terminal)
            ended.set()

    loop.add_reader(terminal, output)

    async def input_and_size():
        while True:
            kind, data = await read_frame(reader)
            if kind == 8:
                return
            if kind == 9:
                writer.write(frame(data, 10))
            elif kind == 2 and data and data[0] == 0:
                os.write(terminal, data[1:])
            elif kind == 2 and data and data[0] == 4:
                size = json.loads(data[1:])
                packed = struct.pack("HHHH", size["Height"], size["Width"], 0, 0)
                fcntl.ioctl(terminal, termios.TIOCSWINSZ, packed)

    tasks = [asyncio.create_task(input_and_size()), asyncio.create_task(ended.wait())]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    if ended.is_set():
        os.close(terminal)
        _, status = await loop.run_in_executor(None, os.waitpid, child, 0)
    else:
        # As some runtimes do: the client is gone, and the process stays.
        _, status = await loop.run_in_executor(None, os.waitpid, child, 0)
        loop.remove_reader(terminal)
        os.close(terminal)
    SESSIONS.get(name, set()).discard(child)
    for task in tasks:
        task.cancel()
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


async def with_pipes(reader, writer, command):
    pipe = asyncio.subprocess.PIPE
    try:
        child = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe)
    except OSError:
        return 127

    async def copy(stream, channel):
        while data := await stream.read(65536):
            writer.write(frame(bytes([channel]) + data))

    async def give_input():
        while True:
            kind, data = await read_frame(reader)
            if kind == 8:
                child.send_signal(signal.SIGHUP)
                return
            if kind == 2 and data and data[0] == 0:
                child.stdin.write(data[1:])
            elif kind == 2 and data and data[0] == 255 and data[1] == 0:
                child.stdin.close()

    task = asyncio.create_task(give_input())
    await asyncio.gather(copy(child.stdout, 1), copy(child.stderr, 2))
    task.cancel()
    return await child.wait()


async def main():
    for number in range(int(sys.argv[2]) if len(sys.argv) > 2 else 0):
        PODS.append(pod("many", f"pod-{number}"))
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    with open(sys.argv[1] + ".new", "w") as file:
        file.write(str(server.sockets[0].getsockname()[1]))
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    await server.serve_forever()


asyncio.run(main())
