/** Makes tar archives (POSIX.1-2017 pax, `ustar` headers): enough for the layers of the sample image. */

const BLOCK = 512;
const TYPEFLAG = { file: '0', hardlink: '1', symlink: '2', char: '3', directory: '5' };

/** An archive of `{ path, type, mode, uid, gid, mtime, body, link, device, xattrs }`. */
export function makeTar(entries) {
  return Buffer.concat([...entries.map(makeEntry), Buffer.alloc(2 * BLOCK)]);
}

function makeEntry(entry) {
  const { type = 'file', body = '', xattrs = {} } = entry;
  const bytes = type === 'file' ? Buffer.from(body) : Buffer.alloc(0);
  const records = Object.entries(xattrs).map(([name, value]) => record(name, value));
  const pax = Buffer.concat(records);
  const extension =
    pax.length === 0
      ? []
      : [header({ path: `PaxHeaders/${entry.path}`, mode: 0o644 }, 'x', pax.length), padded(pax)];
  return Buffer.concat([...extension, header(entry, TYPEFLAG[type], bytes.length), padded(bytes)]);
}

/** `length key=value\n`, where the length counts itself. */
function record(name, value) {
  const rest = Buffer.concat([
    Buffer.from(` SCHILY.xattr.${name}=`),
    Buffer.from(value),
    Buffer.from('\n'),
  ]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) {
    length = String(length).length + rest.length;
  }
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function header(entry, typeflag, size) {
  const { path, mode = 0o644, uid = 0, gid = 0, mtime = 0, link = '', device = [0, 0] } = entry;
  const block = Buffer.alloc(BLOCK);
  const number = (value, offset, length) => {
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, 'latin1');
  };
  block.write(path, 0, 100, 'utf8');
  number(mode, 100, 8);
  number(uid, 108, 8);
  number(gid, 116, 8);
  number(size, 124, 12);
  number(mtime, 136, 12);
  block.write(typeflag, 156, 'latin1');
  block.write(link, 157, 100, 'utf8');
  block.write('ustar\x0000', 257, 'latin1');
  number(device[0], 329, 8);
  number(device[1], 337, 8);
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function padded(bytes) {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & (BLOCK - 1))]);
}
