"""What the reader sees. Colours only on a terminal."""
import os, sys, textwrap

_COLOURS = sys.stdout.isatty() and "NO_COLOR" not in os.environ


def _paint(code, text):
    return f"\033[{code}m{text}\033[0m" if _COLOURS else text


def bold(text): return _paint("1", text)
def dim(text): return _paint("2", text)
def green(text): return _paint("32", text)
def red(text): return _paint("1;31", text)


class Story:
    def __init__(self):
        self.kept, self.broken, self.chapters = 0, [], 0

    def chapter(self, title, text=""):
        self.chapters += 1
        print(f"\n{bold(f'{self.chapters}. {title}')}")
        self.tell(text)

    def tell(self, text):
        if text:
            print(textwrap.fill(" ".join(text.split()), 100, initial_indent="   ", subsequent_indent="   "))

    def show(self, who, text, shown=14):
        """What somebody typed or got, as it was."""
        print(f"   {dim(who)}")
        lines = text.rstrip().splitlines() or ["(nothing)"]
        for line in lines[:shown]:
            print(f"   {dim('|')} {line[:150]}{'…' if len(line) > 150 else ''}")
        if len(lines) > shown:
            print(f"   {dim('|')} {dim(f'... {len(lines) - shown} more lines')}")

    def promise(self, text, kept):
        if kept:
            self.kept += 1
        else:
            self.broken.append(text)
        print(f"   {green('kept  ') if kept else red('BROKEN')} {text}")

    def end(self):
        if self.broken:
            print(f"\n{red(f'{len(self.broken)} of {self.kept + len(self.broken)} promises broken:')} {'; '.join(self.broken)}")
            return 1
        print(f"\n{bold(f'All {self.kept} promises kept.')}")
        return 0 if self.kept else 1
