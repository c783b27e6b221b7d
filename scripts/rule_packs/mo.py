"""Reads a compiled message catalogue (.mo): a list of ([msgid, plural], [translations])."""
import pathlib
import struct


def read(path):
    data = pathlib.Path(path).read_bytes()
    _, _, count, ids, texts = struct.unpack("<5I", data[:20])

    def entry(table, i):
        length, at = struct.unpack_from("<2I", data, table + 8 * i)
        return data[at:at + length].decode().split("\x04")[-1].split("\0")

    return [(entry(ids, i), entry(texts, i)) for i in range(count)]
