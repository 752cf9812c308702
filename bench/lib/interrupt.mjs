/** What has to be undone where the benchmark is interrupted: files of gigabytes, mounts, processes of their own. */

/** @type {Set<() => void>} */
const pending = new Set();

/**
 * Undoes something should SIGINT or SIGTERM come; the returned function says that it is done with.
 * @param {() => void} undo without waiting for anything
 * @returns {() => void}
 */
export function onInterrupt(undo) {
  pending.add(undo);
  return () => pending.delete(undo);
}

for (const [signal, code] of /** @type {const} */ ([
  ['SIGINT', 130],
  ['SIGTERM', 143],
])) {
  process.once(signal, () => {
    // The latest first: a mount before its file.
    for (const undo of [...pending].reverse()) {
      try {
        undo();
      } catch {
        // One failure does not keep the rest.
      }
    }
    process.exit(code);
  });
}
