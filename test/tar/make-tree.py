"""Makes a folder with every kind of file a tar can hold: make-tree.py FOLDER plain|full"""

import os
import sys

root, kind = sys.argv[1], sys.argv[2]


def put(name, data, mode=0o644, mtime_ns=1_700_000_000_000_000_000):
    path = os.path.join(os.fsencode(root), name)
    with open(path, "wb") as file:
        for offset, piece in data:
            file.seek(offset)
            file.write(piece)
    os.chmod(path, mode)
    os.utime(path, ns=(mtime_ns, mtime_ns))
    return path


os.makedirs(os.path.join(root, "dir/sub"))
put(b"dir/empty", [])
put(b"dir/block", [(0, b"x" * 512)])
put(b"dir/odd", [(0, bytes(range(256)) * 5)], mode=0o4755)
put(b"dir/sub/big", [(0, os.urandom(100_000))])
os.symlink("../odd", os.path.join(root, "dir/sub/link"))
os.link(os.path.join(root, "dir/odd"), os.path.join(root, "dir/second"))
os.mkfifo(os.path.join(root, "dir/fifo"))

if kind == "full":
    put(b"dir/old", [(0, b"o")], mtime_ns=-1_500_000_000)
    put(b"dir/precise", [(0, b"p")], mtime_ns=1_234_567_890_123_456_789)
    put(b"dir/" + b"n" * 200, [(0, b"long")])
    put(b"dir/bytes-\xff\xfe", [(0, b"bytes")])
    os.symlink("t" * 300, os.path.join(root, "dir/long-link"))
    put(b"dir/owned", [(0, b"me")])
    os.chown(os.path.join(root, "dir/owned"), 3_000_000_000, 3_000_000)
    os.mknod(os.path.join(root, "dir/char"), 0o020600, os.makedev(259, 300))
    os.mknod(os.path.join(root, "dir/disk"), 0o060660, os.makedev(8, 1))
    sparse = os.path.join(root, "sparse")
    os.mkdir(sparse)
    block = 65536
    put(b"sparse/one", [(block, b"x" * 4096)])
    put(b"sparse/hole", [])
    os.truncate(os.path.join(sparse, "hole"), 10 * block)
    put(b"sparse/tail", [(0, b"y" * 4096)])
    os.truncate(os.path.join(sparse, "tail"), 7 * block + 5)
    put(b"sparse/many", [(2 * i * block, b"z" * 5000) for i in range(60)])
    attributes = os.path.join(root, "attributes")
    put(b"attributes", [(0, b"a")])
    os.setxattr(attributes, "user.binary", bytes(range(256)))
    os.setxattr(attributes, "user.empty", b"")
    os.setxattr(attributes, "user.lines", b"a=b\n20 path=x\n")
    capability = bytes([1, 0, 0, 2, 0, 0x20] + [0] * 14)
    os.setxattr(attributes, "security.capability", capability)
