import { describe, expect, it } from 'vitest';
import { type Clock, Pace } from '../../../src/sources/registry/http/pace.ts';

class TestClock implements Clock {
  time = 1000;
  waited = 0;

  now(): number {
    return this.time;
  }

  async wait(ms: number): Promise<void> {
    this.waited += ms;
    this.time += ms;
  }
}

describe('a bound on bytes a second', () => {
  const signal = new AbortController().signal;

  it('lets one second pass at once, and then keeps to it', async () => {
    const clock = new TestClock();
    const pace = new Pace(1000, clock);
    for (let taken = 0; taken < 10_000; taken += 100) await pace.take(100, signal);
    expect(clock.waited).toBe(9000);
  });

  it('does not save up what was not used', async () => {
    const clock = new TestClock();
    const pace = new Pace(1000, clock);
    clock.time += 100_000;
    await pace.take(3000, signal);
    expect(clock.waited).toBe(2000);
  });

  it('takes all that ask together', async () => {
    const clock = new TestClock();
    const pace = new Pace(1000, clock);
    await Promise.all([pace.take(1000, signal), pace.take(1000, signal), pace.take(1000, signal)]);
    expect(clock.waited).toBeGreaterThanOrEqual(2000);
  });

  it('ends a wait with the build', async () => {
    const stop = new AbortController();
    const taking = new Pace(1).take(1_000_000, stop.signal);
    stop.abort();
    await taking;
  });
});
