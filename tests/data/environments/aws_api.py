"""A stand-in for the parts of AWS that the real aws asks: EC2, ECS, Systems Manager. Standard library only.

usage: aws_api.py PORT_FILE
"""
import http.server
import json
import os
import sys
import urllib.parse

CLUSTER = "arn:aws:ecs:us-east-1:012345678910:cluster/default"
TASK = "arn:aws:ecs:us-east-1:012345678910:task/default/"
SESSION = {"sessionId": "s-1", "streamUrl": "wss://127.0.0.1:1/", "tokenValue": "t"}
# Instance, then its state and name.
INSTANCES = {
    "i-0a1b2c3d4e5f60718": ["running", "build box"],
    "i-0a1b2c3d4e5f60719": ["stopped", None],
}


def container(task, name, status):
    return {"taskArn": task, "name": name, "image": name + ":1", "lastStatus": status, "runtimeId": "r-1"}


def task(arn):
    """A task of a service with two containers, or one that begins."""
    web = arn.endswith("a")
    status = "RUNNING" if web else "PENDING"
    names = ["app", "sidecar"] if web else ["job"]
    return {
        "taskArn": arn,
        "clusterArn": CLUSTER,
        "lastStatus": status,
        "group": "service:web" if web else "family:job",
        "startedAt": 1795168800.5,
        "enableExecuteCommand": web,
        "containers": [container(arn, name, status) for name in names],
    }


def by_json(operation, asked):
    """ECS and Systems Manager."""
    if asked.get("cluster", "default") != "default":
        return 400, {"__type": "ClusterNotFoundException", "message": "Cluster not found."}
    if operation == "ListTasks":
        return 200, {"taskArns": [TASK + "0a", TASK + "0b"]}
    if operation == "DescribeTasks":
        return 200, {"tasks": [task(arn) for arn in asked["tasks"]], "failures": []}
    if operation == "ExecuteCommand":
        answer = {"clusterArn": CLUSTER, "taskArn": asked["task"], "containerName": asked["container"]}
        return 200, {**answer, "interactive": True, "session": SESSION}
    if operation == "StartSession":
        return 200, {name[0].upper() + name[1:]: value for name, value in SESSION.items()}
    return 400, {"__type": "InvalidAction", "message": operation}


def described(instance):
    state, name = INSTANCES[instance]
    tags = f"<tagSet><item><key>Name</key><value>{name}</value></item></tagSet>" if name else ""
    return (
        f"<item><instancesSet><item><instanceId>{instance}</instanceId>"
        f"<instanceState><name>{state}</name></instanceState><instanceType>t3.micro</instanceType>"
        f"<launchTime>2026-11-20T10:00:00.000Z</launchTime>"
        f"<placement><availabilityZone>us-east-1a</availabilityZone></placement>{tags}</item></instancesSet></item>"
    )


def by_query(asked):
    """EC2."""
    action = asked["Action"][0]
    if action == "DescribeInstances":
        inside = "<reservationSet>" + "".join(map(described, INSTANCES)) + "</reservationSet>"
    else:
        instance = asked["InstanceId.1"][0]
        stops = action == "StopInstances"
        INSTANCES[instance][0] = "stopped" if stops else "running"
        now = "stopping" if stops else "pending"
        inside = (
            f"<instancesSet><item><instanceId>{instance}</instanceId>"
            f"<currentState><name>{now}</name></currentState></item></instancesSet>"
        )
    return f'<{action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">{inside}</{action}Response>'


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        target = self.headers.get("X-Amz-Target")
        if target:
            status, answer = by_json(target.split(".")[-1], json.loads(body))
            kind, answer = "application/x-amz-json-1.1", json.dumps(answer)
        else:
            status, kind, answer = 200, "text/xml", by_query(urllib.parse.parse_qs(body))
        answer = answer.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(sys.argv[1] + ".part", "w", encoding="utf-8") as file:
    file.write(str(server.server_port))
os.rename(sys.argv[1] + ".part", sys.argv[1])
server.serve_forever()
