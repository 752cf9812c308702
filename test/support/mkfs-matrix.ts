/** Every option of mkfs.erofs 1.9.4 that changes what an image looks like, alone and with what it works together with. */

/** One way to make an image. */
export interface MatrixRow {
  /** As they are typed; this text is in docs/reader.md. */
  readonly options: string;
  /** Commands in place of `mkfs.erofs OPTIONS image tree`, split at spaces. */
  readonly commands?: readonly string[];
  /** Files with the devices, device 1 first. */
  readonly devices?: readonly string[];
  /** Bytes in front of the image. */
  readonly offset?: number;
  /**
   * Who says what is right, where not all agree: `readers` where mkfs.erofs 1.9.4 stores other content than it was
   * given, so that fsck.erofs, the kernel and we see the same wrong one; `source` where it stores what the other two
   * read wrong.
   */
  readonly oracle?: 'readers' | 'source';
}

/** Compressors, and how large their clusters are. */
const COMPRESSORS = [
  '-zlz4',
  '-zlz4hc',
  '-zlz4hc,level=12 -C16384',
  '-zlz4hc -C1048576',
  '-zlzma',
  '-zlzma,level=109 -C65536',
  '-zlzma,level=6,dictsize=65536 -C131072',
  '-zlzma,lc=0,lp=2,pb=0 -C65536',
  '-zdeflate',
  '-zdeflate,level=9,dictsize=4096 -C16384',
  '-zlibdeflate,level=12 -C65536',
  '-zzstd',
  '-zzstd,level=22 -C1048576',
  '-zzstd,level=3,dictsize=1048576 -C65536',
  '-zlz4:lzma:deflate:zstd',
  '-zlz4 -C65536 --compress-hints=hints',
  '-zlz4 --max-extent-bytes=16384',
  '-zzstd -C65536 --max-extent-bytes=262144',
  '-zlz4 --workers=0',
];

/** `-E`, where it has to do with compression. */
const FEATURES = [
  '-zlz4 -Elegacy-compress',
  '-zlz4hc -C65536 -Elegacy-compress',
  '-zlz4 -Eztailpacking',
  '-zlz4 -Elegacy-compress,ztailpacking',
  '-zlzma -C65536 -Eztailpacking',
  '-zlz4 -Efragments',
  '-zlz4 -Efragments=65536 -C65536',
  '-zzstd -C65536 -Efragments,ztailpacking',
  '-zlz4 -Elegacy-compress,fragments',
  '-zlz4 -Eall-fragments',
  '-zlzma -C131072 -Eall-fragments=131072',
  '-zlz4 -Ededupe',
  '-zlz4hc -C65536 -Ededupe,fragments',
  '-zdeflate -C16384 -Ededupe,all-fragments,ztailpacking',
  '-zlz4 -Efragments,fragdedupe=inode',
  '-zlz4 -Efragments,fragdedupe=full',
  '-zlz4 -Efragments,^fragdedupe',
  '-zlz4 --zfeature-bits=255',
];

/** The layout of Linux 6.15, whose extents are listed one by one. */
const LARGE_LAYOUT = [
  '-E48bit',
  '-E48bit,dot-omitted',
  '-E48bit -T1700000000 --mkfs-time',
  '-zlz4 -E48bit',
  '-zlz4 -E48bit --max-extent-bytes=16384',
  '-zlz4 -E48bit -C65536 --max-extent-bytes=-4096',
  '-zzstd -E48bit -C65536 --max-extent-bytes=-65536',
  '-zlibdeflate -E48bit -C65536',
  '-zlz4 -E48bit,ztailpacking',
  '-zlz4 -E48bit,fragments',
  '-zlz4 -E48bit,all-fragments,dedupe -C65536',
  '-E48bit --chunksize=4096',
];

/** Metadata that is compressed (Linux 6.17), and metadata in a place of its own. */
const METADATA = [
  '-zlz4 -m4096',
  '-zlz4 -m4096 -x1',
  '-zlz4 -m4096 -x1 --xattr-prefix=user.long.common.prefix.',
  '-zlz4:zstd -m4096:zstd',
  '-zlzma -C65536 -m65536',
  '-zzstd -C65536 -m65536 -Efragments,ztailpacking',
  '-zlz4 -b512 -m512',
  '-zlz4 --zD',
  '-zlz4 --zD=1',
  '-zlz4 -m4096 --zD',
  '-zzstd -C131072 -m4096 --zD -Eall-fragments,dedupe,ztailpacking',
  '-m4096 --chunksize=4096',
  '--MZ',
  '--MZ=i',
  '--MZ=0',
  '-zlz4 --MZ=id',
  '-zlz4 --MZ=i -m4096',
  '-zlz4 --MZ=id -m4096 --zD -Eall-fragments',
];

const BLOCKS = [
  '-b512',
  '-b1024 -zlz4',
  '-b2048 -zlz4hc -C65536 -Eztailpacking',
  '-b512 -zlz4 -C65536 -Efragments,dedupe',
  '-b512 -zzstd -C32768 -E48bit,all-fragments',
  '-b1024 -zlz4 -m1024 --zD -Eall-fragments',
];

const PLAIN = [
  '-Enoinline_data',
  '-Einline_data',
  '-Eforce-inode-compact --all-root -T1',
  '-Eforce-inode-extended',
  '-Enosbcrc',
  '--ignore-mtime',
  '-T1700000000',
  '-T1700000000 --all-time',
  '-Lvolume -Uclear',
  '--dsunit=16',
  '--fsalignblks=64',
  '--hard-dereference',
  '--force-uid=70000 --force-gid=70000',
];

const CHUNKS = [
  '--chunksize=4096',
  '--chunksize=65536',
  '--chunksize=4096 -Eforce-inode-blockmap',
  '--chunksize=65536 -Eforce-chunk-indexes',
  '--chunksize=512 -b512',
  '-zlz4 --chunksize=4096',
  '-Ededupe',
];

const ATTRIBUTES = [
  '-x1',
  '-x-1',
  '-E^xattr-name-filter',
  '--xattr-prefix=user.long.common.prefix. --xattr-prefix=trusted.over',
  '-zlz4 -Efragments --xattr-prefix=user.long.common.prefix.',
  '-zlz4 -Efragments,plain-xattr-prefixes --xattr-prefix=user.long.common.prefix.',
  '--xattr-inode-digest',
  '--xattr-inode-digest=user.digest',
  '--root-xattr-isize=200',
];

/** What takes other sources, more than one step, or more than one file. */
const SPECIAL: readonly MatrixRow[] = [
  {
    options: '--chunksize=4096 --blobdev=device',
    devices: ['device'],
  },
  {
    options: '--chunksize=65536 --blobdev=device -E48bit',
    devices: ['device'],
  },
  // Whole blocks of files are not where their inodes say, as if there was no offset.
  { options: '--offset=12288', offset: 12288, oracle: 'readers' },
  { options: '--tar=f', commands: ['mkfs.erofs --quiet --tar=f image tree.tar'] },
  {
    options: '--tar=f -zlz4 -Efragments',
    commands: ['mkfs.erofs --quiet --tar=f -zlz4 -Efragments image tree.tar'],
  },
  {
    options: '--tar=f --sort=none -Enoinline_data',
    commands: ['mkfs.erofs --quiet --tar=f --sort=none -Enoinline_data image tree.tar'],
  },
  {
    options: '--tar=i',
    commands: ['mkfs.erofs --quiet --tar=i image tree.tar'],
    devices: ['tree.tar'],
  },
  {
    options: '--tar=headerball',
    commands: ['mkfs.erofs --quiet --tar=headerball image headers.tar'],
  },
  {
    options: '--incremental=data',
    commands: [
      'mkfs.erofs --quiet image tree/text',
      'mkfs.erofs --quiet --incremental=data image tree/small',
    ],
  },
  {
    options: 'IMAGE IMAGE',
    commands: [
      'mkfs.erofs --quiet -Uclear --chunksize=4096 lower tree/text',
      'mkfs.erofs --quiet -Uclear --chunksize=4096 upper tree/small',
      'mkfs.erofs --quiet image lower upper',
    ],
    devices: ['lower', 'upper'],
  },
  {
    options: '--clean=data IMAGE IMAGE',
    commands: [
      'mkfs.erofs --quiet lower tree/text',
      'mkfs.erofs --quiet upper tree/small',
      'mkfs.erofs --quiet --clean=data image lower upper',
    ],
  },
];

/**
 * With `ztailpacking`, a tail of nearly a block that is not compressed after all is stored at the wrong end of it. With
 * `fragments` too, only the packed inode has such a tail: it is said to be interlaced, and is not.
 */
function rowOf(options: string): MatrixRow {
  if (!options.includes('ztailpacking')) return { options };
  return { options, oracle: options.includes('fragments') ? 'source' : 'readers' };
}

export const MKFS_MATRIX: readonly MatrixRow[] = [
  ...COMPRESSORS.map(rowOf),
  ...FEATURES.map(rowOf),
  ...LARGE_LAYOUT.map(rowOf),
  ...METADATA.map(rowOf),
  ...BLOCKS.map(rowOf),
  ...PLAIN.map(rowOf),
  ...CHUNKS.map(rowOf),
  ...ATTRIBUTES.map(rowOf),
  ...SPECIAL,
];
