"""Writes a layer as no tool would pack it, with what only a tar can say. Usage: corpus-tar.py FILE PREFIX.

Hard links to files of lower layers, an opaque marker after its siblings, whiteouts of folders, PAX times
below a second, values with newlines, GNU long names, and an entry that appears twice.
"""

import io
import sys
import tarfile

TIMES = ["-1.5", "-0.000000001", "0.1", "1.000000001", "-2000000000.123456789", "4294967296.999999999"]

prefix = sys.argv[2]


def header(name, kind=tarfile.REGTYPE, **fields):
    info = tarfile.TarInfo(prefix + name)
    info.type = kind
    info.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644
    info.mtime = 1_600_000_000
    for field, value in fields.items():
        setattr(info, field, value)
    return info


def file(tar, name, content=b"", **fields):
    info = header(name, size=len(content), **fields)
    tar.addfile(info, io.BytesIO(content))


def folder(tar, name, **fields):
    tar.addfile(header(name, tarfile.DIRTYPE, **fields))


def main(target):
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as tar:
        folder(tar, "doomed", mode=0o750, mtime=1_600_000_001)
        folder(tar, "doomed/opaque", mtime=1_600_000_002)
        file(tar, "doomed/opaque/.wh..wh..opq")
        folder(tar, "doomed/opaque/sub", mtime=1_600_000_003)
        file(tar, "doomed/opaque/sub/new", b"nested")
        # No name of the lower layer comes again before the marker: umoci would touch its time once more.
        folder(tar, "doomed/opaque-late", mtime=1_600_000_002)
        file(tar, "doomed/opaque-late/new", b"before the marker")
        folder(tar, "doomed/opaque-late/fresh", mtime=1_600_000_003)
        file(tar, "doomed/opaque-late/fresh/new", b"nested")
        file(tar, "doomed/opaque-late/.wh..wh..opq")
        file(tar, "doomed/.wh.half")
        folder(tar, "links", mtime=1_600_000_004)
        for name, target_name in (("x", "links/a"), ("y", "links/survivor-2"), ("z", "links/x")):
            tar.addfile(header(f"links/{name}", tarfile.LNKTYPE, linkname=prefix + target_name))
        file(tar, "links/.wh.b")
        pax = {"mtime": "1600000000.123456789", "SCHILY.xattr.user.pax": "a=b\n7 c=d\n"}
        file(tar, "pax-file", b"p" * 4097, pax_headers=pax, uid=3_000_000_000)
        for time in TIMES:
            file(tar, f"pax-time{time}", pax_headers={"mtime": time})
        file(tar, "twice", b"the first one loses")
        file(tar, "twice", b"the last one wins")
        long_name = "/".join(["long-" + "l" * 90] * 4)
        parts = long_name.split("/")
        for depth in range(1, len(parts)):
            folder(tar, "/".join(parts[:depth]))
        file(tar, long_name, b"long path")


main(sys.argv[1])
