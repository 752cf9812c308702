/** Where an extraction ends up: it is made in a private folder, and moved to its place when it is complete. */

export interface OutputPlace {
  /** Leads to a folder that nobody else can enter; the topmost name is made in it as `TOP_NAME`. */
  readonly folder: string;
  /** Leads to a folder that was there and is filled, if so. That is the topmost one once {@link appear} is done. */
  readonly existing: string | undefined;
  /** Moves what was made to its place. Throws `E_OUTPUT`. */
  appear(): void;
  /** Leaves nothing of what was made. */
  discard(): void;
  /** To be called in the end, whatever became of it. */
  close(): void;
}
