import { DatabaseSync } from 'node:sqlite';
import { createPrivate } from '../util/create-private.ts';
import type { ActivityEntry, TaskView, TimedEvent } from './console-api.ts';

/** What people see of the past: tasks with their events, who did what, and what they said of findings. On the disk alone. */
export interface Journal {
  /** Takes the next id. The oldest go, so that {@link TASKS} are kept. */
  addTask(task: Omit<TaskView, 'id'>): number;
  saveTask(task: TaskView): void;
  removeTask(id: number): void;
  /** Newest first. */
  tasks(): TaskView[];
  task(id: number): TaskView | undefined;
  addEvents(task: number, events: TimedEvent[]): void;
  /** In their order, read one by one. */
  events(task: number): Iterable<TimedEvent>;
  /** What a daemon before left running has failed; `text` says why. */
  failRunning(text: string): void;
  /** Keeps the newest {@link ENTRIES}. */
  addEntry(entry: ActivityEntry): void;
  /** Newest first. */
  entries(limit: number): ActivityEntry[];
  /** A small thing by name; plain data. */
  recall(name: string): unknown;
  remember(name: string, value: unknown): void;
  close(): void;
}

const TASKS = 100;
const ENTRIES = 1000;
/** Events kept of one task: a first `up` has some hundred. The newest are told live in any case. */
const EVENTS = 5000;

interface TaskRow {
  id: number;
  title: string;
  by: string;
  state: TaskView['state'];
  started: number;
  ended: number | null;
  done: number;
  planned: number;
  text: string | null;
}

/** Opens it in the state database of a site; others may have that open. */
export function openJournal(file: string): Journal {
  createPrivate(file);
  const db = new DatabaseSync(file, { timeout: 5000 });
  // Who is cut off by a power cut loses the last events and no more: no event waits for the disk.
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA cache_size = -128;
    PRAGMA foreign_keys = ON;
    CREATE TABLE IF NOT EXISTS task (
      id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, by TEXT NOT NULL, state TEXT NOT NULL,
      started INTEGER NOT NULL, ended INTEGER, done INTEGER NOT NULL, planned INTEGER NOT NULL, text TEXT
    ) STRICT;
    CREATE TABLE IF NOT EXISTS task_event (
      task INTEGER NOT NULL REFERENCES task (id) ON DELETE CASCADE, n INTEGER NOT NULL, at INTEGER NOT NULL,
      event TEXT NOT NULL, PRIMARY KEY (task, n)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS activity (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, how TEXT NOT NULL, verb TEXT NOT NULL,
      text TEXT NOT NULL, failed TEXT
    ) STRICT;
    CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  `);
  const columns = 'id, title, by, state, started, ended, done, planned, text';
  const add = db.prepare(
    'INSERT INTO task (title, by, state, started, ended, done, planned, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id',
  );
  const save = db.prepare(
    'UPDATE task SET state = ?, ended = ?, done = ?, planned = ?, text = ? WHERE id = ?',
  );
  const remove = db.prepare('DELETE FROM task WHERE id = ?');
  const trim = db.prepare(
    `DELETE FROM task WHERE id NOT IN (SELECT id FROM task ORDER BY id DESC LIMIT ${TASKS})`,
  );
  const all = db.prepare(`SELECT ${columns} FROM task ORDER BY id DESC`);
  const one = db.prepare(`SELECT ${columns} FROM task WHERE id = ?`);
  const last = db.prepare('SELECT coalesce(max(n), 0) AS n FROM task_event WHERE task = ?');
  const addEvent = db.prepare('INSERT INTO task_event (task, n, at, event) VALUES (?, ?, ?, ?)');
  const eventsOf = db.prepare('SELECT at, event FROM task_event WHERE task = ? ORDER BY n');
  const fail = db.prepare(`
    UPDATE task SET state = 'failed', text = ?,
      ended = (SELECT coalesce(max(at), task.started) FROM task_event WHERE task_event.task = task.id)
    WHERE state = 'running'
  `);
  const act = db.prepare('INSERT INTO activity (at, who, how, verb, text, failed) VALUES (?, ?, ?, ?, ?, ?)');
  const trimActs = db.prepare(`DELETE FROM activity WHERE id <= (SELECT max(id) FROM activity) - ${ENTRIES}`);
  const acts = db.prepare('SELECT at, who, how, verb, text, failed FROM activity ORDER BY id DESC LIMIT ?');
  const get = db.prepare('SELECT value FROM note WHERE name = ?');
  const set = db.prepare(
    'INSERT INTO note VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value WHERE value <> excluded.value',
  );

  /** All of it or nothing. */
  function together<T>(work: () => T): T {
    db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      db.exec('COMMIT');
      return result;
    } finally {
      if (db.isTransaction) db.exec('ROLLBACK');
    }
  }

  return {
    addTask: ({ title, by, state, started, ended, progress, text }) =>
      together(() => {
        const { done, of } = progress;
        const row = add.get(title, by, state, started, ended ?? null, done, of, text ?? null);
        trim.run();
        return (row as { id: number }).id;
      }),
    saveTask({ id, state, ended, progress: { done, of }, text }) {
      save.run(state, ended ?? null, done, of, text ?? null, id);
    },
    removeTask(id) {
      remove.run(id);
    },
    tasks: () => (all.all() as unknown as TaskRow[]).map(viewOf),
    task(id) {
      const row = one.get(id) as unknown as TaskRow | undefined;
      return row && viewOf(row);
    },
    addEvents(task, events) {
      if (events.length === 0) return;
      together(() => {
        let { n } = last.get(task) as { n: number };
        for (const { at, event } of events.slice(0, Math.max(0, EVENTS - n)))
          addEvent.run(task, ++n, at, JSON.stringify(event));
      });
    },
    *events(task) {
      for (const row of eventsOf.iterate(task) as Iterable<{ at: number; event: string }>)
        yield { at: row.at, event: JSON.parse(row.event) as TimedEvent['event'] };
    },
    failRunning(text) {
      fail.run(text);
    },
    addEntry: ({ at, who, how, verb, text, failed }) =>
      together(() => {
        act.run(at, who, how, verb, text, failed ?? null);
        trimActs.run();
      }),
    entries: (limit) =>
      (acts.all(limit) as unknown as (ActivityEntry & { failed: string | null })[]).map(
        ({ failed, ...entry }) => ({ ...entry, ...(failed === null ? {} : { failed }) }),
      ),
    recall(name) {
      const row = get.get(name) as { value: string } | undefined;
      return row && JSON.parse(row.value);
    },
    remember(name, value) {
      set.run(name, JSON.stringify(value));
    },
    close: () => db.close(),
  };
}

function viewOf({ ended, done, planned, text, ...row }: TaskRow): TaskView {
  return {
    ...row,
    ...(ended === null ? {} : { ended }),
    progress: { done, of: planned },
    ...(text === null ? {} : { text }),
  };
}
