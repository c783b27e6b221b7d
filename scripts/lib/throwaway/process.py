"""Starting and ending the processes that belong to us, by their pid and nothing else."""
import ctypes, os, pwd, signal, subprocess

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


class Failed(Exception):
    """A server did not do what it was started for; the text tells the user why."""


def start(argv, log, user=None, lives_on=False, death_signal=signal.SIGTERM, **more):
    """A server process. `log` gets its output. Unless `lives_on`, it ends when we are killed."""

    entry = pwd.getpwnam(user) if user else None

    def in_child():
        if entry:
            os.setgroups([])
            os.setgid(entry.pw_gid)
            os.setuid(entry.pw_uid)
        # After the change of user, which clears it (and which Popen would do later than this function).
        if not lives_on:
            _LIBC.prctl(_PR_SET_PDEATHSIG, death_signal)

    with open(log, "ab") as out:
        return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
                                preexec_fn=in_child, **more)


def run(argv, user=None, **more):
    """A short command: its standard output, or Failed with what it said."""
    done = subprocess.run([str(a) for a in argv], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          **as_user(user), **more)
    if done.returncode:
        raise Failed(f"{os.path.basename(str(argv[0]))} {str(argv[1]) if len(argv) > 1 else ''} ended with "
                     f"{done.returncode}: {(done.stderr or done.stdout).strip()[-800:]}")
    return done.stdout


def as_user(name):
    if name is None:
        return {}
    entry = pwd.getpwnam(name)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def stop(process, first=signal.SIGTERM, seconds=10):
    """Asks, waits, then kills. Returns the exit status."""
    if process.poll() is None:
        process.send_signal(first)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


def tail(path, lines=12):
    try:
        with open(path, errors="replace") as f:
            return "".join(f.readlines()[-lines:]).rstrip()
    except OSError:
        return ""
