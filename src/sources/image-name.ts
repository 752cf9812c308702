/** Names of images in archives and layouts, written in full or as people do. */

import { formatReference, parseReference } from '../oci/reference.ts';

/** Whether both mean one image: `app:1` is `docker.io/library/app:1`. */
export function sameName(name: string, wanted: string): boolean {
  return name === wanted || fullName(name) === (fullName(wanted) ?? wanted);
}

/** The tag of a name, or `undefined` where it is none. */
export function tagOf(name: string): string | undefined {
  try {
    return parseReference(name).tag;
  } catch {
    return undefined;
  }
}

function fullName(name: string): string | undefined {
  try {
    return formatReference(parseReference(name));
  } catch {
    return undefined;
  }
}
