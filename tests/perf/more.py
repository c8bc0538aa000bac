#!/usr/bin/env python3
"""The rows of speed that the peers' harness does not measure: wake-ups at rest, `terrace dump`, what keeping a history costs. Prints a line a figure, and JSON lines to OUT/more.jsonl.

usage: more.py HARNESS OUT [idle,dump,history]     TERRACE_BIN: the release binary
HARNESS is the folder of the peers' harness (run.py, terminals.py, src/)."""
import json, os, random, subprocess, sys, time

HARNESS, OUT = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
WANTED = (sys.argv[3] if len(sys.argv) > 3 else "idle,dump,history").split(",")
TERRACE = os.path.abspath(os.environ["TERRACE_BIN"])
sys.argv[1:] = []
sys.path.insert(0, HARNESS)
import run  # noqa: E402  (the harness, as a module)

out = open(OUT + "/more.jsonl", "a") if os.path.isdir(OUT) else None


def tell(test, **figures):
    line = dict(test=test, load1=os.getloadavg()[0], **figures)
    print(" ".join(f"{k}={v:.3g}" if isinstance(v, float) else f"{k}={v}" for k, v in line.items()), flush=True)
    if out:
        out.write(json.dumps(line) + "\n")
        out.flush()


class Screen:
    """The harness's display, for as long as the block lasts."""

    def __enter__(self):
        run.XCG = run.CGroup("x-" + str(os.getpid()))
        self.x = run.spawn(f"Xvfb {run.DISP} -screen 0 1280x800x24 -nolisten tcp -ac -noreset", dict(os.environ), "", run.XCG)
        for _ in range(200):
            if os.path.exists("/tmp/.X11-unix/X" + run.DISP[1:]):
                break
            time.sleep(0.02)
        time.sleep(0.3)

    def __exit__(self, *_):
        run.XCG.kill()
        self.x.wait()
        for left in ("/tmp/.X11-unix/X" + run.DISP[1:], f"/tmp/.X{run.DISP[1:]}-lock"):
            if os.path.exists(left):
                os.unlink(left)


def terrace_pid(inst):
    """The terminal's own process."""
    for pid in inst.cg.pids():
        try:
            if os.readlink(f"/proc/{pid}/exe") == TERRACE:
                return pid
        except OSError:
            pass
    raise RuntimeError("no terrace")


def ctl(inst, *args):
    done = subprocess.run([TERRACE, "ctl", "--all", *args], env=inst.env, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


def strace(pid, seconds):
    """System calls of all threads within some seconds, by thread's name."""
    log = f"{run.RUN}/strace-{pid}"
    tracer = subprocess.Popen(["strace", "-f", "-q", "-o", log, "-p", str(pid)], stderr=subprocess.DEVNULL)
    time.sleep(1.0)
    start = os.path.getsize(log)  # What the tracer's coming interrupted is told first.
    time.sleep(seconds)
    with open(log) as file:
        file.seek(start)
        lines = file.read().splitlines()
    tracer.terminate()
    tracer.wait()
    calls = {}
    for line in lines:
        tid = line.split(" ", 1)[0]
        try:
            name = open(f"/proc/{pid}/task/{tid}/comm").read().strip()
        except OSError:
            name = "?"
        calls[name] = calls.get(name, 0) + 1
    os.unlink(log)
    return calls


def idle():
    """A prompt and a cursor, 20 s: nobody may wake up; blinking, two a second."""
    for blink in (0, 1):
        inst = run.Inst("terrace", f"idle {blink} 600000 1")
        try:
            inst.setup()
            run.probe("focus")
            inst.go()
            time.sleep(5)
            calls = strace(terrace_pid(inst), 20)
            tell("idle", blinking=blink, seconds=20, calls=sum(calls.values()), threads=json.dumps(calls))
        finally:
            inst.close()


def cpu_of(command, stdin=None, env=None):
    before = os.times()
    subprocess.run(command, stdin=stdin, stdout=subprocess.DEVNULL, check=True, env=env)
    after = os.times()
    return (after.children_user - before.children_user) + (after.children_system - before.children_system)


def dump():
    """`terrace dump` of 100 MB against the core alone, CPU seconds; the least of three."""
    cores = os.environ.get("CORES_BENCH")
    for payload in ("ascii_lines", "sgr_light", "unicode", "csi_heavy"):
        source = open(f"{run.PL}/{payload}", "rb").read() if os.path.exists(f"{run.PL}/{payload}") else None
        if source is None:
            name = next(f for f in os.listdir(run.PL) if f.startswith(payload))
            source = open(f"{run.PL}/{name}", "rb").read()
        path = f"{run.RUN}/dump-{payload}"
        times = 100_000_000 // len(source)
        with open(path, "wb") as file:
            for _ in range(times):
                file.write(source)
        whole = min(cpu_of([TERRACE, "dump", path]) for _ in range(3))
        alone = min(cpu_of([cores, "--feed", "1", path]) for _ in range(3)) if cores else None
        tell("dump", payload=payload, mb=times * len(source) / 1e6, cpu_s=whole, core_s=alone, ratio=whole / alone if alone else None)
        os.unlink(path)


def history():
    """60 MB printed by a command in an integrated shell, with and without a history: CPU of the terminal."""
    big = f"{run.RUN}/big"
    r = random.Random(1)
    words = ["Compiling", "error", "warning:", "src/main.rs", "crate", "test", "ok", "0.31s", "--release"]
    with open(big, "w") as file:
        written = 0
        while written < 60_000_000:
            line = f"[{written:>9}] " + " ".join(r.choice(words) for _ in range(r.randint(3, 9))) + "\n"
            written += file.write(line)
    runs = {}
    for turn in range(3):
        for kept in ("true", "false"):
            inst = Shell(kept)
            try:
                runs.setdefault(kept, []).append(inst.measure(f"cat {big}"))
            finally:
                inst.close()
    with_history, without = (min(runs[k]) for k in ("true", "false"))
    tell("history", mb=written / 1e6, cpu_with_s=with_history, cpu_without_s=without,
         extra_percent=(with_history / without - 1) * 100, all=json.dumps(runs))
    os.unlink(big)


class Shell:
    """A window with bash in it, which tells its commands."""

    def __init__(self, kept):
        self.dir = f"{run.RUN}/shell-{os.getpid()}-{kept}"
        subprocess.run(["rm", "-rf", self.dir])
        os.makedirs(self.dir + "/run", mode=0o700)
        open(self.dir + "/.bashrc", "w").write("PS1='ready$ '\n")
        config = self.dir + "/t.toml"
        open(config, "w").write(
            f'[window]\ncolumns = 80\nrows = 24\n[history]\nenabled = {kept}\n[control]\nallow = ["state.read", "pane.create", "screen.read", "input.send"]\n[shell]\nprogram = "/bin/bash"\n')
        self.env = dict(run.base_env, HOME=self.dir, XDG_RUNTIME_DIR=self.dir + "/run", SHELL="/bin/bash")
        self.cg = run.CGroup(f"shell-{os.getpid()}-{kept}")
        self.proc = run.spawn([TERRACE, "--config", config], self.env, "", self.cg)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                self.ctl("wait", "text=ready", "timeout=5000")
                return
            except RuntimeError:
                time.sleep(0.1)
        raise RuntimeError("no prompt")

    ctl = ctl

    def own(self):
        """CPU seconds of the terminal's own process, all its threads."""
        for pid in self.cg.pids():
            if os.readlink(f"/proc/{pid}/exe") == TERRACE:
                fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
                return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        raise RuntimeError("no terrace")

    def measure(self, command):
        """CPU seconds for a command, and for the three seconds after it in which it is put away."""
        time.sleep(1)
        start = self.own()
        self.ctl("send-text", f"text={command}; printf 'do''ne-%s\\n' mark")
        self.ctl("send-key", 'key={"key":"enter"}')
        self.ctl("wait", "text=done-mark", "timeout=60000")
        time.sleep(4)
        return self.own() - start

    def close(self):
        self.cg.kill()
        self.proc.wait()
        subprocess.run(["rm", "-rf", self.dir])


def main():
    run.build()
    if "dump" in WANTED:
        dump()
    rest = [name for name in WANTED if name != "dump"]
    if rest:
        with Screen():
            for name in rest:
                dict(idle=idle, history=history)[name]()


main()
