#!/usr/bin/env python3
"""The rows of speed that the peers' harness does not measure: wake-ups at rest, `terrace dump`, what keeping a history costs, sixteen panes, searching and jumping in a million lines. Prints a line a figure, and JSON lines to OUT/more.jsonl.

usage: more.py HARNESS OUT [idle,dump,history,panes,search]     TERRACE_BIN: the release binary
HARNESS is the folder of the peers' harness (run.py, terminals.py, src/)."""
import json, os, random, subprocess, sys, time

HARNESS, OUT = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
WANTED = (sys.argv[3] if len(sys.argv) > 3 else "idle,dump,history,panes,search").split(",")
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


PRINTER = """
import os, sys, time
text, end, sent, start = open(sys.argv[1], "rb").read(), float(sys.argv[2]), 0, time.monotonic()
while time.monotonic() < start + end:
    due = int((time.monotonic() - start) * 1e6) - sent
    while due > 0:
        at = sent % len(text)
        n = os.write(1, text[at:at + min(due, 65536)])
        sent, due = sent + n, due - n
    time.sleep(0.016)
open(sys.argv[3], "w").write(f"{sent} {time.monotonic() - start}")
"""


def panes():
    """Sixteen panes in a window, fifteen of which print 1 MB a second: is all taken, and how long has a key to wait?"""
    seconds, wide = 40, dict(run.TERMS["terrace"])
    wide["cfg"] = {"t.toml": wide["cfg"]["t.toml"] + '[control]\nallow = ["state.read", "pane.create"]\n[history]\nenabled = false\n'}
    run.TERMS["terrace-wide"] = wide
    script = f"{run.RUN}/printer.py"
    open(script, "w").write(PRINTER)
    told = [f"{run.RUN}/printed-{n}" for n in range(15)]
    inst = run.Inst("terrace-wide", "echo none", cols=200, rows=56)
    try:
        inst.setup(200, 56)
        x, y, width, height = inst.cell
        first = json.loads(ctl(inst, "list"))["windows"][0]["tabs"][0]["panes"][0]["pane"]
        # Each pane is split into two until there are sixteen.
        all_panes = [first]
        for side in ("right", "down", "right", "down"):
            for pane in list(all_panes):
                n = len(all_panes) - 1
                command = ["python3", script, f"{run.PL}/ascii_lines", str(seconds), told[n]]
                made = ctl(inst, "split", f"pane={pane}", f"side={side}", "--", *command)
                all_panes.append(json.loads(made)["pane"])
        ctl(inst, "focus", f"pane={first}")
        inst.go()
        inst.wait("echoing")
        time.sleep(1)
        cpu, began = inst.cg.usage(), time.monotonic()
        lines = run.probe("latency", x, y, width, height, 300, 24, 3000, seconds - 15, tmo=300).splitlines()
        load = (inst.cg.usage() - cpu) / 1e9 / (time.monotonic() - began)
        times = sorted((int(t1) - int(t0)) / 1e6 for _, t0, t1 in (l.split() for l in lines if l.startswith("l ")) if int(t1))
        missed = sum(l.endswith(" 0") for l in lines)
        end = time.monotonic() + seconds
        while not all(os.path.exists(f) for f in told) and time.monotonic() < end:
            time.sleep(0.2)
        rates = [float(sent) / 1e6 / float(took) for sent, took in (open(f).read().split() for f in told)]
        tell("panes", n=len(times), missed=missed, p50_ms=times[len(times) // 2], p95_ms=times[len(times) * 95 // 100],
             least_mb_s=min(rates), cpu_s_per_s=load)
    finally:
        inst.close()
        for path in (script, *told):
            if os.path.exists(path):
                os.unlink(path)


def search():
    """A million lines of random letters: from a key to the last change of the picture, with a term typed letter by letter, as text and as a regular expression, and jumps to both ends and back."""
    here = os.path.dirname(os.path.abspath(__file__))
    tool = f"{run.RUN}/keyed"
    subprocess.run(["cc", "-O2", "-o", tool, f"{here}/keyed.c", "-lX11", "-lXtst", "-lXdamage"], check=True)
    inst = run.Inst("terrace", "fill 0 1000000", hist=1_000_000)

    def press(*keys):
        done = subprocess.run([tool, "400", *keys], env=run.penv(), capture_output=True, text=True, check=True)
        return [(key, float(first), float(last)) for key, first, last in (l.split() for l in done.stdout.splitlines())]

    try:
        inst.setup()
        inst.go()
        inst.wait("fill", 130)
        time.sleep(8)
        run.probe("focus")
        jumps = press("shift+Home", "shift+End", "shift+Home", "shift+Prior", "shift+End")
        tell("jump", last_ms=json.dumps([last for _, _, last in jumps]), worst_ms=max(last for _, _, last in jumps))
        press("ctrl+shift+f")
        letters = press(*"zqxjkv")
        tell("search", kind="text", first_ms=json.dumps([f for _, f, _ in letters]), last_ms=json.dumps([l for _, _, l in letters]))
        press("Escape", "ctrl+shift+f")
        press("alt+r")
        letters = press(*"q", "bracketleft", "x", "minus", "z", "bracketright", "k", "shift+4")
        tell("search", kind="regex", first_ms=json.dumps([f for _, f, _ in letters]), last_ms=json.dumps([l for _, _, l in letters]))
    finally:
        inst.close()


def main():
    run.build()
    if "dump" in WANTED:
        dump()
    rest = [name for name in WANTED if name != "dump"]
    if rest:
        with Screen():
            for name in rest:
                dict(idle=idle, history=history, panes=panes, search=search)[name]()


main()
