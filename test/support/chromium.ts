/** A real browser without a window, told what to do over two pipes (Chrome DevTools Protocol). */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { findTool } from './tools.ts';

/** What {@link withPage} needs, for `describeWith`. */
export const CHROMIUM_NEEDS = { tools: ['chromium'] } as const;

const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--remote-debugging-pipe',
];

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
}

/** A page that is shown, and what it has complained about. */
export interface Page {
  /** Errors of scripts, and what the page's own policy refused. */
  readonly complaints: readonly string[];
  /** The value of an expression, which must be plain. */
  evaluate<T>(expression: string): Promise<T>;
  press(key: string): Promise<void>;
  /** A PNG of what is shown. */
  screenshot(): Promise<Buffer>;
}

/** Shows a URL to `use`, and ends the browser whatever happens. */
export async function withPage<T>(
  url: string,
  use: (page: Page) => Promise<T>,
  options: PageOptions = {},
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'chromium-'));
  const stdio = ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] as const;
  const child = spawn(findTool('chromium')!, [...FLAGS, `--user-data-dir=${folder}`], {
    stdio: [...stdio],
  });
  try {
    const browser = new Browser(child);
    return await use(await browser.open(url, options));
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

class Browser {
  readonly complaints: string[] = [];
  readonly #input: Writable;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #count = 0;
  #session: string | undefined;
  #loaded: () => void = () => undefined;

  constructor(child: ChildProcess) {
    this.#input = child.stdio[3] as Writable;
    this.#read(child.stdio[4] as Readable);
  }

  async open(url: string, options: PageOptions): Promise<Page> {
    const { width = 1200, height = 900, dark = false } = options;
    const { targetId } = await this.#send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.#send('Target.attachToTarget', { targetId, flatten: true });
    this.#session = sessionId as string;
    for (const domain of ['Page', 'Runtime', 'Log']) await this.#send(`${domain}.enable`);
    const size = { width, height, deviceScaleFactor: 1, mobile: false };
    await this.#send('Emulation.setDeviceMetricsOverride', size);
    const features = [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }];
    await this.#send('Emulation.setEmulatedMedia', { features });
    const loaded = new Promise<void>((resolve) => {
      this.#loaded = resolve;
    });
    await this.#send('Page.navigate', { url });
    await loaded;
    return {
      complaints: this.complaints,
      evaluate: (expression) => this.#evaluate(expression),
      press: (key) => this.#press(key),
      screenshot: () => this.#screenshot(),
    };
  }

  async #evaluate<T>(expression: string): Promise<T> {
    const given = { expression, returnByValue: true, awaitPromise: true };
    const { result, exceptionDetails } = await this.#send('Runtime.evaluate', given);
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { value: T }).value;
  }

  async #press(key: string): Promise<void> {
    // Only keys with a text, of which Enter is one, do what the browser does by itself.
    const text = key === 'Enter' ? { text: '\r' } : {};
    const codes: Record<string, number> = { Enter: 13, Tab: 9, Escape: 27, ArrowRight: 39 };
    const event = { key, code: key, windowsVirtualKeyCode: codes[key] ?? 0 };
    await this.#send('Input.dispatchKeyEvent', { type: 'keyDown', ...event, ...text });
    await this.#send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
  }

  async #screenshot(): Promise<Buffer> {
    const { data } = await this.#send('Page.captureScreenshot', { captureBeyondViewport: true });
    return Buffer.from(data as string, 'base64');
  }

  async #send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#count;
    const session = this.#session === undefined ? {} : { sessionId: this.#session };
    this.#input.write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    const answer = await new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`);
    return answer.result ?? {};
  }

  /** Each message ends in a NUL. */
  #read(output: Readable): void {
    let text = '';
    output.setEncoding('utf8');
    output.on('data', (chunk: string) => {
      const messages = (text + chunk).split('\0');
      text = messages.pop() ?? '';
      for (const message of messages) this.#take(JSON.parse(message) as Answer);
    });
  }

  #take(answer: Answer): void {
    const { id, method, params } = answer;
    if (id !== undefined) this.#waiting.get(id)?.(answer);
    if (method === 'Page.loadEventFired') this.#loaded();
    if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded') {
      this.complaints.push(JSON.stringify(params));
    }
  }
}
