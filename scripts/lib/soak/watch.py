"""What a process holds at a moment, and whether it grew."""
import os, pathlib, resource, statistics


class Sample:
    def __init__(self, pid):
        self.bytes = int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
        self.descriptors = len(os.listdir(f"/proc/{pid}/fd"))
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        self.processor_s = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def growth(samples):
    """Between the second fifth of a run and its last: by then what is filled once is full. A fraction."""
    fifth = max(1, len(samples) // 5)
    early = statistics.median(s.bytes for s in samples[fifth:2 * fifth] or samples[:1])
    late = statistics.median(s.bytes for s in samples[-fifth:])
    return late / early - 1
