/** The part of the WebAssembly interface that the kernels use; Node's own types leave it to those of browsers. */

declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
    static exports(module: Module): { name: string; kind: string }[];
    static imports(module: Module): { module: string; name: string; kind: string }[];
  }

  class Instance {
    constructor(
      module: Module,
      imports: Readonly<Record<string, Readonly<Record<string, Memory>>>>,
    );
    readonly exports: Record<string, unknown>;
  }

  class Memory {
    constructor(kind: { initial: number; maximum: number; shared: true });
    /** Of shared memory, a `SharedArrayBuffer`. */
    readonly buffer: ArrayBufferLike;
    grow(pages: number): number;
  }

  class Global {
    readonly value: number;
  }

  class CompileError extends Error {}
}
