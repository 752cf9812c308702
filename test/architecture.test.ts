/** The shape of `src/`, enforced: floors, no cycles, pure folders, and functions and files that can be read. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { blank, codeBlocks, importsOf } from './support/source-scan.ts';

const SOURCE = fileURLToPath(new URL('../src', import.meta.url));

/** A file imports from its own folder or from a lower floor. */
const FLOOR_OF_FOLDER: Readonly<Record<string, number>> = {
  erofs: 1,
  tree: 1,
  tar: 1,
  oci: 1,
  sources: 2,
  plan: 2,
  kernels: 2,
  pool: 3,
  commit: 3,
  image: 3,
  inspect: 4,
  extract: 4,
  check: 4,
  verify: 4,
  build: 5,
  cli: 7,
};
/** Files outside a folder; the entry point is between what it exports and the command that uses it. */
const FLOOR_OF_FILE: Readonly<Record<string, number>> = {
  'errors.ts': 0,
  'bytes.ts': 0,
  'limits.ts': 0,
  'posix.ts': 0,
  'steering.ts': 0,
  'index.ts': 6,
};
/** Folders that another one has no part in: a proof by the builder's own means would prove nothing. */
const APART: Readonly<Record<string, readonly string[]>> = { verify: ['tree', 'plan', 'commit'] };
const PURE_FLOOR = 1;
/** No input or output, no clock and no timers where bytes turn into other bytes. */
const IMPURE =
  /\b(process|performance|crypto)\s*\.|\bDate\.now\b|\bnew Date\(\s*\)|\b(setTimeout|setInterval|setImmediate|queueMicrotask|fetch)\s*\(/;
const MAX_FUNCTION_LINES = 75;
const MAX_FILE_LINES = 400;

/** Sources by path relative to `src/`, with `/` between folders. */
type Sources = ReadonlyMap<string, string>;

function readSources(): Sources {
  const entries = readdirSync(SOURCE, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.ts'));
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [relative(SOURCE, path).split('\\').join('/'), readFileSync(path, 'utf8')];
    }),
  );
}

function topFolder(path: string): string {
  return path.slice(0, Math.max(0, path.indexOf('/')));
}

function floorOf(path: string): number | undefined {
  return path.includes('/') ? FLOOR_OF_FOLDER[topFolder(path)] : FLOOR_OF_FILE[path];
}

/** The source file that a relative import means, whichever extension it is spelled with. */
function targetOf(path: string, specifier: string): string {
  return posix.join(dirname(path), specifier).replace(/\.js$/, '.ts');
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith('.');
}

function floorErrors(sources: Sources): string[] {
  const errors: string[] = [];
  for (const [path, source] of sources) {
    const floor = floorOf(path);
    if (floor === undefined) errors.push(`${path}: in no known floor`);
    for (const { specifier, line } of importsOf(source)) {
      if (!isRelative(specifier)) continue;
      const target = targetOf(path, specifier);
      const sameFolder = path.includes('/') && topFolder(target) === topFolder(path);
      // All that fails, on the lowest floor too, fails with the one class of errors.
      const isError = target === 'errors.ts' && path !== target;
      const below = (floorOf(target) ?? Infinity) < (floor ?? -1);
      const apart = APART[topFolder(path)]?.includes(topFolder(target)) === true;
      const allowed = (sameFolder || isError || below) && !apart;
      if (!allowed) errors.push(`${path}:${line}: imports ${target}, which is not below it`);
    }
  }
  return errors;
}

function purityErrors(sources: Sources): string[] {
  const errors: string[] = [];
  for (const [path, source] of sources) {
    if ((floorOf(path) ?? Infinity) > PURE_FLOOR) continue;
    for (const { specifier, line } of importsOf(source)) {
      if (!isRelative(specifier)) errors.push(`${path}:${line}: imports ${specifier}`);
    }
    const lines = blank(source).split('\n');
    lines.forEach((text, index) => {
      const found = IMPURE.exec(text);
      if (found !== null) errors.push(`${path}:${index + 1}: uses ${found[0]}`);
    });
  }
  return errors;
}

function missingTargets(sources: Sources): string[] {
  return [...sources].flatMap(([path, source]) =>
    importsOf(source)
      .filter(({ specifier }) => isRelative(specifier) && specifier.endsWith('.ts'))
      .filter(({ specifier }) => !sources.has(targetOf(path, specifier)))
      .map(({ specifier, line }) => `${path}:${line}: no such file: ${specifier}`),
  );
}

/** One import cycle as a list of files, or nothing. Depth first; a file on the current path closes a cycle. */
function findCycle(sources: Sources): string[] {
  const finished = new Set<string>();
  const onPath: string[] = [];
  const visit = (path: string): string[] => {
    if (onPath.includes(path)) return [...onPath.slice(onPath.indexOf(path)), path];
    if (finished.has(path)) return [];
    onPath.push(path);
    for (const { specifier } of importsOf(sources.get(path) ?? '')) {
      const cycle = isRelative(specifier) ? visit(targetOf(path, specifier)) : [];
      if (cycle.length > 0) return cycle;
    }
    onPath.pop();
    finished.add(path);
    return [];
  };
  for (const path of sources.keys()) {
    const cycle = visit(path);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

function lengthErrors(sources: Sources): string[] {
  return [...sources].flatMap(([path, source]) => {
    const lines = source.trimEnd().split('\n').length;
    const long = codeBlocks(source)
      .filter((block) => block.lines > MAX_FUNCTION_LINES)
      .map((block) => `${path}:${block.line}: a function of ${block.lines} lines`);
    return lines > MAX_FILE_LINES ? [...long, `${path}: ${lines} lines`] : long;
  });
}

describe('the sources', () => {
  const sources = readSources();

  it('are found', () => {
    expect(sources.has('errors.ts')).toBe(true);
    const imports = [...sources.values()].reduce((sum, text) => sum + importsOf(text).length, 0);
    expect(imports).toBeGreaterThan(sources.size / 2);
    expect(missingTargets(sources)).toEqual([]);
  });

  it('import from their own folder or from a lower floor', () => {
    expect(floorErrors(sources)).toEqual([]);
  });

  it('have no import cycle', () => {
    expect(findCycle(sources)).toEqual([]);
  });

  it('are pure on the lower floors', () => {
    expect(purityErrors(sources)).toEqual([]);
  });

  it('keep functions and files short', () => {
    expect(lengthErrors(sources)).toEqual([]);
  });
});

describe('the rules themselves', () => {
  const check = (path: string, source: string) => new Map([[path, source]]);

  it.each([
    ['a higher floor', 'tar/a.ts', "import { b } from '../build/b.ts';"],
    ['a folder beside it', 'tar/a.ts', "import type { B } from '../oci/b.ts';"],
    ['a re-export', 'tar/a.ts', "export * from '../plan/b.ts';"],
    ['an import for its effect', 'erofs/a.ts', "import '../cli/b.ts';"],
    ['a dynamic import', 'plan/a.ts', "const b = await import('../pool/b.ts');"],
    ['a template import', 'plan/a.ts', 'const b = await import(`../pool/b.ts`);'],
    ['an import over several lines', 'plan/a.ts', "import {\n  b,\n  c,\n} from\n '../pool/b.ts';"],
    ['what a proof must do without', 'verify/a.ts', "import { b } from '../tree/b.ts';"],
    ['an unknown folder', 'misc/a.ts', ''],
    ['an unknown file', 'helpers.ts', ''],
    ['the entry point from below', 'build/a.ts', "import { build } from '../index.ts';"],
  ])('refuse %s', (_, path, source) => {
    expect(floorErrors(check(path, source))).toHaveLength(1);
  });

  it.each([
    ['its own folder', 'tar/a.ts', "import { b } from './b.ts';"],
    ['a folder inside its own', 'sources/a/b.ts', "import { c } from '../c.ts';"],
    ['a lower floor', 'plan/a.ts', "import { b } from '../erofs/b.ts';"],
    ['the errors', 'tar/a.ts', "import { b } from '../errors.ts';"],
    ['the errors from the lowest floor', 'limits.ts', "import { b } from './errors.ts';"],
    ['words in a comment', 'tar/a.ts', "// import { b } from '../build/b.ts';"],
    ['words in a string', 'tar/a.ts', 'const a = "\\nimport { b } from \'../build/b.ts\';";'],
    ['words in a template', 'tar/a.ts', `const a = \`\nimport '../build/b.ts';\${1}\n\`;`],
    ['words in a regular expression', 'tar/a.ts', "const a = /import '..\\/build/;"],
  ])('allow %s', (_, path, source) => {
    expect(floorErrors(check(path, source))).toEqual([]);
  });

  it.each([
    "import { readFile } from 'node:fs';",
    "import fs from 'fs';",
    "import { v5 } from 'uuid';",
    'const now = Date.now();',
    'const now = new Date();',
    'const cwd = process.cwd();',
    `const a = \`\${process.pid}\`;`,
  ])('call %s impure', (source) => {
    expect(purityErrors(check('tar/a.ts', source))).toHaveLength(1);
    expect(purityErrors(check('pool/a.ts', source))).toEqual([]);
  });

  it('see a cycle', () => {
    const files = [
      ['tar/a.ts', "import './b.ts';"],
      ['tar/b.ts', "export { c } from './c.ts';"],
      ['tar/c.ts', "import type { A } from './a.ts';"],
    ] as const;
    expect(findCycle(new Map(files))).toEqual(['tar/a.ts', 'tar/b.ts', 'tar/c.ts', 'tar/a.ts']);
    expect(findCycle(new Map(files.slice(0, 2)))).toEqual([]);
  });

  const body = (lines: number) => `  call({ a: /[{]/, b: \`{\${"}"}\` });\n`.repeat(lines - 2);
  it.each([
    ['a function', (lines: number) => `function f(a: { b: number }): void {\n${body(lines)}}`],
    ['a typed result', (lines: number) => `function f(): { a: number } {\n${body(lines)}}`],
    ['an arrow', (lines: number) => `const f = async () => {\n${body(lines)}};`],
    ['an arrow argument', (lines: number) => `it('', () => {\n${body(lines)}});`],
    ['a method', (lines: number) => `class A { static async *m() {\n${body(lines)}} }`],
    ['an accessor', (lines: number) => `class A { get m() {\n${body(lines)}} }`],
    ['a long header', (lines: number) => `function f(\n  a: B,\n): void {\n${body(lines - 2)}}`],
  ])('measure %s', (_, make) => {
    expect(lengthErrors(check('tar/a.ts', make(MAX_FUNCTION_LINES)))).toEqual([]);
    expect(lengthErrors(check('tar/a.ts', make(MAX_FUNCTION_LINES + 1)))).toHaveLength(1);
  });

  it.each([
    ['a class', `class A<T> extends B implements C {\n${'  m() {}\n'.repeat(100)}}`],
    ['an interface', `interface A {\n${'  a: { b: number };\n'.repeat(100)}}`],
    ['a table', `const A = {\n${'  a: 1,\n'.repeat(100)}};`],
    ['a typed table', `const A: Record<string, number> = {\n${'  a: 1,\n'.repeat(100)}};`],
    ['a type', `type A = {\n${'  a: 1,\n'.repeat(100)}};`],
  ])('do not count %s', (_, source) => {
    expect(lengthErrors(check('tar/a.ts', source))).toEqual([]);
  });

  it('measure a file', () => {
    const lines = (count: number) => check('tar/a.ts', 'call();\n'.repeat(count));
    expect(lengthErrors(lines(MAX_FILE_LINES))).toEqual([]);
    expect(lengthErrors(lines(MAX_FILE_LINES + 1))).toHaveLength(1);
  });
});
