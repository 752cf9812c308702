/** A sample image of three layers, and what has to be in the file system that it makes. */

import { createHash } from 'node:crypto';
import { gzipSync } from 'fflate';
import { makeTar } from './tar.mjs';

const CREATED = '2024-01-02T03:04:05Z';
const MTIME = Date.parse(CREATED) / 1000;
/** Every architecture gets the same layers: there is no program in them. */
const ARCHITECTURES = ['386', 'amd64', 'arm', 'arm64', 'loong64', 'ppc64le', 'riscv64', 's390x'];

/** Bytes that do not compress away, the same in every run. */
const DATA = Buffer.concat(
  Array.from({ length: 16384 }, (_, index) => createHash('sha256').update(`${index}`).digest()),
);
/** `struct vfs_cap_data`, revision 2, effective: cap_net_raw is permitted (linux/capability.h). */
const CAP_NET_RAW = Buffer.from('0100000200200000000000000000000000000000', 'hex');

const directory = (path, mode = 0o755) => ({ path, type: 'directory', mode });
const LAYERS = [
  {
    name: 'a base',
    entries: [
      directory('etc/'),
      { path: 'etc/motd', body: 'The base layer says hello.\n' },
      { path: 'etc/hostname', body: 'builder\n' },
      directory('usr/'),
      directory('usr/bin/'),
      { path: 'usr/bin/hello', mode: 0o755, body: '#!/bin/sh\ncat /etc/motd\n' },
      { path: 'bin', type: 'symlink', mode: 0o777, link: 'usr/bin' },
      directory('tmp/', 0o1777),
      directory('var/'),
      directory('var/cache/'),
      { path: 'var/cache/stale', body: 'nobody needs this\n' },
      directory('srv/'),
      { path: 'srv/data', uid: 1000, gid: 1000, body: DATA },
    ],
  },
  {
    name: 'changes: a whiteout, an opaque directory, a hard link to a file of the base',
    entries: [
      { path: 'etc/.wh.hostname' },
      directory('var/cache/'),
      { path: 'var/cache/.wh..wh..opq' },
      { path: 'var/cache/fresh', body: 'made for this layer\n' },
      { path: 'usr/bin/greet', type: 'hardlink', link: 'usr/bin/hello' },
    ],
  },
  {
    name: 'a new motd, a device, extended attributes, a copy of a large file',
    entries: [
      { path: 'etc/motd', body: 'The top layer says hello.\n' },
      directory('dev/'),
      { path: 'dev/null', type: 'char', mode: 0o666, device: [1, 3] },
      {
        path: 'usr/bin/ping',
        mode: 0o755,
        body: '#!/bin/sh\necho pong\n',
        xattrs: { 'security.capability': CAP_NET_RAW, 'user.origin': 'demo' },
      },
      { path: 'srv/copy', uid: 1000, gid: 1000, body: DATA },
    ],
  },
];

/** The tree that the layers make together; the paths of one inode stand together. */
export const EXPECTED = [
  'drwxr-xr-x 0:0 /',
  'lrwxrwxrwx 0:0 /bin -> usr/bin',
  'drwxr-xr-x 0:0 /dev',
  'crw-rw-rw- 0:0 /dev/null 1,3',
  'drwxr-xr-x 0:0 /etc',
  '-rw-r--r-- 0:0 /etc/motd 26 bytes',
  'drwxr-xr-x 0:0 /srv',
  `-rw-r--r-- 1000:1000 /srv/copy ${DATA.length} bytes`,
  `-rw-r--r-- 1000:1000 /srv/data ${DATA.length} bytes`,
  'drwxrwxrwt 0:0 /tmp',
  'drwxr-xr-x 0:0 /usr',
  'drwxr-xr-x 0:0 /usr/bin',
  '-rwxr-xr-x 0:0 /usr/bin/greet 24 bytes, 2 links',
  '-rwxr-xr-x 0:0 /usr/bin/hello 24 bytes, 2 links',
  '-rwxr-xr-x 0:0 /usr/bin/ping 20 bytes [security.capability user.origin]',
  'drwxr-xr-x 0:0 /var',
  'drwxr-xr-x 0:0 /var/cache',
  '-rw-r--r-- 0:0 /var/cache/fresh 20 bytes',
];

/** Content of some of the files. */
export const EXPECTED_CONTENT = new Map([
  ['/etc/motd', Buffer.from('The top layer says hello.\n')],
  ['/usr/bin/greet', Buffer.from('#!/bin/sh\ncat /etc/motd\n')],
  ['/srv/data', DATA],
  ['/srv/copy', DATA],
]);

/** What a registry holds for the image: `{ blobs, manifests, root, layers }`, keyed by digest. */
export function makeSample() {
  const blobs = new Map();
  const manifests = new Map();
  const put = (store, mediaType, bytes) => {
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    store.set(digest, { mediaType, bytes });
    return { mediaType, digest, size: bytes.length };
  };
  const json = (value) => Buffer.from(JSON.stringify(value));
  const tars = LAYERS.map(({ entries }) =>
    makeTar(entries.map((entry) => ({ mtime: MTIME, ...entry }))),
  );
  const layers = tars.map((tar) =>
    put(blobs, 'application/vnd.oci.image.layer.v1.tar+gzip', gzipSync(tar, { mtime: 0 })),
  );
  const diffIds = tars.map((tar) => `sha256:${createHash('sha256').update(tar).digest('hex')}`);
  const index = ARCHITECTURES.map((architecture) => {
    const platform = { architecture, os: 'linux' };
    const config = put(
      blobs,
      'application/vnd.oci.image.config.v1+json',
      json({ created: CREATED, ...platform, rootfs: { type: 'layers', diff_ids: diffIds } }),
    );
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    const manifest = json({ schemaVersion: 2, mediaType, config, layers });
    return { ...put(manifests, mediaType, manifest), platform };
  });
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const root = put(manifests, mediaType, json({ schemaVersion: 2, mediaType, manifests: index }));
  const described = layers.map((layer, number) => ({ ...layer, name: LAYERS[number].name }));
  return { blobs, manifests, root: root.digest, layers: described };
}
