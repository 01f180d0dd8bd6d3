import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Converged } from '../reconcile/converge.ts';
import type { Listener, RunEvent } from '../reconcile/events.ts';
import { PersonFault, Transient } from '../util/errors.ts';
import { askerHere } from './asker.ts';
import type { TimedEvent } from './console-api.ts';
import { type Journal, openJournal } from './journal.ts';
import { Tasks } from './tasks.ts';

const folder = mkdtempSync(join(tmpdir(), 'allod-tasks-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

function begun(file = join(folder, `${files++}.db`)) {
  const journal = openJournal(file);
  const log: string[] = [];
  const scrub = (text: string) => text.replaceAll('hush-hush', '[secret]');
  return { file, journal, log, tasks: new Tasks(journal, scrub, (text) => log.push(text)) };
}

const started = (key: string): RunEvent => ({ type: 'started', key, service: 'a', text: `create ${key}` });
const done = (key: string): RunEvent => ({ type: 'done', key, ms: 1 });
const failed = (key: string, text: string): RunEvent => ({ type: 'failed', key, service: 'a', text });
const up = { title: 'up', by: 'alice' };

async function eventsOf(tasks: Tasks, id: number): Promise<TimedEvent[]> {
  const events: TimedEvent[] = [];
  await tasks.follow(id, askerHere('root'), (event) => events.push(event), false);
  return events;
}

/** What a run of the keeper gives back. */
function converged(fault?: string): Converged {
  const change = { key: 'pod/a', service: 'a' };
  const faults = new Map(fault === undefined ? [] : [['pod/a', { change, fault: { text: fault } }]]);
  return { made: 0, faults, unknown: {} } as unknown as Converged;
}

test('progress is of the changes planned, in every pass; what was not planned is not counted', async () => {
  const { tasks } = begun();
  const seen: string[] = [];
  await tasks.run(
    up,
    () => {},
    async (listen) => {
      const tell = (event: RunEvent) => {
        listen(event);
        const { done: made, of } = tasks.list()[0]?.progress ?? { done: -1, of: -1 };
        seen.push(`${made}/${of}`);
      };
      tell(started('image/suite'));
      tell(done('image/suite'));
      tell({ type: 'planned', changes: 3 });
      tell(done('volume/a'));
      tell(failed('files/a', 'no'));
      tell({ type: 'blocked', key: 'pod/a', service: 'a', text: 'waits for files/a' });
      tell({ type: 'planned', changes: 1 });
      tell(done('record/a'));
      tell(done('pod/b')); // it was waited for, and is no change
      return { faults: [] };
    },
  );
  assert.deepEqual(seen, ['0/0', '0/0', '0/3', '1/3', '1/3', '1/3', '1/4', '2/4', '3/4']);
});

test('a task is kept with its events, without secrets, for the next daemon', async () => {
  const { file, journal, tasks } = begun();
  await assert.rejects(
    tasks.run(
      up,
      () => {},
      async (listen) => {
        listen({ type: 'planned', changes: 1 });
        listen(failed('pod/a', 'it said hush-hush'));
        throw new Transient('it said hush-hush to the end');
      },
    ),
    Transient,
  );
  journal.close();
  const next = begun(file);
  const [task] = next.tasks.list();
  assert.deepEqual(
    [task?.title, task?.by, task?.state, task?.text],
    ['up', 'alice', 'failed', 'it said [secret] to the end'],
  );
  assert.ok((task?.ended ?? 0) >= (task?.started ?? Number.POSITIVE_INFINITY));
  assert.deepEqual(
    (await eventsOf(next.tasks, task?.id ?? 0)).map(({ event }) => event),
    [{ type: 'planned', changes: 1 }, failed('pod/a', 'it said [secret]')],
  );
});

test('a task that ran when the daemon died has failed, because the daemon ended', async () => {
  const { file, tasks } = begun();
  void tasks.run(
    up,
    () => {},
    async (listen) => {
      listen(started('pod/a'));
      return await new Promise<never>(() => {});
    },
  );
  await sleep(700); // its events are gathered for half a second
  assert.equal(tasks.list()[0]?.state, 'running');
  const next = begun(file);
  const [task] = next.tasks.list();
  assert.deepEqual([task?.state, task?.text], ['failed', 'the daemon ended']);
  assert.equal((await eventsOf(next.tasks, task?.id ?? 0)).length, 1);
});

test('who follows hears what was, then what comes, until the task has ended', async () => {
  const { tasks } = begun();
  const { promise: go, resolve: goOn } = Promise.withResolvers<void>();
  const run = tasks.run(
    up,
    () => {},
    async (listen) => {
      listen(started('pod/a'));
      await go;
      for (let i = 0; i < 50; i++) listen({ type: 'progress', key: 'pod/a', text: String(i) });
      listen(done('pod/a'));
      return { faults: [] };
    },
  );
  const id = tasks.list()[0]?.id ?? 0;
  const heard: RunEvent[] = [];
  const following = tasks.follow(id, askerHere('root'), ({ event }) => heard.push(event), true);
  assert.deepEqual(heard, [started('pod/a')]);
  goOn();
  await run;
  assert.equal((await following).state, 'done');
  assert.equal(heard.length, 52);
  assert.deepEqual(heard.at(-1), done('pod/a'));
  // Of what a build tells many times a second, one is kept.
  assert.equal((await eventsOf(tasks, id)).length, 3);
});

test('who follows and goes away is not told any more, and the task goes on', async () => {
  const { tasks } = begun();
  const { promise: go, resolve: goOn } = Promise.withResolvers<void>();
  const run = tasks.run(
    up,
    () => {},
    async (listen) => {
      listen(started('pod/a'));
      await go;
      listen(done('pod/a'));
      return { faults: [] };
    },
  );
  const gone = new AbortController();
  const asker = { ...askerHere('root'), gone: gone.signal };
  const told: string[] = [];
  const tell = ({ event }: TimedEvent) => void told.push(event.type);
  const following = tasks.follow(tasks.list()[0]?.id ?? 0, asker, tell, true);
  gone.abort();
  assert.equal((await following).state, 'running');
  goOn();
  await run;
  assert.equal(tasks.list()[0]?.state, 'done');
  assert.deepEqual(told, ['started']);
});

test('a number that is no task is a mistake of a person', async () => {
  const { tasks } = begun();
  await assert.rejects(eventsOf(tasks, 7), PersonFault);
});

test('a look of the daemon itself that changes nothing is no task; a repair is; a failure is told once', async () => {
  const { tasks } = begun();
  const look = (work: (listen: Listener) => Converged) => tasks.accompany(async (listen) => work(listen));
  const titles = () => tasks.list().map(({ title, by, state, text }) => [title, by, state, text]);
  await look((listen) => {
    listen({ type: 'planned', changes: 0 });
    return converged();
  });
  assert.deepEqual(titles(), []);
  await look((listen) => {
    listen({ type: 'planned', changes: 1 });
    listen(started('pod/a'));
    listen(done('pod/a'));
    return converged();
  });
  const repair = ['repair', 'the daemon', 'done', undefined];
  assert.deepEqual(titles(), [repair]);
  assert.deepEqual(tasks.list()[0]?.progress, { done: 1, of: 1 });
  for (let i = 0; i < 3; i++)
    await look((listen) => {
      listen({ type: 'planned', changes: 1 });
      listen(started('pod/a'));
      listen(failed('pod/a', 'no room'));
      return converged('no room');
    });
  const failure = ['repair', 'the daemon', 'failed', 'pod/a: no room'];
  assert.deepEqual(titles(), [failure, repair]);
  await look((listen) => {
    listen({ type: 'planned', changes: 1 });
    listen(started('pod/a'));
    listen(failed('pod/a', 'another reason'));
    return converged('another reason');
  });
  assert.equal(tasks.list().length, 3);
});

test('what was asked for and found everything as it is to be is no task, unless it failed', async () => {
  const { tasks } = begun();
  const run = (work: () => { faults: [] }) =>
    tasks.run(
      up,
      () => {},
      async (listen) => {
        listen({ type: 'planned', changes: 0 });
        return work();
      },
    );
  await run(() => ({ faults: [] }));
  assert.deepEqual(tasks.list(), []);
  await assert.rejects(
    run(() => {
      throw new Transient('the directory does not answer');
    }),
  );
  const [task] = tasks.list();
  assert.deepEqual([task?.state, task?.text], ['failed', 'the directory does not answer']);
  const events = await eventsOf(tasks, task?.id ?? 0);
  assert.deepEqual(
    events.map(({ event }) => event.type),
    ['planned'],
  );
});

test('the newest hundred are kept, with the events of none besides them', async () => {
  const { journal, tasks } = begun();
  for (let i = 0; i < 105; i++)
    await tasks.run(
      { title: `run ${i}`, by: 'root' },
      () => {},
      async (listen) => {
        listen(started('pod/a'));
        return { faults: [] };
      },
    );
  const list = tasks.list();
  assert.deepEqual([list.length, list[0]?.title, list.at(-1)?.title], [100, 'run 104', 'run 5']);
  assert.deepEqual([...journal.events(1)], []);
});

test('where nothing can be written, the run goes on', async () => {
  const { journal, log } = begun();
  const full: Journal = {
    ...journal,
    addTask() {
      throw new Error('database or disk is full');
    },
  };
  const tasks = new Tasks(
    full,
    (text) => text,
    (text) => log.push(text),
  );
  assert.deepEqual(
    await tasks.run(
      up,
      () => {},
      async (listen) => {
        listen(started('pod/a'));
        return { faults: [] };
      },
    ),
    { faults: [] },
  );
  assert.match(log.join('\n'), /disk is full/);
});
