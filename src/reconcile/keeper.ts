import { setTimeout as sleep } from 'node:timers/promises';
import type { ImageSpec } from '../model/image.ts';
import { type Desired, type DesiredService, desireUnseen } from '../plan/desired.ts';
import { Deferred, isExpected, traceOf } from '../util/errors.ts';
import { type Converged, converge } from './converge.ts';
import type { Listener, RunEvent } from './events.ts';
import { faultOf } from './fault-of.ts';
import { Health } from './health.ts';
import { nextPhase } from './phases.ts';
import type { World } from './world.ts';

/** Milliseconds between looks at processes, at services, and at everything. */
const PROCESSES = 1000;
const SERVICES = 10_000;
const EVERYTHING = 30_000;
/** Between the end of a container and the look that mends what podman did not start again itself. */
const MEND = 1500;
/** More ends than these in a minute, and a container that cannot live is looked at every ten seconds only. */
const ENDS = 12;

/** Goes along with a run that nobody asked for, and hears what it tells. */
export type Accompany = (work: (listen: Listener) => Promise<Converged>) => Promise<Converged>;

/** Keeps one site true: runs of `converge`, one at a time, on request, on drift and every so often. */
export class Keeper {
  readonly health: Health;
  #world: World;
  #last: Converged | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #running = false;
  #shown: { world: World; desired: Desired } | undefined;
  #ends: number[] = [];
  #timers: NodeJS.Timeout[] = [];
  #due = 0;
  #failures = 0;
  #asked = false;
  #log: (text: string) => void;
  #accompany: Accompany;

  constructor(world: World, log: (text: string) => void, accompany: Accompany = (work) => work(() => {})) {
    this.#world = world;
    this.#log = log;
    this.#accompany = accompany;
    // Of the site as it is now, not of the one this began with: whom a probe trusts may change.
    this.health = new Health({
      probe: (pod) => this.#world.probe(pod),
      containers: () => this.#world.containers(),
      memoryOf: (pid) => this.#world.memoryOf(pid),
    });
  }

  get world(): World {
    return this.#world;
  }

  /** What the last run made of the site; undefined before the first one. */
  get last(): Converged | undefined {
    return this.#last;
  }

  /** Services of the site as last accepted, whether or not a run has come to them yet. */
  get services(): DesiredService[] {
    return this.wanted.services;
  }

  /** As {@link services}: all that the site wants. */
  get wanted(): Desired {
    if (this.#shown?.world !== this.#world) {
      const { site, catalog, state } = this.#world;
      // Inner addresses may not be given out yet.
      const addresses = state.addresses();
      const network = state.network() ?? { inForce: site.network };
      const desired = desireUnseen(site, catalog, { network, ...(addresses ? { addresses } : {}) });
      this.#shown = { world: this.#world, desired };
    }
    return this.#shown.desired;
  }

  /** Runs now, or after the run that is under way, which the listener is told. */
  run(listen: Listener, world: World = this.#world): Promise<Converged> {
    return this.exclusive(async () => {
      this.#asked = false; // it looks at everything as it is now
      this.#world = world;
      const result = await converge(world, (event) => {
        this.#note(event);
        listen(event);
      });
      for (const { fault } of result.faults.values())
        if (fault?.error && !isExpected(fault.error)) this.#log(traceOf(fault.error));
      this.#last = result;
      world.tend(result.desired.resources);
      this.#shown = { world, desired: result.desired };
      await this.health.refresh(this.services);
      const next = await nextPhase(world, result);
      this.#due = Math.min(Date.now() + EVERYTHING, next);
      return result;
    }, listen);
  }

  /** Something a run goes by has changed, or no longer stands in its way: one begins now, or after the one under way. */
  changed(): void {
    this.#failures = 0;
    if (this.#asked || this.#timers.length === 0) return;
    this.#asked = true;
    this.#keep().catch((error: unknown) => this.#log(isExpected(error) ? error.message : traceOf(error)));
  }

  /** A run that returns when every service serves that can, or when its time to start is over. */
  async runUntilServing(listen: Listener, world = this.#world): Promise<Converged> {
    const first = await this.run(listen, world);
    await this.#untilServing(first, listen);
    // A server that was restarted may have been mute when its records, accounts or databases were looked at.
    const last =
      first.faults.size > 0 || Object.keys(first.unknown).length === 0
        ? first
        : await this.#again(first, listen);
    // Nothing old goes before the new serves.
    if (last.made > 0 && !hasFailed(last)) await world.pruneImages(imagesOf(last));
    return last;
  }

  async #again(first: Converged, listen: Listener): Promise<Converged> {
    const second = await this.run(listen);
    return { ...second, made: first.made + second.made };
  }

  async #untilServing({ made }: Converged, listen: Listener): Promise<void> {
    const start = Date.now();
    const mute = () =>
      this.services.filter(({ id, pod }) => {
        const health = this.health.of(id);
        if (!health?.exists || health.healthy || faultOf(id, this.#last)) return false;
        const since = made > 0 ? start : health.since;
        return Date.now() - since < pod.startSeconds * 1000;
      });
    const waitedFor = mute();
    for (const { id } of waitedFor)
      listen({ type: 'started', key: `pod/${id}`, service: id, text: `wait for ${id} to answer` });
    for (let open = waitedFor; open.length > 0; open = mute()) {
      await sleep(250);
      await this.health.probe(open);
    }
    for (const { id } of waitedFor) {
      const health = this.health.of(id);
      if (health?.healthy) listen({ type: 'done', key: `pod/${id}`, ms: Date.now() - start });
      else listen({ type: 'failed', key: `pod/${id}`, service: id, text: health?.answer ?? 'it is gone' });
    }
  }

  /** Lets nothing else change the site while `work` does; the listener is told if it has to wait. */
  exclusive<T>(work: () => Promise<T>, listen: Listener = () => {}): Promise<T> {
    if (this.#running) listen({ type: 'waiting', text: 'another run is under way; this one comes next' });
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

  /** What is known of services is no older than their processes: who asks is not told of one that ended. */
  async freshen(): Promise<void> {
    if (this.health.processesGone()) await this.health.refresh(this.services);
  }

  /** Looks after the site from now on. Saying it again changes nothing. */
  watch(): void {
    if (this.#timers.length > 0) return;
    this.#timers.push(
      this.#every(PROCESSES, () => this.#watchProcesses()),
      this.#every(SERVICES, () => this.#watchServices()),
    );
  }

  /** After this no run begins that nobody asked for. */
  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
  }

  /** Does something every so often, never twice at a time. A bug in it neither ends the daemon nor is silent. */
  #every(ms: number, work: () => Promise<void>): NodeJS.Timeout {
    let busy = false;
    return setInterval(async () => {
      if (busy) return;
      busy = true;
      try {
        await work();
      } catch (error) {
        this.#due = Date.now() + EVERYTHING;
        this.#log(isExpected(error) ? error.message : traceOf(error));
      }
      busy = false;
    }, ms);
  }

  /** Cheap enough for every second: no command is run unless a process is gone or a full look is due. */
  async #watchProcesses(): Promise<void> {
    if (this.#running) return;
    if (this.health.processesGone() && !this.#endsTooOften()) {
      this.#log('a container ended');
      await this.health.refresh(this.services);
      this.#due = Math.min(this.#due, Date.now() + MEND);
    }
    if (Date.now() >= this.#due && this.#timers.length > 0) await this.#keep();
  }

  #endsTooOften(): boolean {
    const now = Date.now();
    this.#ends = this.#ends.filter((time) => now - time < 60_000);
    if (this.#ends.length > ENDS && now - (this.#ends.at(-1) ?? 0) < SERVICES) return true;
    this.#ends.push(now);
    return false;
  }

  /** While a run may make containers, the list of them is read anew; at rest no command is run. */
  async #watchServices(): Promise<void> {
    if (this.#running) await this.health.refresh(this.services);
    else await this.health.probeAll(this.services);
  }

  /** A run that nobody asked for: quiet, and after failures less and less often. */
  async #keep(): Promise<void> {
    const result = await this.#accompany((listen) => this.run(listen));
    this.#failures = hasFailed(result) ? this.#failures + 1 : 0;
    if (this.#failures > 0) this.#due = Date.now() + Math.min(2 ** this.#failures * 5000, 600_000);
  }

  #note(event: RunEvent): void {
    if (event.type === 'started') this.#log(`${event.key}: ${event.text}`);
    if (event.type === 'failed' || event.type === 'blocked')
      this.#log(`${event.key}: ${event.type}: ${event.text}`);
    if (event.type === 'done') this.#log(`${event.key}: done in ${event.ms} ms`);
  }
}

/** What is deferred comes in its own time: the rest is looked at as often as ever. */
function hasFailed({ faults }: Converged): boolean {
  return [...faults.values()].some(({ fault }) => !(fault?.error instanceof Deferred));
}

function imagesOf({ desired }: Converged): string[] {
  return desired.resources.flatMap(({ kind, spec }) => (kind === 'image' ? [(spec as ImageSpec).ref] : []));
}
