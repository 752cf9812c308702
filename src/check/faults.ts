/**
 * Every fault that a check can find: its stable name, how grave it is, and what Linux does about it.
 * Source of the last: Linux fs/erofs/ (super.c, inode.c, data.c, dir.c, namei.c, xattr.c, zmap.c).
 */

/** A fault breaks something that a reader relies on; a remark is odd and harms nobody. */
export type Severity = 'fault' | 'remark';

interface FaultKind {
  readonly severity: Severity;
  /** What Linux does about it, where that is known. */
  readonly kernel?: string;
}

const REFUSES_MOUNT = 'refuses to mount the image';
const FILE_UNREADABLE = 'fails when the file is read';
const INODE_UNREADABLE = 'fails when the file is looked up';
const DIRECTORY_UNREADABLE = 'fails when the directory is listed';
const IGNORES = 'does not look at it';
const LOOKUP_MISSES = 'lists the name and may not find it by lookup';
const XATTR_FAILS = 'fails when the attributes are listed or read';
const XATTR_HIDDEN = 'does not show the attribute';

const FAULT_TABLE = {
  'superblock-missing': { severity: 'fault', kernel: REFUSES_MOUNT },
  'superblock-magic': { severity: 'fault', kernel: REFUSES_MOUNT },
  'superblock-checksum': { severity: 'fault', kernel: REFUSES_MOUNT },
  'superblock-block-size': { severity: 'fault', kernel: REFUSES_MOUNT },
  'superblock-directory-blocks': { severity: 'fault', kernel: REFUSES_MOUNT },
  'superblock-features': { severity: 'fault', kernel: REFUSES_MOUNT },
  'superblock-compatible-features': { severity: 'remark', kernel: IGNORES },
  'superblock-slots': { severity: 'fault', kernel: REFUSES_MOUNT },
  'superblock-blocks': {
    severity: 'fault',
    kernel: 'fails where blocks are read that are not there',
  },
  'superblock-metadata': { severity: 'fault', kernel: REFUSES_MOUNT },
  'superblock-xattrs': { severity: 'fault', kernel: XATTR_FAILS },
  'superblock-time': { severity: 'fault', kernel: 'shows times that make no sense' },
  'superblock-inode-count': { severity: 'remark', kernel: 'shows the number in statfs' },
  'superblock-reserved': { severity: 'remark', kernel: IGNORES },
  'superblock-label': { severity: 'remark', kernel: 'refuses to mount the image before 6.8' },
  'superblock-algorithms': { severity: 'fault', kernel: REFUSES_MOUNT },
  'superblock-prefixes': { severity: 'fault', kernel: REFUSES_MOUNT },
  'superblock-special-inode': { severity: 'fault', kernel: REFUSES_MOUNT },
  'trailing-bytes': { severity: 'remark', kernel: IGNORES },
  'device-table': { severity: 'fault', kernel: REFUSES_MOUNT },
  'device-range': {
    severity: 'fault',
    kernel: 'reads what is there from the first device in the table',
  },
  'device-cut-off': { severity: 'fault', kernel: FILE_UNREADABLE },
  'device-missing': { severity: 'remark', kernel: 'needs the device to read what is on it' },
  'root-type': { severity: 'fault', kernel: REFUSES_MOUNT },
  'inode-cut-off': { severity: 'fault', kernel: INODE_UNREADABLE },
  'inode-format': { severity: 'fault', kernel: INODE_UNREADABLE },
  'inode-layout': { severity: 'fault', kernel: INODE_UNREADABLE },
  'inode-type': { severity: 'fault', kernel: INODE_UNREADABLE },
  'inode-size': { severity: 'fault', kernel: INODE_UNREADABLE },
  'inode-time': { severity: 'fault', kernel: 'shows a time that makes no sense' },
  'inode-owner': { severity: 'remark', kernel: 'shows the overflow id' },
  'inode-reserved': { severity: 'remark', kernel: IGNORES },
  'inode-special': { severity: 'remark', kernel: IGNORES },
  'link-count': { severity: 'fault', kernel: 'shows the stored count' },
  'metadata-overlap': { severity: 'fault', kernel: IGNORES },
  'metadata-unbounded': { severity: 'fault', kernel: IGNORES },
  'directory-content': { severity: 'fault', kernel: DIRECTORY_UNREADABLE },
  'directory-block': { severity: 'fault', kernel: DIRECTORY_UNREADABLE },
  'directory-order': { severity: 'fault', kernel: LOOKUP_MISSES },
  'directory-duplicate': {
    severity: 'fault',
    kernel: 'lists the name twice and finds one of them',
  },
  'directory-dots': { severity: 'fault', kernel: 'shows them as they are stored' },
  'directory-empty': { severity: 'fault', kernel: 'shows a directory without . and ..' },
  'directory-padding': { severity: 'remark', kernel: IGNORES },
  'directory-cycle': { severity: 'fault', kernel: 'fails with ELOOP when the name is looked up' },
  'directory-parents': {
    severity: 'fault',
    kernel: 'moves the directory to where it was seen last',
  },
  'entry-name': { severity: 'fault', kernel: DIRECTORY_UNREADABLE },
  'entry-name-offset': { severity: 'fault', kernel: DIRECTORY_UNREADABLE },
  'entry-inode': { severity: 'fault', kernel: 'lists the name and fails when it is looked up' },
  'entry-type': { severity: 'fault', kernel: 'lists the name with the wrong type' },
  'entry-reserved': { severity: 'remark', kernel: IGNORES },
  'link-target': { severity: 'fault', kernel: 'cuts the target short or fails to follow it' },
  'content-outside': { severity: 'fault', kernel: FILE_UNREADABLE },
  'content-cut-off': { severity: 'fault', kernel: FILE_UNREADABLE },
  'content-over-metadata': { severity: 'fault', kernel: 'reads metadata as content' },
  'content-overlap': { severity: 'fault', kernel: 'reads the same bytes for both' },
  'inline-tail': { severity: 'fault', kernel: FILE_UNREADABLE },
  'chunk-format': { severity: 'fault', kernel: INODE_UNREADABLE },
  'chunk-map': { severity: 'fault', kernel: FILE_UNREADABLE },
  'chunk-device': { severity: 'fault', kernel: FILE_UNREADABLE },
  metabox: { severity: 'fault', kernel: 'fails when inodes in the metadata zone are read' },
  'map-header': { severity: 'fault', kernel: FILE_UNREADABLE },
  'map-feature': { severity: 'fault', kernel: FILE_UNREADABLE },
  'map-reserved': { severity: 'remark', kernel: IGNORES },
  'map-index': { severity: 'fault', kernel: FILE_UNREADABLE },
  'map-distance': {
    severity: 'fault',
    kernel: 'finds the wrong extent when the file is read from its middle',
  },
  'map-extent': { severity: 'fault', kernel: FILE_UNREADABLE },
  'map-fragment': { severity: 'fault', kernel: FILE_UNREADABLE },
  'content-encoding': { severity: 'fault', kernel: FILE_UNREADABLE },
  'content-unbounded': { severity: 'fault' },
  'chunk-device-bits': { severity: 'remark', kernel: 'takes the low bits' },
  'xattr-body': { severity: 'fault', kernel: XATTR_FAILS },
  'xattr-shared': { severity: 'fault', kernel: XATTR_FAILS },
  'xattr-entry': { severity: 'fault', kernel: XATTR_FAILS },
  'xattr-prefix': { severity: 'fault', kernel: XATTR_HIDDEN },
  'xattr-invisible': { severity: 'remark', kernel: XATTR_HIDDEN },
  'xattr-name': { severity: 'fault', kernel: 'shows a name that cannot be read' },
  'xattr-duplicate': { severity: 'fault', kernel: 'lists the name twice and reads the first' },
  'xattr-filter': { severity: 'fault', kernel: 'lists the attribute and fails to read it' },
  'xattr-acl': { severity: 'fault', kernel: 'fails when permissions are checked' },
  'xattr-reserved': { severity: 'remark', kernel: IGNORES },
} as const satisfies Record<string, FaultKind>;

/** The stable name of a fault. */
export type FaultName = keyof typeof FAULT_TABLE;

export const FAULTS: Readonly<Record<FaultName, FaultKind>> = FAULT_TABLE;

/** All names, in the order of the table. */
export const FAULT_NAMES = Object.keys(FAULT_TABLE) as readonly FaultName[];
