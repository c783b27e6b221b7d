"""The measuring tools, which stand beside this repository, and what they need."""
import os, shutil
from pathlib import Path

from throwaway.cluster import BINARIES
from throwaway.process import Failed, run

TOP = Path(__file__).resolve().parents[2]
DIRECTORY = Path(os.environ.get("PGWARD_BENCH_TOOLS", TOP.parent / "shared" / "bench"))


def find(name):
    path = DIRECTORY / name
    if not path.is_file():
        raise Failed(f"no {name} in {DIRECTORY}; PGWARD_BENCH_TOOLS names the directory that has it")
    return path


def have(name):
    return (DIRECTORY / name).is_file()


def environment(passwords, home):
    """Nothing of the caller's PG* and ~/.postgresql; the real pgbench before Debian's wrapper, which starts slowly."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PG") or k.startswith("PGWARD")}
    return kept | passwords | {"HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1",
                               "PATH": f"{BINARIES}:{os.environ.get('PATH', '')}"}


def build_floor(stage):
    program = stage.home / "floor_relay"
    if not program.exists():
        run(["g++", "-O2", "-std=c++20", find("floor_relay.cpp"), "-o", program, "-lssl", "-lcrypto"])
    return program


def program(name, package):
    """Daemons are not on everybody's PATH."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not path:
        raise Failed(f"{name} is not installed (Debian: {package})")
    return path
