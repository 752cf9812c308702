"""Undoes the compression of blocks with the libraries of fsck.erofs, over and over, and says what each round took.

Standard input: one JSON line {algorithm, rounds, sizes: [[packed, unpacked], ...]}, then the blocks. Standard output:
seconds of processor time of each round, as JSON. Buffers are made before, so that a round is little more than one call a block.
"""

import ctypes
import importlib.util
import json
import pathlib
import sys
import time
import zlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("oracle", ROOT / "test/kernels/codec-oracle.py")
oracle = importlib.util.module_from_spec(spec)
spec.loader.exec_module(oracle)

task = json.loads(sys.stdin.buffer.readline())
blocks = []
for packed, unpacked in task["sizes"]:
    source = sys.stdin.buffer.read(packed)
    blocks.append((source, packed, unpacked))
target = ctypes.create_string_buffer(max(unpacked for _, _, unpacked in blocks))


def unpack_lz4(source, packed, unpacked):
    return oracle.lz4.LZ4_decompress_safe(source, target, packed, unpacked) == unpacked


def unpack_lzma(source, packed, unpacked):
    stream = oracle.LzmaStream()
    start = oracle.lzma.lzma_microlzma_decoder
    if start(ctypes.byref(stream), packed, unpacked, 1, oracle.LARGEST_DICTIONARY) != 0:
        return False
    stream.next_in = ctypes.cast(source, ctypes.c_void_p).value
    stream.avail_in = packed
    stream.next_out, stream.avail_out = ctypes.addressof(target), unpacked
    result = oracle.lzma.lzma_code(ctypes.byref(stream), oracle.LZMA_FINISH)
    oracle.lzma.lzma_end(ctypes.byref(stream))
    return result == oracle.LZMA_STREAM_END


def unpack_deflate(source, _packed, unpacked):
    return len(zlib.decompress(source, -15, unpacked)) == unpacked


def unpack_zstd(source, packed, unpacked):
    made = oracle.zstd.ZSTD_decompressDCtx(
        ctypes.c_void_p(oracle.decompressor), target, ctypes.c_size_t(unpacked), source, ctypes.c_size_t(packed)
    )
    return made == unpacked


unpack = {"lz4": unpack_lz4, "lzma": unpack_lzma, "deflate": unpack_deflate, "zstd": unpack_zstd}
work = unpack[task["algorithm"]]
seconds = []
for _ in range(task["rounds"]):
    start = time.process_time()
    if not all(work(*block) for block in blocks):
        sys.exit("a block is refused")
    seconds.append(time.process_time() - start)
json.dump(seconds, sys.stdout)
