"""A forger who knows the format, and may hold the key of the day: takes a copy of a trail apart and puts it together again."""
import base64, hashlib, json, pathlib, re

from trail import ed25519, merkle, notes


class Copy:
    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.paths = sorted(self.directory.glob("*.jsonl"))
        self.segments = [p.read_bytes().rstrip(b"\0").split(b"\n")[:-1] for p in self.paths]

    @property
    def lines(self):
        return [line for segment in self.segments for line in segment]

    def find(self, *marks, after=0):
        """Number (from 1) of the first record behind `after` with all these bytes in it."""
        return next(n for n, line in enumerate(self.lines, 1) if n > after and all(m in line for m in marks))

    def last(self, *marks):
        return max(n for n, line in enumerate(self.lines, 1) if all(m in line for m in marks))

    def place(self, seq):
        """File name, line from 1, byte offset: of the record, or of where it would stand."""
        for path, segment in zip(self.paths, self.segments):
            if seq <= len(segment) or path == self.paths[-1]:
                return path.name, seq, sum(len(line) + 1 for line in segment[:seq - 1])
            seq -= len(segment)

    def spot(self, seq):
        for segment in self.segments:
            if seq <= len(segment):
                return segment, seq - 1
            seq -= len(segment)

    def edit(self, seq, old, new):
        segment, n = self.spot(seq)
        assert old in segment[n], segment[n]
        segment[n] = segment[n].replace(old, new, 1)

    def delete(self, seq):
        segment, n = self.spot(seq)
        del segment[n]

    def insert(self, seq, line):
        segment, n = self.spot(seq)
        segment.insert(n, line)

    def truncate(self, seq):
        """Nothing stands behind record `seq`."""
        for n, segment in enumerate(self.segments):
            del segment[max(seq, 0):]
            seq -= len(segment) if segment else 0
            seq = max(seq, 0)
        while len(self.segments) > 1 and not self.segments[-1]:
            self.segments.pop()
            self.paths.pop().unlink()

    def remake(self, start=1, key=None, seed=None):
        """Numbers, hashes and trees from record `start` on are made to fit; with a key, checkpoints as well."""
        tree, head, seq = merkle.Tree(), "0" * 64, 0
        for segment in self.segments:
            for n, line in enumerate(segment):
                seq += 1
                if seq >= start:
                    segment[n] = line = self.fitted(line, seq, head, tree, key, seed)
                hash = merkle.leaf(line)
                tree.append(hash)
                head = hash.hex()
        return self

    def fitted(self, line, seq, head, tree, key, seed):
        line = re.sub(rb'"seq":\d+', b'"seq":%d' % seq, line, count=1)
        line = re.sub(rb'"prev":"[0-9a-f]{64}"\}$', b'"prev":"%s"}' % head.encode(), line)
        if b'"type":"log.rotate"' in line:
            record = json.loads(line)
            line = line.replace(record["head"].encode(), head.encode())
            old = line[line.index(b'"tree":'):line.rindex(b',"prev"')]
            line = line.replace(old, b'"tree":' + json.dumps([h.hex() for h in tree.frontier], separators=(",", ":")).encode())
        if seed and b'"type":"log.checkpoint"' in line:
            record = json.loads(line)
            said = notes.Checkpoint.parse(notes.Note.parse(record["note"]).text)
            said.size, said.root, said.time = tree.size, tree.root(), record["ts"]
            said.epoch = self.epoch
            note = notes.sign(said.text(), notes.Key(said.origin, 1, key), seed)
            old = line[line.index(b'"note":"'):line.rindex(b',"prev"')]
            line = line.replace(old, b'"note":"' + note.replace("\n", "\\u000a").encode() + b'"')
        return line

    def save(self):
        for path, segment in zip(self.paths, self.segments):
            path.write_bytes(b"".join(line + b"\n" for line in segment))
        return self.directory


def read_key(directory):
    """Public key, seed and epoch of the key of the day."""
    fields = dict(line.split(" ", 1) for line in pathlib.Path(directory, "signing.key").read_text().splitlines()[1:])
    seed = base64.b64decode(fields["seed"])
    return ed25519.public_key(seed), seed, int(fields["epoch"])


def age_key(directory):
    """The next start finds that the key has signed for long enough."""
    path = pathlib.Path(directory, "signing.key")
    path.write_text(re.sub(r"since \S+", "since 2020-01-01T00:00:00.000000Z", path.read_text()))


def sha256(line):
    return hashlib.sha256(b"\0" + line).hexdigest()
