/**
 * What Node.js has no calls for: nanoseconds of times, extended attributes, devices, pipes and sockets. Python has them
 * all in its standard library. The script reads a line of JSON for each file and ends with one that counts its failures.
 */

/** Text in JSON has one char code a byte, hence latin-1. */
export const HELPER_SCRIPT = `
import errno, json, os, stat, sys

SPECIAL = {"char": stat.S_IFCHR, "block": stat.S_IFBLK, "fifo": stat.S_IFIFO, "socket": stat.S_IFSOCK}
losses = {}

def lose(kind, path, reason=None):
    losses.setdefault(kind, {"kind": kind, "count": 0, "path": path, "reason": reason})["count"] += 1

def attempt(kind, path, call, *values, **options):
    try:
        call(*values, **options)
        return True
    except (OSError, OverflowError) as error:
        number = getattr(error, "errno", errno.EINVAL)
        lose(kind, path, errno.errorcode.get(number, str(number)))
        return False

def set_xattr(file, name, value):
    if not hasattr(os, "setxattr"):
        raise OSError(errno.ENOTSUP, "no extended attributes here")
    os.setxattr(file, name, value, follow_symlinks=False)

def set_all(item):
    path, kind, mode = item["path"], item["type"], item["mode"]
    file = path.encode("latin-1")
    if kind in SPECIAL:
        number = os.makedev(*item["device"]) if item["device"] else 0
        if not attempt(kind, path, os.mknod, file, SPECIAL[kind] | 0o600, number):
            return
    owned = item["mayOwn"] and attempt("owner", path, os.lchown, file, item["uid"], item["gid"])
    if not item["mayOwn"]:
        lose("owner", path)
    for name, value in item["xattrs"]:
        attempt("xattr", path, set_xattr, file, name.encode("latin-1"), value.encode("latin-1"))
    if kind != "symlink":
        if not owned and mode & 0o6000:
            lose("setuid", path)
            mode &= ~0o6000
        attempt("mode", path, os.chmod, file, mode)
    time = item["mtime"] * 10**9 + item["mtimeNsec"]
    attempt("time", path, os.utime, file, ns=(time, time), follow_symlinks=False)

def link(item):
    kind, path = item["type"], item["path"]
    source = item["linkTo"].encode("latin-1")
    attempt(kind, path, os.link, source, path.encode("latin-1"), follow_symlinks=False)

for line in sys.stdin.buffer:
    item = json.loads(line)
    (link if "linkTo" in item else set_all)(item)
json.dump(list(losses.values()), sys.stdout)
`;
