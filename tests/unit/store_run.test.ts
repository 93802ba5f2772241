import { beforeEach, describe, expect, test } from 'vitest';
import { parseExperiment } from '../../src/recipe/experiment';
import {
  changeSetting,
  confirmSetting,
  findArm,
  isEdited,
  loadExperiment,
  restoreSettings,
} from '../../src/store/experiment';
import { advance, START, type RunState } from '../../src/store/run';
import { EngineClient, type WorkerPort } from '../../src/worker/client';
import type { Command, Event } from '../../src/worker/protocol';

const session = 1;

function after(events: readonly Event[], from: RunState = START): RunState {
  return events.reduce((state, event, i) => advance(state, event, 1000 * i), from);
}

describe('the run', () => {
  test('goes from preparing over running to finished', () => {
    const ready = after([
      { type: 'preparing', session, what: 'kernels', done: 1, total: 4 },
      { type: 'ready', session },
    ]);
    expect(ready.status).toBe('ready');
    const running = after(
      [
        { type: 'running', session },
        { type: 'metrics', session, step: 1, runs: {} },
        { type: 'metrics', session, step: 2, runs: {} },
      ],
      ready,
    );
    expect(running).toMatchObject({ status: 'running', step: 2, secondsPerStep: 1 });
    const done = after([{ type: 'finished', session, step: 2 }], running);
    expect(done).toMatchObject({ status: 'finished', step: 2, lastStepAt: null });
  });

  test('does not count a pause as part of a step', () => {
    const state = after([
      { type: 'running', session },
      { type: 'metrics', session, step: 1, runs: {} },
      { type: 'paused', session, step: 1 },
    ]);
    const later = advance(state, { type: 'running', session }, 1e6);
    const step = advance(later, { type: 'metrics', session, step: 2, runs: {} }, 1e6 + 1000);
    expect(step.secondsPerStep).toBeCloseTo(1);
  });

  test('stays failed, with the failure, until it is started anew', () => {
    const failure = { kind: 'deviceLost', detail: 'driver' } as const;
    const state = after([
      { type: 'running', session },
      { type: 'failed', session, failure },
      { type: 'paused', session, step: 3 },
      { type: 'ready', session },
    ]);
    expect(state).toMatchObject({ status: 'failed', failure });
  });
});

describe('a live setting', () => {
  beforeEach(() => {
    const experiment = parseExperiment({ arms: [{ name: 'GRPO', set: {} }] });
    if (!experiment.ok) throw new Error('a bad experiment');
    loadExperiment(experiment.value, { id: null, seeds: [0] });
  });

  test('shows at once and is pending until the worker has it', () => {
    changeSetting('arm-1', 'positive_weight', 0.5);
    expect(findArm('arm-1')).toMatchObject({
      recipe: { positive_weight: 0.5 },
      pending: { positive_weight: 1 },
    });
    expect(confirmSetting('arm-1', 'positive_weight', 0.5)).toBe(1);
    expect(findArm('arm-1')?.pending).toEqual({});
  });

  test('does not jump back when an older value is confirmed under the thumb', () => {
    changeSetting('arm-1', 'positive_weight', 0.9);
    changeSetting('arm-1', 'positive_weight', 0.8);
    expect(confirmSetting('arm-1', 'positive_weight', 0.9)).toBe(1);
    expect(findArm('arm-1')).toMatchObject({
      recipe: { positive_weight: 0.8 },
      pending: { positive_weight: 0.9 },
    });
    expect(confirmSetting('arm-1', 'positive_weight', 0.8)).toBe(0.9);
  });

  test('can be restored', () => {
    changeSetting('arm-1', 'clip_low', 0.4);
    const edited = findArm('arm-1');
    expect(edited !== undefined && isEdited(edited)).toBe(true);
    restoreSettings();
    const restored = findArm('arm-1');
    expect(restored !== undefined && isEdited(restored)).toBe(false);
  });
});

describe('the client', () => {
  class Port implements WorkerPort {
    readonly sent: Command[] = [];
    ended = false;
    private readonly handlers = new Map<string, (event: never) => void>();
    postMessage(message: Command) {
      this.sent.push(message);
    }
    terminate() {
      this.ended = true;
    }
    addEventListener(type: string, handler: (event: never) => void) {
      this.handlers.set(type, handler);
    }
    emit(type: string, event: object) {
      this.handlers.get(type)?.(event as never);
    }
  }

  function connected() {
    const port = new Port();
    const client = new EngineClient(port);
    const events: Event[] = [];
    client.subscribe((event) => events.push(event));
    return { port, client, events };
  }

  test('numbers sessions and drops events of old ones', () => {
    const { port, client, events } = connected();
    client.prepare([]);
    client.prepare([]);
    client.set(['arm-1'], 'clip_low', 0.1);
    expect(port.sent.map((command) => command.session)).toEqual([1, 2, 2]);
    port.emit('message', { data: { type: 'ready', session: 1 } });
    port.emit('message', { data: { type: 'ready', session: 2 } });
    expect(events).toEqual([{ type: 'ready', session: 2 }]);
  });

  test('hands on what has no session, and failures of the worker itself', () => {
    const { port, client, events } = connected();
    client.prepare([]);
    const failed: Event = { type: 'failed', session: 0, failure: { kind: 'noAdapter' } };
    port.emit('message', { data: failed });
    expect(events).toEqual([failed]);
  });

  test('reports a crash as a failure of this session', () => {
    const { port, client, events } = connected();
    client.prepare([]);
    port.emit('error', { message: 'boom', preventDefault: () => undefined });
    expect(events).toEqual([
      { type: 'failed', session: 1, failure: { kind: 'workerCrashed', detail: 'boom' } },
    ]);
    // What is left of it says nothing more.
    port.emit('message', { data: { type: 'ready', session: 1 } });
    expect({ events: events.length, ended: port.ended }).toEqual({ events: 1, ended: true });
  });

  test('is silent after close', () => {
    const { port, client, events } = connected();
    client.close();
    client.run();
    port.emit('message', { data: { type: 'ready', session: 0 } });
    expect({ sent: port.sent, ended: port.ended, events }).toEqual({
      sent: [],
      ended: true,
      events: [],
    });
  });
});
