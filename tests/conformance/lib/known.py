"""The listed differences: differences.yaml for the script, docs/compatibility.md for people. Both must agree."""
import re
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parents[1]
DOCUMENT = HERE.parents[1] / "docs" / "compatibility.md"


class Known:
    def __init__(self, path=HERE / "differences.yaml"):
        self.listed = yaml.safe_load(path.read_text())
        self.met = {entry["id"]: 0 for entry in self.listed}

    def id_of(self, side, name, through, direct=""):
        """Of a difference whose text through pgward is `through`, and the server's own `direct`; None: not listed."""
        for entry in self.listed:
            if all(re.search(entry.get(key, ""), value, re.DOTALL) for key, value in
                   (("side", side), ("where", name), ("through", through), ("direct", direct))):
                self.met[entry["id"]] += 1
                return entry["id"]
        return None

    def undocumented(self):
        """Ids that only one of the two places knows."""
        ids = {entry["id"] for entry in self.listed}
        in_document = set(re.findall(r"^\| `([a-z0-9-]+)` \|", DOCUMENT.read_text(), re.MULTILINE))
        return sorted(ids ^ in_document)
