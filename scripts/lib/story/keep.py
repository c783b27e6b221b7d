"""Leaving the scene up, and ending it later: by the pids it wrote down, after a look that they are still its own."""
import json, os, pathlib, shutil, signal, time

from clinic import ALDER, BIRCH

STATE = pathlib.Path(__file__).resolve().parents[3] / "build" / "demo.json"


def remember(scene):
    STATE.parent.mkdir(exist_ok=True)
    STATE.write_text(json.dumps({"home": str(scene.stage.home), "pids": [scene.proxy.process.pid, scene.cluster.process.pid]}))
    print("\nLeft running. Two clinics, tokens good for eight hours:\n")
    for of in (ALDER, BIRCH):
        print(f"# {of.name}\n{scene.connection_string(of)}\n")
    print(f"The server itself, as superuser:\npsql '{scene.cluster.conninfo('ehr')}'\n")
    print(f"Trail: {scene.proxy.audit}\nConfiguration: {scene.proxy.config_file}\nEnd it: scripts/demo --stop")


def stop():
    try:
        state = json.loads(STATE.read_text())
    except OSError:
        print("demo: nothing is running")
        return 0
    for pid, number in zip(state["pids"], (signal.SIGTERM, signal.SIGINT)):
        if _is_ours(pid, state["home"]):
            os.kill(pid, number)
            deadline = time.monotonic() + 15
            while _is_ours(pid, state["home"]) and time.monotonic() < deadline:
                time.sleep(0.05)
    shutil.rmtree(state["home"], ignore_errors=True)
    STATE.unlink()
    print("demo: stopped, nothing left")
    return 0


def _is_ours(pid, home):
    try:
        return home.encode() in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
