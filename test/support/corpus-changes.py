"""Changes a root that corpus-base.py filled: deletions, type changes, links, attributes. Usage: ... ROOT."""

import os
import shutil
import sys


def delete(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)


def main(root):
    os.umask(0o022)
    os.chdir(root)
    for name in ("gone", "gone-folder", "half/goes", "again", "file-to-folder", "folder-to-file"):
        delete(f"doomed/{name}")
    for name in ("folder-to-symlink", "file-to-fifo", "symlink-to-folder", "symlink-to-file"):
        delete(f"doomed/{name}")
    write("doomed/again/new", b"recreated")
    write("doomed/file-to-folder/inside", b"was a file")
    write("doomed/folder-to-file", b"was a folder")
    os.symlink("half", "doomed/folder-to-symlink")
    os.mkfifo("doomed/file-to-fifo", 0o640)
    write("doomed/symlink-to-folder/inside", b"was a symlink")
    write("doomed/symlink-to-file", b"was a dangling symlink")
    write("doomed/content", b"after, and longer")
    os.chmod("doomed/mode", 0o4711)
    os.removexattr("doomed/xattr", "user.old")
    os.setxattr("doomed/xattr", "user.new", b"new")

    delete("links/survivor")
    write("links/group/one", b"three names in this layer")
    os.link("links/group/one", "links/group/two")
    os.link("links/group/one", "other-links/three")
    delete("special/big")
    os.mknod("special/loop", 0o060660, os.makedev(7, 0))
    delete("crowd/00000")
    shutil.rmtree("many/0")
    write("many/1/new", b"n" * 5000)
    write("new-folder/deep/er/file", b"new")
    os.utime("new-folder/deep/er/file", ns=(-1_234_567_891, -1_234_567_891))
    os.utime("new-folder", ns=(1_111_111_111_123_456_789, 1_111_111_111_123_456_789))


main(sys.argv[1])
