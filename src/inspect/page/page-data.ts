/** What the page's script gets. */

/** A rectangle of the page. Short keys: there are thousands of them. */
export interface PageNode {
  /** Name; of what has no name of its own, empty. */
  readonly n: string;
  /** Bytes in the image, with all below. */
  readonly s: number;
  /** Bytes of content, with all below. */
  readonly z: number;
  /** Of a file: the end of its name. */
  readonly k?: string;
  /** Of smaller things put together: how many names they are. */
  readonly m?: number;
  /** Of a directory: what is in it, and how many names are below it. */
  readonly c?: readonly PageNode[];
  readonly e?: number;
}

export interface PageData {
  /** The topmost directory. */
  readonly tree: PageNode;
  /** Kinds of files that have a colour, in the order of the colours. */
  readonly kinds: readonly string[];
}
