/** Copies images between registries, layouts and archives with skopeo. */

import { run } from './tools.ts';

/** Copies `from` to `to` (transport names as skopeo spells them), over plain http where a registry is meant. */
export async function copyImage(
  from: string,
  to: string,
  options: readonly string[] = [],
): Promise<void> {
  // A machine without containers-common has no trust policy, and there is nothing here to distrust.
  const quiet = ['--insecure-policy', 'copy', '--quiet'];
  const plain = [
    ...(from.startsWith('docker://') ? ['--src-tls-verify=false'] : []),
    ...(to.startsWith('docker://') ? ['--dest-tls-verify=false'] : []),
  ];
  await run('skopeo', [...quiet, ...plain, ...options, from, to]);
}
