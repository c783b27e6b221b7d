# Sourced by the scripts that run pgward. Installs and builds what is missing, then names the program and the
# Python to use. Set PGWARD_BIN to use a pgward that is built already, PGWARD_PRESET to build another preset.
set -euo pipefail
pgward_top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Debian's own Python, never another one on PATH: the drivers are Debian packages.
pgward_python=/usr/bin/python3
export PYTHONPATH=$pgward_top/scripts/lib PYTHONDONTWRITEBYTECODE=1

if [ -z "${PGWARD_BIN:-}" ]; then
  "$pgward_top/scripts/bootstrap" build run
  "$pgward_top/scripts/build" "${PGWARD_PRESET:-dev}" pgward
  export PGWARD_BIN=$pgward_top/build/${PGWARD_PRESET:-dev}/proxy/pgward
else
  "$pgward_top/scripts/bootstrap" run
fi
