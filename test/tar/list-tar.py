"""Lists a tar as Python's tarfile reads it, one JSON object a line; names as latin1 of their bytes."""

import hashlib
import json
import math
import sys
import tarfile

TYPES = {
    tarfile.REGTYPE: "file",
    tarfile.AREGTYPE: "file",
    tarfile.CONTTYPE: "file",
    tarfile.GNUTYPE_SPARSE: "file",
    tarfile.LNKTYPE: "hardlink",
    tarfile.SYMTYPE: "symlink",
    tarfile.CHRTYPE: "char",
    tarfile.BLKTYPE: "block",
    tarfile.DIRTYPE: "directory",
    tarfile.FIFOTYPE: "fifo",
}
XATTR = "SCHILY.xattr."


def raw(text):
    return text.encode("utf-8", "surrogateescape").decode("latin1")


with tarfile.open(sys.argv[1], encoding="utf-8", errors="surrogateescape") as archive:
    for member in archive:
        kind = TYPES[member.type]
        content = archive.extractfile(member).read() if kind == "file" else b""
        device = kind in ("char", "block")
        print(json.dumps({
            "type": kind,
            "name": raw(member.name),
            "link": raw(member.linkname) if kind in ("hardlink", "symlink") else "",
            "mode": member.mode & 0o7777,
            "uid": member.uid,
            "gid": member.gid,
            "mtime": math.floor(member.mtime),
            "size": len(content),
            "major": member.devmajor if device else 0,
            "minor": member.devminor if device else 0,
            "xattrs": {
                raw(key[len(XATTR):]): raw(value)
                for key, value in member.pax_headers.items()
                if key.startswith(XATTR)
            },
            "sha256": hashlib.sha256(content).hexdigest(),
        }))
