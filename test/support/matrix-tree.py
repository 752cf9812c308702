"""Fills a folder with what makes an image maker use its whole format. Usage: matrix-tree.py ROOT."""

import os
import random
import socket
import subprocess
import sys

SIZES = [
    *(1, 2, 100, 511, 512, 513, 1023, 2048, 4095, 4096, 4097, 8191, 8192, 8193, 10_000, 30_000),
    *(65_535, 65_536, 65_537, 131_072, 200_000, 1_048_579),
]
# More than the 12 MiB that one compressed cluster may hold.
FLAT = 13_000_000


class Tree:
    def __init__(self, root):
        self.root = os.path.abspath(root)
        self.random = random.Random(7)
        letters = b"abcdefghijklmnopqrstuvwxyz"
        self.words = [
            bytes(self.random.choices(letters, k=self.random.randint(2, 9))) for _ in range(3000)
        ]

    def path(self, name):
        return os.path.join(self.root, name)

    def put(self, name, content):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as file:
            file.write(content)

    def text(self, size):
        text = bytearray()
        while len(text) < size:
            text += self.random.choice(self.words) + self.random.choice([b" ", b" ", b"\n"])
        return bytes(text[:size])

    def noise(self, size):
        return self.random.randbytes(size)


def contents(tree):
    for size in SIZES:
        tree.put(f"text/{size}", tree.text(size))
        tree.put(f"noise/{size}", tree.noise(size))
        tree.put(f"zeros/{size}", bytes(size))
    big = tree.text(1_500_000)
    tree.put("big/text", big)
    tree.put("big/flat", b"a" * FLAT)
    turns = [(tree.text, tree.noise)[i % 2](tree.random.randint(1, 30_000)) for i in range(60)]
    tree.put("big/mixed", b"".join(turns))
    # Parts that are there already: whole files, ends, middles, and what is shifted by a few bytes.
    tree.put("same/text", big)
    tree.put("same/shifted", b"xyz" + big[:1_000_000])
    tree.put("same/middle", big[500_000:800_000])
    tree.put("same/end", tree.text(5_000) + big[-200_000:])
    for number in range(40):
        tree.put(f"same/{number}", tree.text(50) + (b"" if number % 3 else big[: number * 1000]))
    for number in range(120):
        tree.put(f"small/{number:03d}", tree.text(tree.random.randint(0, 6000)))
    with open(tree.path("sparse"), "wb") as file:
        file.seek(1_000_000)
        file.write(b"in the middle")
        file.truncate(3_000_001)
    os.link(tree.path("text/10000"), tree.path("text/link"))


def attributes(tree):
    for number in range(20):
        path = tree.path(f"small/{number:03d}")
        os.setxattr(path, "user.long.common.prefix." + "n" * (number % 5), b"v" * number)
        os.setxattr(path, "user.same", b"same")
        os.setxattr(path, "trusted.overlay.some", b"x" * (number % 3))
    os.setxattr(tree.root, "user.long.common.prefix.root", b"root")


def names(tree):
    for name in (b"-x", b"..x", b".hidden", b"new\nline", b"\xff\xfe", "ünï".encode(), b"n" * 255):
        tree.put(os.fsdecode(b"names/" + name), name)
    for number in range(700):
        tree.put(f"crowd/{number:05d}{'x' * (number % 40)}", b"")
    os.makedirs(tree.path("/".join(["deep", *(f"level-{depth}" for depth in range(30))])))
    os.makedirs(tree.path("empty"))


def kinds(tree):
    os.makedirs(tree.path("kinds/below"))
    for length in (1, 31, 60, 1000, 4000, 4095):
        os.symlink("t" * length, tree.path(f"kinds/link-{length}"))
    os.link(tree.path("kinds/link-1"), tree.path("kinds/below/link"), follow_symlinks=False)
    os.link(tree.path("same/text"), tree.path("kinds/below/text"))
    os.mkfifo(tree.path("kinds/fifo"), 0o622)
    for name, mode, major, minor in (
        ("null", 0o020666, 1, 3),
        ("disk", 0o060660, 8, 1),
        ("large", 0o020600, 4095, 1_048_575),
    ):
        os.mknod(tree.path(f"kinds/{name}"), mode, os.makedev(major, minor))
    bound = socket.socket(socket.AF_UNIX)
    os.chdir(tree.path("kinds"))
    bound.bind("socket")


def metadata(tree):
    for mode in (0o000, 0o755, 0o1777, 0o4755, 0o7777):
        tree.put(f"modes/{mode:04o}", b"m")
        os.chmod(tree.path(f"modes/{mode:04o}"), mode)
    for owner in (1, 65_535, 65_536, 2**32 - 2):
        tree.put(f"owners/{owner}", b"o")
        os.chown(tree.path(f"owners/{owner}"), owner, owner)
    for time in (-1_500_000_000, 0, 1, 10**18, 2**31 * 10**9, (2**32 + 5) * 10**9 + 7):
        tree.put(f"times/{time}", b"t")
        os.utime(tree.path(f"times/{time}"), ns=(time, time))
    tree.put("modes/capable", b"c")
    subprocess.run(["setcap", "cap_net_raw+ep", tree.path("modes/capable")], check=True)
    os.makedirs(tree.path("modes/acl"))
    rules = ["setfacl", "-m", "u:1000:rwx,d:g:100:rx", tree.path("modes/acl")]
    subprocess.run(rules, check=True)


def main():
    tree = Tree(sys.argv[1])
    for fill in (contents, attributes, names, kinds, metadata):
        fill(tree)


main()
