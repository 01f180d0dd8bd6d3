import type { Converged } from '../reconcile/converge.ts';
import type { Listener, RunEvent } from '../reconcile/events.ts';
import { messageOf, PersonFault } from '../util/errors.ts';
import type { RunFault } from './answers.ts';
import type { Asker } from './asker.ts';
import type { TaskView, TimedEvent } from './console-api.ts';
import { faultsOf } from './faults.ts';
import type { Journal } from './journal.ts';

/** Who runs what nobody asked for. */
export const OURSELVES = 'the daemon';

/** Milliseconds in which events are written together, and within which one change is not heard of twice. */
const GATHER = 500;

/** A run under way. Its events are on the disk, but for those of the last {@link GATHER} ms. */
interface Running {
  view: TaskView;
  gathered: TimedEvent[];
  /** Keys of changes made or given up, since the first plan. */
  made: Set<string>;
  failed: Set<string>;
  isPlanned: boolean;
  /** When the progress of a change was last kept, by key. */
  progressed: Map<string, number>;
  followers: Set<(event: TimedEvent) => void>;
  timer: NodeJS.Timeout;
  ended: PromiseWithResolvers<void>;
}

/** Every run that changed something or failed. `scrub`: takes secrets out of what is kept. */
export class Tasks {
  #journal: Journal;
  #scrub: (text: string) => string;
  #running = new Map<number, Running>();
  /** How the last run of our own failed: it is tried again and again, and told once. */
  #lastFailure: string | undefined;
  /** Below 0: tasks that could not be written. */
  #unkept = 0;
  #log: (text: string) => void;

  constructor(journal: Journal, scrub: (text: string) => string, log: (text: string) => void) {
    this.#journal = journal;
    this.#scrub = scrub;
    this.#log = log;
    journal.failRunning('the daemon ended');
  }

  list(): TaskView[] {
    // What is on the disk is as old as the last events that were.
    return this.#journal.tasks().map((task) => this.#running.get(task.id)?.view ?? task);
  }

  /** Does work that somebody asked for; what it emits, whoever asked is told too. */
  async run<T extends { faults: RunFault[] }>(
    { title, by }: { title: string; by: string },
    emit: Listener,
    work: (listen: Listener) => Promise<T>,
  ): Promise<T> {
    const begun = this.#beginLate(title, by);
    const end = (failure: string | undefined) => {
      const task = failure === undefined ? begun.task : begun.begin();
      if (task) this.#end(task, failure);
    };
    try {
      const result = await work((event) => {
        begun.note(event);
        emit(event);
      });
      end(failureOf(result.faults));
      return result;
    } catch (error) {
      end(messageOf(error));
      throw error;
    }
  }

  /** Goes along with a run that nobody asked for. */
  async accompany(work: (listen: Listener) => Promise<Converged>): Promise<Converged> {
    const begun = this.#beginLate('repair', OURSELVES);
    try {
      const result = await work(begun.note);
      this.#endOwn(begun.task, failureOf(faultsOf(result)));
      return result;
    } catch (error) {
      this.#endOwn(begun.task, messageOf(error));
      throw error;
    }
  }

  /** Tells the events of a task, those to come too unless told otherwise. Throws PersonFault for one that is not kept. */
  async follow(
    id: number,
    { gone, ready }: Pick<Asker, 'gone' | 'ready'>,
    tell: (event: TimedEvent) => void,
    follow: boolean,
  ): Promise<TaskView> {
    const running = this.#running.get(id);
    if (running) this.#flush(running);
    // Between the last one read and the first one heard nothing happens: this is one turn of the loop.
    for (const event of this.#journal.events(id)) tell(event);
    if (running && follow && !gone.aborted) {
      running.followers.add(tell);
      const left = Promise.withResolvers<void>();
      gone.addEventListener('abort', () => left.resolve(), { once: true });
      await Promise.race([running.ended.promise, left.promise]);
      running.followers.delete(tell);
    }
    await ready();
    const view = this.#running.get(id)?.view ?? this.#journal.task(id);
    if (view) return view;
    throw new PersonFault({
      where: `task ${id}`,
      message: 'expected the number of a task that is kept; there is none; try ./allod tasks',
    });
  }

  /** Begins a task with the first change: of a run that finds everything as it is to be, nothing is written down. */
  #beginLate(title: string, by: string) {
    const began = Date.now();
    const early: TimedEvent[] = [];
    const begun = {
      task: undefined as Running | undefined,
      begin: (): Running => {
        if (begun.task) return begun.task;
        begun.task = this.#begin(title, by, began);
        for (const { event, at } of early) this.#note(begun.task, event, at);
        return begun.task;
      },
      note: (event: RunEvent): void => {
        if (event.type === 'started') begun.begin();
        if (begun.task) this.#note(begun.task, event);
        else early.push({ event, at: Date.now() });
      },
    };
    return begun;
  }

  #begin(title: string, by: string, started: number): Running {
    const task: Omit<TaskView, 'id'> = {
      ...{ title, by, started, progress: { done: 0, of: 0 } },
      state: 'running',
    };
    const id = this.#kept(() => this.#journal.addTask(task)) ?? --this.#unkept;
    const running: Running = {
      view: { ...task, id },
      gathered: [],
      made: new Set(),
      failed: new Set(),
      isPlanned: false,
      progressed: new Map(),
      followers: new Set(),
      timer: setInterval(() => this.#flush(running), GATHER).unref(),
      ended: Promise.withResolvers(),
    };
    this.#running.set(running.view.id, running);
    return running;
  }

  #note(task: Running, event: RunEvent, at = Date.now()): void {
    const timed = { at, event: JSON.parse(this.#scrub(JSON.stringify(event))) as RunEvent };
    for (const tell of task.followers) tell(timed);
    this.#count(task, event);
    // A build tells a hundred times a second how far it is.
    if (event.type === 'progress') {
      if (timed.at - (task.progressed.get(event.key) ?? 0) < GATHER) return;
      task.progressed.set(event.key, timed.at);
    }
    task.gathered.push(timed);
  }

  /** Each plan tells how much is left, without what was given up. What is done before the first one is not of it. */
  #count(task: Running, event: RunEvent): void {
    const { made, failed, view } = task;
    if (event.type === 'planned') {
      task.isPlanned = true;
      view.progress.of = made.size + failed.size + event.changes;
    }
    if (!task.isPlanned) return;
    if (event.type === 'done') made.add(event.key);
    if (event.type === 'failed' || event.type === 'blocked') failed.add(event.key);
    view.progress.done = Math.min(made.size, view.progress.of);
  }

  #flush(task: Running): void {
    if (task.gathered.length > 0) this.#save(task);
  }

  #save({ view, gathered }: Running): void {
    if (view.id < 0) return;
    this.#kept(() => {
      this.#journal.addEvents(view.id, gathered);
      this.#journal.saveTask(view);
    });
    gathered.length = 0;
  }

  /** A full disk takes from what is remembered of a run, never from the run. */
  #kept<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#log(`a task is not kept: ${messageOf(error)}`);
      return undefined;
    }
  }

  #end(task: Running, failure: string | undefined): void {
    clearInterval(task.timer);
    const { view } = task;
    view.state = failure === undefined ? 'done' : 'failed';
    view.ended = Date.now();
    if (failure !== undefined) view.text = this.#scrub(failure);
    this.#save(task);
    this.#running.delete(view.id);
    task.ended.resolve();
  }

  #endOwn(task: Running | undefined, failure: string | undefined): void {
    const isOld = failure !== undefined && failure === this.#lastFailure;
    this.#lastFailure = failure;
    if (!task) return;
    const changedNothing = task.made.size === 0;
    this.#end(task, failure);
    if (changedNothing && (isOld || failure === undefined))
      this.#kept(() => this.#journal.removeTask(task.view.id));
  }
}

/** What is put off comes in its own time and is no failure. */
function failureOf(faults: RunFault[]): string | undefined {
  const failed = faults.filter(({ deferred, text }) => !deferred && !text.startsWith('waits for '));
  if (failed.length === 0) return undefined;
  return failed.map(({ key, text }) => `${key}: ${text}`).join('\n');
}
