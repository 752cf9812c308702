/**
 * The markers of one layer as overlayfs has them: a character device 0:0 for a deleted name, and directories that hide
 * what is below them (Linux Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories").
 */

import { ModelFile, type Names, UNSTATED, WHITEOUT } from './file.ts';
import { refused } from './refusal.ts';

/** Puts them into the layer's own tree; the paths are where markers lead. Throws `E_WHITEOUT` for an opaque root. */
export function keepWhiteouts(
  root: ModelFile,
  whiteouts: readonly Names[],
  opaque: readonly Names[],
): void {
  // What is deleted has nothing in it, so that upper names come first.
  for (const path of whiteouts.toSorted((a, b) => a.length - b.length)) {
    const folder = directoryAt(root, path.slice(0, -1));
    const name = path.at(-1)!;
    const file = folder?.child(name);
    if (file?.isDirectory) file.isOpaque = true;
    else if (file === undefined) folder?.put(name, new ModelFile('char', WHITEOUT, root.layer));
  }
  for (const path of opaque) {
    if (path.length === 0) {
      throw refused('E_WHITEOUT', 'the layer hides everything below it', '.wh..wh..opq');
    }
    const directory = directoryAt(root, path);
    if (directory !== undefined) directory.isOpaque = true;
  }
}

/** The directory at a path, made where nothing is; undefined where something else is. */
function directoryAt(root: ModelFile, path: Names): ModelFile | undefined {
  let folder = root;
  for (const name of path) {
    if (folder.child(name) === undefined) {
      folder.put(name, new ModelFile('directory', UNSTATED, root.layer));
    }
    folder = folder.child(name)!;
    if (!folder.isDirectory) return undefined;
  }
  return folder;
}
