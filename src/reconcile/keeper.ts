import type { Kind } from '../model/resource.ts';
import type { DesiredService } from '../plan/desired.ts';
import { messageOf } from '../util/errors.ts';
import { type Converged, converge } from './converge.ts';
import type { Listener, RunEvent } from './events.ts';
import { Health } from './health.ts';
import type { World } from './world.ts';

/** Milliseconds between looks at processes, at services, and at everything. */
const PROCESSES = 1000;
const SERVICES = 10_000;
const EVERYTHING = 30_000;

/** Keeps one site true: runs of `converge`, one at a time, on request, on drift and every so often. */
export class Keeper {
  readonly health: Health;
  #world: World;
  #last: Converged | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #running = false;
  #timers: NodeJS.Timeout[] = [];
  #due = 0;
  #failures = 0;
  #log: (text: string) => void;

  constructor(world: World, log: (text: string) => void) {
    this.#world = world;
    this.#log = log;
    this.health = new Health(world);
  }

  get world(): World {
    return this.#world;
  }

  /** What the last run made of the site; undefined before the first one. */
  get last(): Converged | undefined {
    return this.#last;
  }

  /** Runs now, or after the run that is under way, which the listener is told. */
  run(listen: Listener, world: World = this.#world): Promise<Converged> {
    if (this.#running) listen({ type: 'waiting', text: 'another run is under way; this one comes next' });
    return this.exclusive(async () => {
      this.#world = world;
      const result = await converge(world, (event) => {
        this.#note(event);
        listen(event);
      });
      this.#last = result;
      await this.health.refresh(result.desired.services);
      this.#due = Date.now() + EVERYTHING;
      return result;
    });
  }

  /** Lets nothing else change the site while `work` does. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(async () => {
      this.#running = true;
      try {
        return await work();
      } finally {
        this.#running = false;
      }
    });
    this.#queue = turn.catch(() => {});
    return turn;
  }

  /** Looks after the site from now on. Saying it again changes nothing. */
  watch(): void {
    if (this.#timers.length > 0) return;
    this.#timers.push(
      setInterval(() => this.#guard(this.#watchProcesses()), PROCESSES),
      setInterval(() => this.#guard(this.#watchServices()), SERVICES),
    );
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
  }

  /** Cheap enough for every second: no command is run unless a process is gone or a full look is due. */
  async #watchProcesses(): Promise<void> {
    if (this.#running) return;
    if (this.health.processesGone()) {
      this.#log('a container ended');
      await this.health.refresh(this.#services());
      this.#due = Math.min(this.#due, Date.now() + 1500);
    }
    if (Date.now() >= this.#due) await this.#keep();
  }

  async #watchServices(): Promise<void> {
    if (!this.#running) await this.health.probeAll(this.#services());
  }

  /** A run that nobody asked for: quiet, and after failures less and less often. */
  async #keep(): Promise<void> {
    const result = await this.run(() => {});
    this.#failures = result.faults.size > 0 ? this.#failures + 1 : 0;
    if (this.#failures > 0) this.#due = Date.now() + Math.min(2 ** this.#failures * 5000, 600_000);
  }

  #services(): DesiredService[] {
    return this.#last?.desired.services ?? [];
  }

  /** A bug in a run nobody waits for must not end the daemon, nor pass in silence. */
  #guard(work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.#due = Date.now() + EVERYTHING;
      this.#log(error instanceof Error ? (error.stack ?? error.message) : messageOf(error));
    });
  }

  #note(event: RunEvent): void {
    if (event.type === 'started') this.#log(`${event.key}: ${event.text}`);
    if (event.type === 'failed' || event.type === 'blocked')
      this.#log(`${event.key}: ${event.type}: ${event.text}`);
    if (event.type === 'done') this.#log(`${event.key}: done in ${event.ms} ms`);
  }
}

/** Fault of a service: of its own pod, or of something its pod waits for. */
export function faultOf(service: string, result: Converged | undefined): string | undefined {
  if (!result) return undefined;
  const kinds: Kind[] = [
    'pod',
    'files',
    'volume',
    'database',
    'account',
    'zone',
    'record',
    'certificate',
    'secret',
  ];
  for (const kind of kinds)
    for (const outcome of result.faults.values()) {
      if (outcome.change.kind !== kind || outcome.change.service !== service) continue;
      const root = outcome.fault?.blockedBy && result.faults.get(outcome.fault.blockedBy);
      return root
        ? `${root.change.key}: ${root.fault?.text}`
        : `${outcome.change.key}: ${outcome.fault?.text}`;
    }
  return undefined;
}
