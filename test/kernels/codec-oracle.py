"""Compresses blocks as mkfs.erofs does and undoes it as the kernel and fsck.erofs do, with the libraries they use.

Reads requests from standard input and answers each of them on standard output. Integers are little-endian.
Request: op (c or d), algorithm, level (c) or partial (d), zero, u32 limit, u32 dictionary, u32 size, bytes.
Answer: u32 status, 0 where it worked, u32 bytes of input used, u32 size, bytes.
The limit is the size of the output: the most that compressing may make (it takes as much input as fits), and exactly
what undoing it must fill.
"""

import ctypes
import struct
import sys
import zlib
from ctypes import (
    POINTER,
    Structure,
    byref,
    c_char_p,
    c_int,
    c_size_t,
    c_uint32,
    c_uint64,
    c_void_p,
    create_string_buffer,
)

LZ4, LZMA, DEFLATE, ZSTD = range(4)
LZMA_FINISH = 3
LZMA_STREAM_END = 1
LARGEST_DICTIONARY = 8 << 20

lz4 = ctypes.CDLL("liblz4.so.1")
lzma = ctypes.CDLL("liblzma.so.5")
zstd = ctypes.CDLL("libzstd.so.1")


class LzmaStream(Structure):
    _fields_ = [
        ("next_in", c_void_p),
        ("avail_in", c_size_t),
        ("total_in", c_uint64),
        ("next_out", c_void_p),
        ("avail_out", c_size_t),
        ("total_out", c_uint64),
        ("pointers", c_void_p * 6),
        ("numbers", c_uint64 * 2),
        ("sizes", c_size_t * 2),
        ("enums", c_int * 2),
    ]


class LzmaOptions(Structure):
    _fields_ = [
        ("dict_size", c_uint32),
        ("preset_dict", c_void_p),
        ("preset_dict_size", c_uint32),
        ("lc", c_uint32),
        ("lp", c_uint32),
        ("pb", c_uint32),
        ("rest", c_uint32 * 40),
    ]


class ZstdBuffer(Structure):
    _fields_ = [("data", c_void_p), ("size", c_size_t), ("pos", c_size_t)]


zstd.ZSTD_createCCtx.restype = c_void_p
zstd.ZSTD_createDCtx.restype = c_void_p
zstd.ZSTD_compress2.restype = c_size_t
zstd.ZSTD_decompressStream.restype = c_size_t
zstd.ZSTD_compress2.argtypes = [c_void_p, c_void_p, c_size_t, c_char_p, c_size_t]
zstd.ZSTD_CCtx_setParameter.argtypes = [c_void_p, c_int, c_int]
zstd.ZSTD_DCtx_reset.argtypes = [c_void_p, c_int]
zstd.ZSTD_DCtx_setMaxWindowSize.argtypes = [c_void_p, c_size_t]
zstd.ZSTD_decompressStream.argtypes = [c_void_p, POINTER(ZstdBuffer), POINTER(ZstdBuffer)]
zstd.ZSTD_isError.argtypes = [c_size_t]
lzma.lzma_microlzma_decoder.argtypes = [c_void_p, c_uint64, c_uint64, ctypes.c_ubyte, c_uint32]
compressor = zstd.ZSTD_createCCtx()
decompressor = zstd.ZSTD_createDCtx()


def run_lzma(start, data, capacity):
    """Runs a coder to its end; returns its result, input used and output."""
    stream = LzmaStream()
    source = create_string_buffer(data, max(1, len(data)))
    target = create_string_buffer(max(1, capacity))
    if start(stream) != 0:
        return None, 0, b""
    stream.next_in, stream.avail_in = ctypes.addressof(source), len(data)
    stream.next_out, stream.avail_out = ctypes.addressof(target), capacity
    result = lzma.lzma_code(byref(stream), LZMA_FINISH)
    used, made = stream.total_in, stream.total_out
    lzma.lzma_end(byref(stream))
    return result, used, target.raw[:made]


def compress_lz4(data, level, limit, _dictionary):
    target = create_string_buffer(limit)
    used = c_int(len(data))
    if level == 0:
        made = lz4.LZ4_compress_destSize(data, target, byref(used), limit)
    else:
        state = create_string_buffer(lz4.LZ4_sizeofStateHC())
        made = lz4.LZ4_compress_HC_destSize(state, data, target, byref(used), limit, level)
    return 0 if made > 0 else 1, used.value, target.raw[:made]


def compress_lzma(data, level, limit, dictionary):
    """The level is a preset; from 32 on the properties come from it: lc, lp and pb as base 3 digits."""
    options = LzmaOptions()
    lzma.lzma_lzma_preset(byref(options), 6 if level >= 32 else level)
    options.dict_size = dictionary
    if level >= 32:
        options.lc, options.lp, options.pb = ((level - 32) // 3**i % 3 for i in range(3))
    result, used, made = run_lzma(
        lambda stream: lzma.lzma_microlzma_encoder(byref(stream), byref(options)), data, limit
    )
    return 0 if result == LZMA_STREAM_END else 1, used, made


def compress_deflate(data, level, limit, _dictionary):
    """zlib has no way to fill a block exactly: halves the input until it fits."""
    while True:
        packer = zlib.compressobj(level, zlib.DEFLATED, -15)
        made = packer.compress(data) + packer.flush()
        if len(made) <= limit:
            return 0, len(data), made
        data = data[: len(data) // 2]


def compress_zstd(data, level, limit, dictionary):
    zstd.ZSTD_CCtx_setParameter(compressor, 100, level)
    zstd.ZSTD_CCtx_setParameter(compressor, 101, dictionary.bit_length() - 1)
    while True:
        target = create_string_buffer(len(data) + 1024)
        made = zstd.ZSTD_compress2(compressor, target, len(target), data, len(data))
        if zstd.ZSTD_isError(made):
            return 1, 0, b""
        if made <= limit:
            return 0, len(data), target.raw[:made]
        data = data[: len(data) // 2]


def decompress_lz4(data, partial, limit, _dictionary):
    target = create_string_buffer(max(1, limit))
    if partial:
        made = lz4.LZ4_decompress_safe_partial(data, target, len(data), limit, limit)
    else:
        made = lz4.LZ4_decompress_safe(data, target, len(data), limit)
    return 0 if made == limit else 1, len(data), target.raw[:limit]


def decompress_lzma(data, partial, limit, dictionary):
    result, used, made = run_lzma(
        lambda stream: lzma.lzma_microlzma_decoder(
            byref(stream), len(data), limit, 0 if partial else 1, dictionary or LARGEST_DICTIONARY
        ),
        data,
        limit,
    )
    return 0 if result == LZMA_STREAM_END and len(made) == limit else 1, used, made


def decompress_deflate(data, partial, limit, _dictionary):
    unpacker = zlib.decompressobj(-15)
    try:
        made = unpacker.decompress(data, limit) if limit else b""
        if not partial:
            made += unpacker.decompress(unpacker.unconsumed_tail, 1)
    except zlib.error:
        return 1, 0, b""
    good = len(made) == limit and (partial or unpacker.eof)
    return 0 if good else 1, len(data) - len(unpacker.unused_data), made


def decompress_zstd(data, partial, limit, dictionary):
    zstd.ZSTD_DCtx_reset(decompressor, 3)
    if dictionary:
        zstd.ZSTD_DCtx_setMaxWindowSize(decompressor, dictionary)
    target = create_string_buffer(max(1, limit))
    source = create_string_buffer(data, max(1, len(data)))
    inside = ZstdBuffer(ctypes.addressof(source), len(data), 0)
    outside = ZstdBuffer(ctypes.addressof(target), limit, 0)
    while True:
        before = (inside.pos, outside.pos)
        left = zstd.ZSTD_decompressStream(decompressor, byref(outside), byref(inside))
        if zstd.ZSTD_isError(left):
            return 1, 0, b""
        if left == 0 or (inside.pos, outside.pos) == before:
            break
        if partial and outside.pos == limit:
            break
    good = outside.pos == limit and (partial or left == 0)
    return 0 if good else 1, inside.pos, target.raw[:limit]


COMPRESS = [compress_lz4, compress_lzma, compress_deflate, compress_zstd]
DECOMPRESS = [decompress_lz4, decompress_lzma, decompress_deflate, decompress_zstd]


def main():
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    while head := requests.read(16):
        op, algorithm, option, _, limit, dictionary, size = struct.unpack("<cBBBIII", head)
        work = (COMPRESS if op == b"c" else DECOMPRESS)[algorithm]
        status, used, made = work(requests.read(size), option, limit, dictionary)
        answers.write(struct.pack("<III", status, used, len(made)))
        answers.write(made)


if __name__ == "__main__":
    main()
