"""Signed notes and checkpoints as docs/audit-format.md describes them."""
import base64, dataclasses, datetime, hashlib

from . import ed25519

DASH = "\u2014 "


class Malformed(Exception):
    pass


@dataclasses.dataclass(frozen=True)
class Key:
    name: str
    type: int
    public: bytes

    @property
    def id(self):
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:4]

    def text(self):
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([self.type]) + self.public).decode()}"

    @staticmethod
    def parse(text):
        name, _, rest = text.partition("+")
        raw = base64.b64decode(rest.partition("+")[2], validate=True)
        key = Key(name, raw[0], raw[1:])
        if len(raw) != 33 or key.text() != text:
            raise Malformed("a verifier key that is none")
        return key


@dataclasses.dataclass
class Note:
    text: str
    signatures: list  # (name, id, bytes)

    @staticmethod
    def parse(whole):
        text, gap, rest = whole.rpartition("\n\n")
        if not gap or not text or not rest.endswith("\n"):
            raise Malformed("a note without signatures")
        signatures = []
        for line in rest[:-1].split("\n"):
            name, space, encoded = line[len(DASH):].partition(" ")
            if not line.startswith(DASH) or not space:
                raise Malformed("a signature that is none")
            raw = base64.b64decode(encoded, validate=True)
            signatures.append((name, raw[:4], raw[4:]))
        return Note(text + "\n", signatures)

    def signed_by(self, key):
        return key.type == 1 and any(name == key.name and id == key.id and ed25519.verify(key.public, self.text.encode(), signature)
                                     for name, id, signature in self.signatures)

    def cosigned_by(self, key):
        """The time (seconds since 1970) for which a witness vouched; None: it did not."""
        for name, id, raw in self.signatures:
            if key.type == 4 and name == key.name and id == key.id and len(raw) == 72:
                at = int.from_bytes(raw[:8], "big")
                if ed25519.verify(key.public, f"cosignature/v1\ntime {at}\n{self.text}".encode(), raw[8:]):
                    return at
        return None


@dataclasses.dataclass
class Checkpoint:
    origin: str
    size: int
    root: bytes
    epoch: int
    time: str
    key: Key = None
    next_key: Key = None

    def text(self):
        lines = [self.origin, str(self.size), base64.b64encode(self.root).decode(), f"epoch {self.epoch}", f"time {self.time}"]
        lines += [f"key {self.key.text()}"] if self.key else []
        lines += [f"next-key {self.next_key.text()}"] if self.next_key else []
        return "\n".join(lines) + "\n"

    def seconds(self):
        return datetime.datetime.strptime(self.time, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc).timestamp()

    @staticmethod
    def parse(text):
        lines = text.split("\n")
        if len(lines) < 6 or not lines[3].startswith("epoch ") or not lines[4].startswith("time "):
            raise Malformed("a checkpoint that is none")
        made = Checkpoint(lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True), int(lines[3][6:]), lines[4][5:])
        for line in lines[5:-1]:
            if line.startswith("key "):
                made.key = Key.parse(line[4:])
            if line.startswith("next-key "):
                made.next_key = Key.parse(line[9:])
        if made.text() != text:
            raise Malformed("a checkpoint that is none")
        return made


def sign(text, key, seed):
    """For tests that play a forger."""
    raw = key.id + ed25519.sign(seed, text.encode())
    return f"{text}\n{DASH}{key.name} {base64.b64encode(raw).decode()}\n"
