"""Fills a root folder with one of every kind of entry an image can hold. Usage: corpus-base.py ROOT SMALL_FILES."""

import os
import random
import subprocess
import sys

NANOSECONDS = 1_000_000_000
SIZES = [
    *(0, 1, 2, 31, 32, 33, 63, 64, 65, 511, 512, 513, 2048),
    *(4000, 4016, 4031, 4032, 4033, 4063, 4064, 4065, 4090, 4095, 4096, 4097),
    *(8128, 8160, 8191, 8192, 8193, 12345, 65535, 65536, 65537, 1_048_576, 1_048_581),
]
# `-x` sorts before `.`, which is an entry like any other in an EROFS directory.
NAMES = [
    *(b"-x", b"!", b"+", b"...", b"..x", b".hidden", b".-", b"a b", b" ", b"new\nline", b"tab\t"),
    *(b"bell\x07", b"back\\slash", b"quote\"'", b"*", b"#", b"\x7f", b"\xff\xfe", b"\x80", b"a\xc3"),
    *("ünïcödé".encode(), "😀".encode(), "\ufffd".encode(), "日本語".encode(), b"CASE", b"case"),
    *(b"n" * 255, b"\xfd" * 255, b"=", b"a=b", b"%41", b"~", b"@", b"CON", b"x."),
]
OWNERS = [0, 1, 1000, 65534, 65535, 65536, 100_000, 2_097_151, 2_097_152, 2**31, 2**32 - 2]
# Whole seconds and nanoseconds: both signs, both ends of 31 and 32 bits.
TIMES = [
    *((0, 0), (0, 1), (-1, 0), (-1, 500_000_000), (-2_000_000_000, 0), (-2_000_000_000, 7)),
    *((2**31 - 1, 999_999_999), (2**31, 0), (2**32 - 1, 1), (2**32 + 5, 123_456_789)),
    *((1_700_000_000, 0), (1_700_000_000, 100_000_000), (1_700_000_001, 123_456_789)),
]


class Corpus:
    def __init__(self, root):
        self.root = os.fsencode(root)
        self.random = random.Random(20260101)

    def path(self, name):
        return os.path.join(self.root, name if isinstance(name, bytes) else os.fsencode(name))

    def folder(self, name):
        os.makedirs(self.path(name), exist_ok=True)

    def file(self, name, content=b""):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as file:
            file.write(content)

    def bytes(self, size):
        return self.random.randbytes(size)

    def time(self, name, seconds, nanoseconds=0):
        stamp = seconds * NANOSECONDS + nanoseconds
        os.utime(self.path(name), ns=(stamp, stamp), follow_symlinks=False)


def sizes(corpus):
    for size in SIZES:
        corpus.file(f"sizes/{size}", corpus.bytes(size))
    corpus.file(f"zeros/{size}", bytes(size))
    with open(corpus.path("sizes/sparse"), "wb") as file:
        file.seek(1_000_000)
        file.write(b"in the middle")
        file.truncate(3_000_001)


def names(corpus):
    for name in NAMES:
        corpus.file(b"names/" + name, name)
    for number in range(1500):
        corpus.file(f"crowd/{number:05d}{'x' * (number % 40)}")
    corpus.folder("/".join(["deep", *(f"level-{depth}" for depth in range(60))]))
    corpus.folder("empty")
    for block in range(12):
        # Folders whose entries end near the end of a block: 12 bytes and a name each.
        for number in range(170 + block):
            corpus.file(f"edges/{block}/{number:012d}")


def links(corpus):
    corpus.file("links/a", b"one inode, many names")
    for name in ("links/b", "links/c/d", "links/c/.e", "other-links/f"):
        corpus.folder(os.path.dirname(name))
        os.link(corpus.path("links/a"), corpus.path(name))
    corpus.file("links/survivor", b"the first name goes away")
    os.link(corpus.path("links/survivor"), corpus.path("links/survivor-2"))
    for name, target in (("short", "a"), ("dangling", "../no/such"), ("absolute", "/etc/passwd")):
        os.symlink(target, corpus.path(f"links/{name}"))
    for length in (59, 60, 100, 101, 255, 1000, 4000, 4095):
        os.symlink("t" * length, corpus.path(f"links/target-{length}"))
    os.symlink(b"odd\xff\n", corpus.path("links/odd-target"))
    os.link(corpus.path("links/short"), corpus.path("links/short-2"), follow_symlinks=False)


def specials(corpus):
    corpus.folder("special")
    os.mkfifo(corpus.path("special/fifo"), 0o622)
    for name, kind, major, minor in (
        ("null", 0o020666, 1, 3),
        ("disk", 0o060660, 8, 1),
        ("big", 0o020600, 4095, 1_048_575),
        ("minor-256", 0o060600, 259, 256),
    ):
        os.mknod(corpus.path(f"special/{name}"), kind, os.makedev(major, minor))
    os.link(corpus.path("special/null"), corpus.path("special/null-2"))


def metadata(corpus):
    for mode in (0o000, 0o400, 0o755, 0o777, 0o1777, 0o2755, 0o4755, 0o6711, 0o7777):
        corpus.file(f"modes/{mode:04o}", b"m")
        os.chmod(corpus.path(f"modes/{mode:04o}"), mode)
        corpus.folder(f"modes/d{mode:04o}")
        os.chmod(corpus.path(f"modes/d{mode:04o}"), mode)
    for owner in OWNERS:
        corpus.file(f"owners/u{owner}")
        os.chown(corpus.path(f"owners/u{owner}"), owner, 0)
        corpus.file(f"owners/g{owner}")
        os.chown(corpus.path(f"owners/g{owner}"), 7, owner)
    os.symlink("x", corpus.path("owners/symlink"))
    os.chown(corpus.path("owners/symlink"), 70_000, 80_000, follow_symlinks=False)
    for seconds, nanoseconds in TIMES:
        corpus.file(f"times/{seconds}.{nanoseconds}")
        corpus.time(f"times/{seconds}.{nanoseconds}", seconds, nanoseconds)


def xattrs(corpus):
    for name in ("plain", "binary", "many", "long", "capable", "acl"):
        corpus.file(f"xattrs/{name}", name.encode())
    os.setxattr(corpus.path("xattrs/plain"), "user.comment", b"hello")
    os.setxattr(corpus.path("xattrs/binary"), "user.binary", bytes(range(256)))
    os.setxattr(corpus.path("xattrs/binary"), "trusted.line", b"\n12 a=b\n")
    # No empty value: the Go tar writer behind umoci drops the attribute.
    for number in range(20):
        os.setxattr(corpus.path("xattrs/many"), f"user.n{number}", b"v" * (number + 1))
    os.setxattr(corpus.path("xattrs/long"), "user." + "n" * 200, b"value" * 300)
    for number in range(6):
        corpus.file(f"xattrs/same-{number}", b"s")
        os.setxattr(corpus.path(f"xattrs/same-{number}"), "user.shared", b"the same everywhere" * 9)
    corpus.folder("xattrs/folder")
    os.setxattr(corpus.path("xattrs/folder"), "user.folder", b"yes")
    os.symlink("plain", corpus.path("xattrs/symlink"))
    os.setxattr(corpus.path("xattrs/symlink"), "trusted.link", b"l", follow_symlinks=False)
    run("setcap", "cap_net_raw,cap_net_bind_service=ep", corpus.path("xattrs/capable"))
    run("setfacl", "-m", "u:1000:rw,g:2000:r,m:rw", corpus.path("xattrs/acl"))
    run("setfacl", "-d", "-m", "u:1000:rwx,o::-", corpus.path("xattrs/folder"))


def run(*command):
    subprocess.run(command, check=True)


def many(corpus, count):
    for number in range(count):
        size = corpus.random.choice((0, 10, 100, 300, 900, 2500, 4096, 6000))
        corpus.file(f"many/{number % 97}/{number // 97 % 13}/{number}", corpus.bytes(size))
    for number in range(5):
        corpus.file(f"many/copy-{number}", b"the same content in several files\n" * 400)


def doomed(corpus):
    """What the layer of changes will delete, replace or turn into something else."""
    for name in ("gone", "gone-folder/a", "gone-folder/deep/b", "half/stays", "half/goes"):
        corpus.file(f"doomed/{name}", name.encode())
    for name in ("again/old", "again/sub/old", "opaque/old", "opaque/sub/old", "opaque-late/sub/old"):
        corpus.file(f"doomed/{name}", name.encode())
    for name in ("file-to-folder", "folder-to-file/x", "folder-to-symlink/y/z", "file-to-fifo"):
        corpus.file(f"doomed/{name}", name.encode())
    os.symlink("again", corpus.path("doomed/symlink-to-folder"))
    os.symlink("nowhere", corpus.path("doomed/symlink-to-file"))
    corpus.file("doomed/content", b"before")
    corpus.file("doomed/mode", b"mode")
    corpus.file("doomed/xattr", b"xattr")
    os.setxattr(corpus.path("doomed/xattr"), "user.old", b"old")
    os.setxattr(corpus.path("doomed/xattr"), "user.kept", b"kept")
    corpus.folder("real-folder")
    os.symlink("real-folder", corpus.path("folder-link"))


def main(root, count):
    os.umask(0o022)
    corpus = Corpus(root)
    for part in (sizes, names, links, specials, metadata, xattrs, doomed):
        part(corpus)
    many(corpus, count)
    corpus.time("many", 1_650_000_000, 5)


main(sys.argv[1], int(sys.argv[2]))
