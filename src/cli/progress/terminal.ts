/** Progress for people who watch: one line a layer, drawn again and again in the same place. */

import type { Writable } from 'node:stream';
import { createLogUpdate } from 'log-update';
import type { TerminalSize } from '../streams.ts';
import { BuildState } from './build-state.ts';
import { retryText, warningText } from './describe.ts';
import { FramePainter } from './frame.ts';
import type { ProgressRenderer } from './renderer.ts';

/** Ten pictures a second look smooth and cost nothing beside the build. */
const FRAME_MILLISECONDS = 100;
/** What is assumed where a terminal does not know its size. */
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

export function terminalProgress(terminal: Writable & TerminalSize): ProgressRenderer {
  const state = new BuildState();
  const painter = new FramePainter();
  const draw = createLogUpdate(terminal);
  const paint = () => {
    const size = {
      columns: terminal.columns || DEFAULT_COLUMNS,
      rows: terminal.rows || DEFAULT_ROWS,
    };
    const picture = painter.paint(state, size, performance.now() / 1000);
    if (picture !== '') draw(picture);
  };
  const timer = setInterval(paint, FRAME_MILLISECONDS);
  timer.unref();
  return {
    event(event) {
      state.apply(event);
      if (event.type === 'warning') draw.persist(warningText(event));
      if (event.type === 'retry') draw.persist(retryText(event));
    },
    close() {
      clearInterval(timer);
      paint();
      draw.done();
    },
  };
}
