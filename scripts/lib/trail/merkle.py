"""The tree of RFC 6962 and its proofs (RFC 9162, sections 2.1.3.2 and 2.1.4.2)."""
import hashlib


def leaf(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """Grows by leaves; keeps the roots of its largest whole subtrees."""

    def __init__(self, size=0, frontier=()):
        if bin(size).count("1") != len(frontier):
            raise ValueError("not the frontier of a tree of this size")
        self.size, self.frontier = size, list(frontier)

    def append(self, hash):
        n = self.size
        while n & 1:
            hash = node(self.frontier.pop(), hash)
            n >>= 1
        self.frontier.append(hash)
        self.size += 1

    def root(self):
        if not self.frontier:
            return hashlib.sha256(b"").digest()
        root = self.frontier[-1]
        for left in reversed(self.frontier[:-1]):
            root = node(left, root)
        return root


def root_of_inclusion(hash, index, size, path):
    place, last = index, size - 1
    for other in path:
        if last == 0:
            return None
        if place & 1 or place == last:
            hash = node(other, hash)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            hash = node(hash, other)
        place, last = place >> 1, last >> 1
    return hash if last == 0 else None


def is_consistent(old_size, old_root, size, root, path):
    if old_size == size:
        return not path and old_root == root
    if not 0 < old_size < size:
        return False
    place, last = old_size - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    path = list(path)
    if place and not path:
        return False
    of_old = of_new = path.pop(0) if place else old_root
    for other in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            of_old, of_new = node(other, of_old), node(other, of_new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            of_new = node(of_new, other)
        place, last = place >> 1, last >> 1
    return last == 0 and of_old == old_root and of_new == root
