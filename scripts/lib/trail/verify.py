"""Verifies an audit trail: form, numbers, chain, tree, checkpoints and their keys, anchors."""
import gzip, json, pathlib, re

from . import merkle
from .notes import Checkpoint, Key, Malformed, Note

ENVELOPE = re.compile(rb'\{"v":2,"log":"([A-Za-z0-9._-]{1,64}/[1-9][0-9]*)","seq":([1-9][0-9]*),"ts":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)",'
                      rb'"type":"([a-z._]+)".*,"prev":"([0-9a-f]{64})"\}')
NO_HASH = "0" * 64
SLACK_S = 30


class Broken(Exception):
    """What is wrong first: file, line (from 1), byte offset, number of the record, why."""

    def __init__(self, reason, file=None, line=0, offset=0, seq=0):
        super().__init__(reason)
        self.reason, self.file, self.line, self.offset, self.seq = reason, file, line, offset, seq

    def __str__(self):
        return f"{self.file}:{self.line} (record {self.seq}, byte {self.offset}): {self.reason}"


def segments(directory):
    """(number, name, bytes), in order. A sealed one may be compressed."""
    found = {}
    for path in pathlib.Path(directory).iterdir():
        if m := re.fullmatch(r"(\d{6,})\.jsonl(\.gz)?", path.name):
            if int(m[1]) not in found or not m[2]:
                found[int(m[1])] = path
    for number in sorted(found):
        path = found[number]
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rb") as f:
            yield number, path.name.removesuffix(".gz"), f.read()


class Verifier:
    def __init__(self, directory, key=None, anchors=()):
        self.directory, self.wanted, self.anchors = pathlib.Path(directory), Key.parse(key) if key else None, anchors
        self.tree, self.head, self.keys, self.origin, self.epoch = merkle.Tree(), NO_HASH, {}, None, 0
        self.checkpoints, self.covered, self.others, self.held, self.anchored = 0, 0, False, None, 0
        self.heartbeat = self.last_time = None
        self.questions, self.lines, self.records = [], [], 0
        self.file, self.line, self.offset = None, 0, 0
        self.begin, self.purged = 0, None

    def broken(self, reason, seq=None):
        return Broken(reason, self.file, self.line, self.offset, seq or self.tree.size + 1)

    def run(self):
        """Raises Broken; else the trail is intact (but see .questions)."""
        all_segments = list(segments(self.directory))
        if not all_segments:
            raise Broken("there is no log here", self.directory)
        expected = self.begin = all_segments[0][0]
        for number, name, data in all_segments:
            self.file, self.line, self.offset = name, 1, 0
            if number != expected:
                raise self.broken("a segment is missing before this one")
            expected += 1
            self.segment(number, name, data, last=number == all_segments[-1][0])
        self.end()
        return self

    def segment(self, number, name, data, last):
        if last:
            data = data.rstrip(b"\0")
        if data and not data.endswith(b"\n"):
            self.line, self.offset = data.count(b"\n") + 1, data.rfind(b"\n") + 1
        if not data.endswith(b"\n") and (data or not last):
            raise self.broken("the segment does not end with a whole line")
        for self.line, text in enumerate(data.split(b"\n")[:-1], 1):
            self.record(number, name, text)
            self.offset += len(text) + 1

    def record(self, number, name, text):
        m = ENVELOPE.fullmatch(text)
        try:
            record = json.loads(text.decode()) if m else None
        except ValueError:
            record = None
        if record is None:
            raise self.broken("is not a record")
        begins = self.line == 1 and number > 1
        if begins != (record["type"] == "log.rotate"):
            raise self.broken("a segment begins with a log.rotate record, and nothing else does")
        if begins:
            self.rotate(record, number, name)
        if record["seq"] != self.tree.size + 1:
            raise self.broken("its number does not follow")
        if record["prev"] != self.head:
            raise self.broken("the record before it has another hash", self.tree.size)
        self.own(record)
        hash = merkle.leaf(text)
        self.tree.append(hash)
        self.head = hash.hex()
        self.records += 1
        self.ask_anchors()

    def rotate(self, record, number, name):
        frontier = [bytes.fromhex(h) for h in record["tree"]]
        if record["file"] != name or record["previous"] != f"{number - 1:06d}.jsonl" or record["head"] != record["prev"]:
            raise self.broken("does not name this segment, the one before and its head")
        if number == self.begin:  # what was before it was purged: the record of that vouches for it, further down
            self.tree, self.head = merkle.Tree(record["seq"] - 1, frontier), record["prev"]
            self.purged = (number - 1, record["seq"] - 1, record["prev"], self.tree.root().hex())
            self.load_key_chain()
        elif frontier != self.tree.frontier:
            raise self.broken("names another tree than that of the records before it")

    def load_key_chain(self):
        for line in (self.directory / "key-chain").read_text().splitlines():
            entry = json.loads(line)
            if entry["size"] <= self.tree.size:
                self.take_checkpoint(entry["note"], None)

    def own(self, record):
        kind = record["type"]
        if not kind.startswith("log."):
            self.others = True
        elif kind == "log.open":
            self.heartbeat, self.last_time = record.get("heartbeat_s"), None
        elif kind in ("log.degraded", "log.recover"):
            self.last_time = None
        elif kind == "log.checkpoint":
            self.take_checkpoint(record["note"], self.tree)
        if kind == "retention.purge" and self.purged and record["through"] >= f"{self.purged[0]:06d}.jsonl":
            # A purge that was cut short leaves more than it might; what is left then is not the boundary it names.
            if record["through"] == f"{self.purged[0]:06d}.jsonl" and (record["size"], record["head"], record["root"]) != self.purged[1:]:
                raise self.broken("what was purged is not what is missing")
            self.purged = None

    def take_checkpoint(self, whole, tree):
        try:
            note = Note.parse(whole)
            said = Checkpoint.parse(note.text)
        except (Malformed, ValueError) as error:
            raise self.broken(f"is not a checkpoint: {error}") from error
        if not self.keys:
            if self.others or not said.key or said.epoch != 1:
                raise self.broken("is not the first checkpoint, and no other stands before it")
            if self.wanted and said.key != self.wanted:
                raise self.broken("names another first key than the one given")
            self.keys[1], self.origin, self.epoch = said.key, said.origin, 1
        elif said.key:
            raise self.broken("is a first checkpoint, and others stand before it")
        if (said.origin, said.epoch) != (self.origin, self.epoch):
            raise self.broken("is of another log or epoch")
        if not note.signed_by(self.keys[said.epoch]):
            raise self.broken(f"was not signed by the key of epoch {said.epoch}")
        if tree is not None:
            if (said.size, said.root) != (tree.size, tree.root()):
                raise self.broken(f"is not of the records before it: one from {self.covered + 1} to {tree.size} was changed after it was signed")
            self.look_at_time(said)
            self.checkpoints, self.covered = self.checkpoints + 1, said.size
        if said.next_key:
            self.epoch += 1
            self.keys[self.epoch] = said.next_key

    def look_at_time(self, said):
        if self.last_time is not None and self.heartbeat:
            gap = said.seconds() - self.last_time
            if gap > 2 * self.heartbeat + SLACK_S:
                self.questions.append(self.broken(f"no checkpoint came for {gap:.0f} seconds"))
            elif gap < 0:
                self.questions.append(self.broken("its time is before that of the last one"))
        self.last_time = said.seconds()

    def anchored_notes(self):
        for place in self.anchors:
            for path in sorted((pathlib.Path(place) / self.origin.replace("/", "_")).glob("*/*.note")):
                try:
                    said = Checkpoint.parse(Note.parse(path.read_text()).text)
                except (Malformed, ValueError):
                    continue  # cut short by a crash
                if said.origin == self.origin:
                    yield said, path

    def ask_anchors(self):
        if self.held is None and self.keys:
            self.held = {}
            for said, path in self.anchored_notes():
                self.held.setdefault(said.size, []).append((said, path))
        for said, path in (self.held or {}).pop(self.tree.size, []):
            if said.root != self.tree.root():
                raise self.broken(f"anchor {path} holds another history", self.tree.size)
            self.anchored += 1

    def end(self):
        self.line += 1
        if self.wanted and not self.keys:
            raise self.broken("the log is not signed, and a key was given")
        if self.purged:
            raise self.broken("the beginning is missing, and no purge was recorded")
        if beyond := [size for size in self.held or {} if size > self.tree.size]:
            raise self.broken(f"an anchor holds a checkpoint of {max(beyond)} records: the end was cut off")
        if not self.keys:
            self.questions.append(self.broken("the log is not signed"))
