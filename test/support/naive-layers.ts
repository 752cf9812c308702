/**
 * A second reading of layers, written to be plainly right and for nothing else: no code of the sources, no shortcut,
 * a path is looked up from the root every time. Layers are applied from the bottom up. Rules: OCI image-spec layer.md.
 */

/**
 * How a symbolic link of a lower layer above an entry is read: `overlay` extracts each layer by itself and lays it
 * over the lower ones, so the link is hidden; `extract` extracts the layer into the lower ones, through the link.
 */
export type Reading = 'overlay' | 'extract';

export type SimpleType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'char' | 'block' | 'fifo';

/** One entry of a layer; text is latin1, one char a byte. */
export interface SimpleEntry {
  readonly path: string;
  readonly type: SimpleType;
  /** Of a symbolic or hard link. */
  readonly target?: string;
  /** Device number, 0 for the device 0:0. */
  readonly device?: number;
  /** Tells this entry from all others; the result says by it whose attributes and content show. */
  readonly id: number;
}

/** Thrown for layers that must be refused. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** A file; two names of one object are hard links. */
interface NaiveFile {
  readonly type: SimpleType;
  /** Undefined for a directory that no entry states. */
  id: number | undefined;
  readonly target?: string;
  /** Of a directory. */
  readonly children: Map<string, NaiveFile>;
  /** Of a hard link: what it turned out to be. */
  meant?: NaiveFile;
}

/** Names of a path from the root. */
type Names = readonly string[];
type Lookup = (path: Names) => NaiveFile | undefined;

/** What a layer's entry is, after its name. */
type Sorted =
  | { readonly kind: 'entry' | 'kept'; readonly path: Names; readonly entry: SimpleEntry }
  | { readonly kind: 'whiteout' | 'opaque'; readonly path: Names };

const MAX_LINKS = 40;
const MAX_NAME = 255;
const KEPT = '.wh..wh.plnk';

/** The tree of the layers, lowest first: `type id` by path, the root at ''. Throws {@link Refused}. */
export function applyNaively(
  reading: Reading,
  layers: readonly (readonly SimpleEntry[])[],
): Map<string, string> {
  const root = newDirectory();
  for (const layer of layers) {
    const sorted = layer.flatMap(sort);
    if (reading === 'overlay') layOver(root, sorted);
    else extractInto(root, sorted);
  }
  return describe(root);
}

function newDirectory(id?: number): NaiveFile {
  return { type: 'directory', id, children: new Map() };
}

function newFile({ type, target, id }: SimpleEntry): NaiveFile {
  return { type, id, children: new Map(), ...(target === undefined ? {} : { target }) };
}

/** A path relative to the root, without `.` and `..`. */
function split(path: string): string[] {
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue;
    if (name.length > MAX_NAME) throw new Refused('a name is too long');
    if (name !== '..') names.push(name);
    else if (names.pop() === undefined) throw new Refused('a path leads out of the root');
  }
  return names;
}

/** Tells markers from entries. Nothing comes of the names that AUFS keeps for itself. */
function sort(entry: SimpleEntry): Sorted[] {
  const path = split(entry.path);
  const reserved = path.findIndex((name) => name.startsWith('.wh.'));
  if (reserved < 0) return sortPlain(entry, path);
  const name = path[reserved]!;
  const isLast = reserved === path.length - 1;
  const folder = path.slice(0, reserved);
  if (isLast && name === '.wh..wh..opq') return [{ kind: 'opaque', path: folder }];
  if (name.startsWith('.wh..wh.')) {
    const isKept = path.length === 2 && reserved === 0 && name === KEPT && entry.type === 'file';
    return isKept ? [{ kind: 'kept', path, entry }] : [];
  }
  if (!isLast) throw new Refused('a whiteout has entries below it');
  const hidden = name.slice('.wh.'.length);
  if (['', '.', '..'].includes(hidden)) throw new Refused('a whiteout names no file');
  return [{ kind: 'whiteout', path: [...folder, hidden] }];
}

function sortPlain(entry: SimpleEntry, path: Names): Sorted[] {
  if (path.length === 0 && entry.type !== 'directory') throw new Refused('the root is a directory');
  if (entry.type === 'hardlink') checkTarget(split(entry.target!));
  const isWhiteout = entry.type === 'char' && entry.device === 0;
  return [isWhiteout ? { kind: 'whiteout', path } : { kind: 'entry', path, entry }];
}

function checkTarget(path: Names): void {
  const isKept = path.length === 2 && path[0] === KEPT;
  if (!isKept && path.some((name) => name.startsWith('.wh.'))) {
    throw new Refused('a hard link points to a whiteout');
  }
}

/** The file at a path, through no link. */
function get(root: NaiveFile, path: Names): NaiveFile | undefined {
  let file: NaiveFile | undefined = root;
  for (const name of path) file = file && real(file).children.get(name);
  return file && real(file);
}

function real(file: NaiveFile): NaiveFile {
  return file.meant === undefined ? file : real(file.meant);
}

/** Where a path leads when every link on it is followed; what is missing counts as a directory. */
function follow(lookup: Lookup, path: Names): string[] | undefined {
  let at: string[] = [];
  let todo: string[] = [...path];
  let links = 0;
  for (let name = todo.shift(); name !== undefined; name = todo.shift()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      at.pop();
      continue;
    }
    if (name.length > MAX_NAME || (links > 0 && name.startsWith('.wh.'))) return undefined;
    const file = lookup([...at, name]);
    if (file?.type === 'symlink') {
      links++;
      if (links > MAX_LINKS) return undefined;
      if (file.target!.startsWith('/')) at = [];
      todo = [...file.target!.split('/'), ...todo];
    } else if (file === undefined || file.type === 'directory') at.push(name);
    else return undefined;
  }
  return at;
}

/** Follows all of a path but its last name. */
function followParent(lookup: Lookup, path: Names): string[] | undefined {
  if (path.length === 0) return [];
  const parent = follow(lookup, path.slice(0, -1));
  return parent && [...parent, path.at(-1)!];
}

function makeDirectories(root: NaiveFile, path: Names): NaiveFile {
  let folder = root;
  for (const name of path) {
    if (!folder.children.has(name)) folder.children.set(name, newDirectory());
    folder = real(folder.children.get(name)!);
  }
  return folder;
}

/** Gives a name to a file; a directory over a directory only changes its attributes. */
function put(root: NaiveFile, path: Names, file: NaiveFile): void {
  const old = get(root, path);
  if (old?.type === 'directory' && file.type === 'directory') old.id = file.id;
  else makeDirectories(root, path.slice(0, -1)).children.set(path.at(-1)!, file);
}

function remove(root: NaiveFile, path: Names): void {
  get(root, path.slice(0, -1))?.children.delete(path.at(-1)!);
}

/** A hard link whose target its layer does not have. */
type OpenLink = readonly [link: NaiveFile, target: Names];

/** Extracts entries in their order, and gives hard links the targets that the layer itself has. Returns the others. */
function extractEntries(root: NaiveFile, layer: readonly Sorted[]): OpenLink[] {
  const own = new Set<NaiveFile>();
  const bindOwn = ([link, target]: OpenLink) => {
    const found = find(root, target);
    if (found === undefined || !own.has(found)) return false;
    if (found === link) throw new Refused('a hard link to itself');
    link.meant = linkable(found);
    return true;
  };
  const open: OpenLink[] = [];
  for (const item of layer) {
    if (item.kind !== 'entry' && item.kind !== 'kept') continue;
    const { entry } = item;
    const path = followParent((names) => get(root, names), item.path);
    if (path === undefined) throw new Refused('a parent of an entry is no directory');
    const file = entry.type === 'directory' ? newDirectory(entry.id) : newFile(entry);
    if (entry.type === 'hardlink') {
      const target = split(entry.target!);
      const end = followParent((names) => get(root, names), target);
      if (end?.join('/') === path.join('/')) throw new Refused('a hard link to itself');
      if (!bindOwn([file, target])) open.push([file, target]);
    }
    put(root, path, file);
    own.add(file);
    own.add(get(root, path)!);
  }
  return open.filter((link) => !bindOwn(link));
}

/** The file that a path leads to, its last name not followed. */
function find(root: NaiveFile, path: Names): NaiveFile | undefined {
  const names = followParent((at) => get(root, at), path);
  return names && get(root, names);
}

function bind([link, target]: OpenLink, found: NaiveFile | undefined): void {
  if (found === undefined) throw new Refused(`a hard link to nothing: ${target.join('/')}`);
  link.meant = linkable(found);
}

function linkable(file: NaiveFile): NaiveFile {
  if (real(file).type === 'directory') throw new Refused('a hard link to a directory');
  return real(file);
}

/** The layer by itself, in an empty root; then its markers and its files onto the lower ones. */
function layOver(root: NaiveFile, layer: readonly Sorted[]): void {
  const upper = newDirectory();
  const open = extractEntries(upper, layer);
  upper.children.delete(KEPT);
  const found = open.map(([, target]) => find(root, target));
  applyMarkers(root, layer, (names) => get(upper, names));
  for (const [i, link] of open.entries()) bind(link, found[i]);
  mount(root, upper);
}

function mount(lower: NaiveFile, upper: NaiveFile): void {
  if (upper.id !== undefined) lower.id = upper.id;
  for (const [name, file] of upper.children) {
    const old = lower.children.get(name);
    if (real(file).type !== 'directory') lower.children.set(name, file);
    else {
      const isMerged = old !== undefined && real(old).type === 'directory';
      if (!isMerged) lower.children.set(name, newDirectory());
      mount(lower.children.get(name)!, file);
    }
  }
}

/** Opaque directories first, then whiteouts; where they lead, `lookup` says. */
function applyMarkers(root: NaiveFile, layer: readonly Sorted[], lookup: Lookup): void {
  for (const { kind, path } of layer) {
    const folder = kind === 'opaque' && follow(lookup, path);
    if (folder) get(root, folder)?.children.clear();
  }
  for (const { kind, path } of layer) {
    const file = kind === 'whiteout' && followParent(lookup, path);
    if (file) remove(root, file);
  }
}

/** The layer into the lower ones: what its links mean there, its markers, its entries. */
function extractInto(root: NaiveFile, layer: readonly Sorted[]): void {
  const lower = new Map<string, NaiveFile>();
  const own = new Map<string, NaiveFile>();
  for (const item of layer) {
    if (item.kind !== 'entry') continue;
    own.set(item.path.join('/'), newFile(item.entry));
    if (item.entry.type !== 'hardlink') continue;
    const target = split(item.entry.target!);
    const file = find(root, target);
    if (file) lower.set(target.join('/'), file);
  }
  applyMarkers(root, layer, (path) => own.get(path.join('/')) ?? get(root, path));
  const open = extractEntries(root, layer);
  for (const link of open) bind(link, lower.get(link[1].join('/')) ?? find(root, link[1]));
  root.children.delete(KEPT);
}

function describe(root: NaiveFile): Map<string, string> {
  const result = new Map<string, string>();
  const visit = (path: string, file: NaiveFile) => {
    const { type, id, children } = real(file);
    result.set(path, `${type} ${id ?? '?'}`);
    for (const [name, child] of children) visit(path === '' ? name : `${path}/${name}`, child);
  };
  visit('', root);
  return result;
}
