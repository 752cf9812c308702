/** The renderers on a recorded build. */

import { describe, expect, it } from 'vitest';
import { BuildState } from '../../src/cli/progress/build-state.ts';
import { automaticMode, chooseProgress } from '../../src/cli/progress/choose.ts';
import { FramePainter } from '../../src/cli/progress/frame.ts';
import { jsonProgress } from '../../src/cli/progress/json.ts';
import { plainProgress } from '../../src/cli/progress/plain.ts';
import { RateMeter } from '../../src/cli/progress/rate-meter.ts';
import { noProgress } from '../../src/cli/progress/renderer.ts';
import { terminalProgress } from '../../src/cli/progress/terminal.ts';
import type { BuildEvent } from '../../src/index.ts';
import { Memory } from './run-command.ts';

const MIB = 1024 * 1024;
const digest = (digit: string) => `sha256:${digit.repeat(64)}`;

const FOUND: BuildEvent[] = [
  { type: 'phase', phase: 'resolve' },
  {
    type: 'source',
    reference: 'docker.io/library/nginx:1.27',
    digest: digest('f'),
    platform: 'linux/amd64',
    layers: [
      { digest: digest('a'), size: 20 * MIB },
      { digest: digest('b'), size: 8 * MIB },
      { digest: digest('c'), size: 4 * MIB },
    ],
  },
  { type: 'phase', phase: 'read' },
];
const HALF: BuildEvent[] = [
  { type: 'layer-progress', layer: 2, bytes: 4 * MIB },
  { type: 'layer-progress', layer: 1, bytes: 4 * MIB },
];
const REST: BuildEvent[] = [
  {
    type: 'layer-done',
    layer: 2,
    bytes: 4 * MIB,
    unpackedBytes: 9 * MIB,
    entries: 1,
    diffId: digest('2'),
  },
  { type: 'warning', code: 'tar', message: 'layer 1: odd name \u001b[31m' },
  { type: 'retry', host: 'a.b', message: 'a.b: reset\u0007', attempt: 2, waitMs: 1234 },
  { type: 'layer-progress', layer: 1, bytes: 8 * MIB },
  {
    type: 'layer-done',
    layer: 1,
    bytes: 8 * MIB,
    unpackedBytes: 20 * MIB,
    entries: 34,
    diffId: digest('1'),
  },
  {
    type: 'layer-done',
    layer: 0,
    bytes: 20 * MIB,
    unpackedBytes: 50 * MIB,
    entries: 3321,
    diffId: digest('0'),
  },
  { type: 'phase', phase: 'plan' },
  { type: 'phase', phase: 'encode' },
  { type: 'phase', phase: 'commit' },
];

function stateAfter(events: readonly BuildEvent[]): BuildState {
  const state = new BuildState();
  for (const event of events) state.apply(event);
  return state;
}

function rendered(
  renderer: (write: (text: string) => void) => { event(event: BuildEvent): void },
): string {
  let text = '';
  const progress = renderer((part) => {
    text += part;
  });
  for (const event of [...FOUND, ...HALF, ...REST]) progress.event(event);
  return text;
}

describe('plain progress', () => {
  it('is a line a step and a line a layer', () => {
    expect(rendered(plainProgress)).toBe(`finding the image
docker.io/library/nginx:1.27, linux/amd64: 3 layers, 32 MiB
reading layers
layer 2 ${digest('c')}: 4 MiB, unpacked 9 MiB, 1 entry
erofs-wasm: warning: layer 1: odd name \\x1b[31m [tar]
trying a.b again in 1.2 s, after 2 failures: a.b: reset\\x07
layer 1 ${digest('b')}: 8 MiB, unpacked 20 MiB, 34 entries
layer 0 ${digest('a')}: 20 MiB, unpacked 50 MiB, 3321 entries
planning the image
writing metadata
finishing the image
`);
  });
});

describe('JSON progress', () => {
  it('is every event on a line of its own', () => {
    let time = 0;
    const tick = () => {
      time += 1000;
      return time;
    };
    const lines = rendered((write) => jsonProgress(write, tick))
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([...FOUND, ...HALF, ...REST]);
  });

  it('tells of the bytes of a layer ten times a second at most', () => {
    let time = 0;
    let lines = 0;
    const count = () => {
      lines += 1;
    };
    const progress = jsonProgress(count, () => time);
    for (; time < 1000; time += 1) {
      progress.event({ type: 'layer-progress', layer: time % 2, bytes: time });
    }
    expect(lines).toBe(20);
  });
});

describe('a frame', () => {
  const paint = (events: readonly BuildEvent[], columns: number, rows = 24) =>
    new FramePainter().paint(stateAfter(events), { columns, rows }, 0);

  it('shows each layer at 80 columns', () => {
    expect(paint([...FOUND, ...HALF], 80)).toBe(
      `docker.io/library/nginx:1.27, linux/amd64: 3 layers, 32 MiB
0 aaaaaaaaaaaa waiting, 20 MiB
1 bbbbbbbbbbbb [==========>           ]       4 MiB / 8 MiB
2 cccccccccccc 4 MiB, unpacking
reading layers: 8 MiB / 32 MiB, 25%`,
    );
  });

  it('ends with the layers alone', () => {
    const result = { type: 'done' } as BuildEvent;
    expect(paint([...FOUND, ...HALF, ...REST, result], 60)).toBe(
      `docker.io/library/nginx:1.27, linux/amd64: 3 layers, 32 MiB
0 aaaaaaaaaaaa 20 MiB, unpacked 50 MiB, 3321 entries
1 bbbbbbbbbbbb 8 MiB, unpacked 20 MiB, 34 entries
2 cccccccccccc 4 MiB, unpacked 9 MiB, 1 entry`,
    );
  });

  it('shows the rate of what comes', () => {
    const painter = new FramePainter();
    const state = stateAfter(FOUND);
    const size = { columns: 80, rows: 24 };
    painter.paint(state, size, 10);
    for (const event of HALF) state.apply(event);
    const frame = painter.paint(state, size, 12);
    expect(frame).toContain('4 MiB / 8 MiB    2 MiB/s');
    expect(frame).toContain('8 MiB / 32 MiB, 25%, 4 MiB/s');
  });

  it.each([20, 30, 40, 50, 60, 80, 200])('fits into %i columns', (columns) => {
    for (let count = 0; count <= FOUND.length + HALF.length + REST.length; count++) {
      const events = [...FOUND, ...HALF, ...REST].slice(0, count);
      const lines = paint(events, columns).split('\n');
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(columns);
    }
  });

  it.each([5, 8, 24])('fits into %i rows and shows what is under way', (rows) => {
    const layers = Array.from({ length: 100 }, () => ({ size: MIB }));
    const events: BuildEvent[] = [
      { type: 'phase', phase: 'read' },
      { type: 'source', reference: 'tar:x', layers },
      { type: 'layer-progress', layer: 42, bytes: 1000 },
    ];
    const frame = paint(events, 80, rows);
    expect(frame.split('\n').length).toBeLessThan(rows);
    expect(frame).toMatch(/^42 layer/m);
    expect(frame).toContain(`and ${100 - (rows - 4)} more, 0 of them done`);
  });

  it('shows layers of unknown size', () => {
    const source: BuildEvent = { type: 'source', reference: 'tar:-', layers: [{}] };
    expect(paint([source], 80)).toBe('tar:-: 1 layer\n0 layer        waiting');
    const events: BuildEvent[] = [source, { type: 'layer-progress', layer: 0, bytes: 3 * MIB }];
    expect(paint(events, 80)).toBe(`tar:-: 1 layer\n0 layer        ${'3 MiB'.padStart(19)}`);
  });

  it('takes layers that were not announced for nothing', () => {
    const events: BuildEvent[] = [...FOUND, { type: 'layer-progress', layer: 7, bytes: 1 }];
    expect(paint(events, 80)).toBe(paint(FOUND, 80));
  });
});

describe('a rate', () => {
  it('follows what comes and falls where nothing does', () => {
    const meter = new RateMeter();
    expect(meter.update(0, 0)).toBeUndefined();
    expect(meter.update(1000, 1)).toBe(1000);
    expect(meter.update(1000, 1.01)).toBe(1000);
    const stalled = meter.update(1000, 3);
    expect(stalled).toBeGreaterThan(0);
    expect(stalled).toBeLessThan(500);
  });
});

describe('terminal progress', () => {
  it('draws in place and leaves the cursor where text can go on', async () => {
    const terminal = new Memory({ isTTY: true });
    const progress = terminalProgress(terminal);
    for (const event of [...FOUND, ...HALF]) progress.event(event);
    await expect
      .poll(() => terminal.text, { timeout: 30_000 })
      .toContain('reading layers: 8 MiB / 32 MiB');
    for (const event of REST) progress.event(event);
    progress.close();
    const { text } = terminal;
    expect(text).toContain('erofs-wasm: warning: layer 1: odd name \\x1b[31m [tar]');
    expect(text).toContain('trying a.b again in 1.2 s, after 2 failures: a.b: reset\\x07');
    expect(text).toContain('0 aaaaaaaaaaaa 20 MiB, unpacked 50 MiB, 3321 entries');
    expect(text).not.toContain('\u001b[31m');
    expect(text).toMatch(/finishing the image\n/);
  });

  it('draws no more once it is closed', async () => {
    const terminal = new Memory({ isTTY: true });
    const progress = terminalProgress(terminal);
    progress.event(FOUND[0]!);
    progress.close();
    const { length } = terminal.text;
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(terminal.text).toHaveLength(length);
  });
});

describe('the choice of a renderer', () => {
  const streams = (isTTY: boolean, env: Record<string, string> = {}) => {
    const stderr = new Memory({ isTTY });
    return { stdin: process.stdin, stdout: new Memory(), stderr, env };
  };

  it.each([
    [true, {}, 'tty'],
    [true, { TERM: 'xterm', CI: '' }, 'tty'],
    [true, { TERM: 'dumb' }, 'plain'],
    [true, { CI: 'true' }, 'plain'],
    [false, {}, 'plain'],
  ] as const)('is for a terminal (%s) with %j: %s', (isTTY, env, mode) => {
    expect(automaticMode(streams(isTTY, env))).toBe(mode);
  });

  it.each([
    [{ quiet: true }, ''],
    [{ progress: 'none' }, ''],
    [{ quiet: true, progress: 'json' }, '{"type":"phase","phase":"plan"}\n'],
    [{ progress: 'plain' }, 'planning the image\n'],
    [{}, 'planning the image\n'],
  ] as const)('for %j', async (flags, expected) => {
    const where = streams(false);
    const progress = await chooseProgress(flags, where);
    progress.event({ type: 'phase', phase: 'plan' });
    progress.close();
    expect(where.stderr.text).toBe(expected);
    expect(progress === noProgress).toBe(expected === '');
  });
});
