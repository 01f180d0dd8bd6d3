import type { LeaseView } from '../../model/lease.ts';
import type { LoginConsumer } from '../../model/login.ts';
import type { StatusFinding } from '../../model/status.ts';
import { isExpected, messageOf, Sealed, traceOf } from '../../util/errors.ts';
import { dueAt } from './lease.ts';
import { advance, keepAlive, type LeaseParts, replace, retire } from './life-cycle.ts';

/** Longest pause after failures, ms; the first one is a second. */
const LONGEST_PAUSE = 60_000;
/** A server that starts anew is no news; what fails more often than this is. */
const NOTABLE = 4;
/** Between two searches for roles that nobody remembers, ms. */
const REAP = 300_000;
/** setTimeout(3) takes no more. */
const LONGEST_TIMER = 2 ** 31 - 1;

interface Track {
  consumer: LoginConsumer;
  /** What is under way for this service, and what waits for it. */
  queue: Promise<unknown>;
  timer?: NodeJS.Timeout;
  failures: number;
  /** What the log was told last. */
  said?: string;
  /** Absent while the store is sealed, which is said elsewhere. */
  fault?: string;
}

/** Gives every service its logins in time, each at its own pace, one step at a time for one service. */
export class Rotator {
  #parts: LeaseParts | undefined;
  #tracks = new Map<string, Track>();
  #reaping: NodeJS.Timeout | undefined;

  /** Looks after these services from now on, and after no others. Saying it again wakes those that failed. */
  keep(consumers: LoginConsumer[], parts: LeaseParts): void {
    this.#parts = parts;
    const wanted = new Set(consumers.map(({ service }) => service));
    for (const service of this.#tracks.keys()) if (!wanted.has(service)) this.#drop(service);
    for (const consumer of consumers) {
      const track = this.#tracks.get(consumer.service);
      if (!track) this.#start(consumer);
      else {
        const later = track.consumer.times.period > consumer.times.period || track.failures > 0;
        track.consumer = consumer;
        if (later) this.#wake(track);
      }
    }
    if (consumers.length === 0) return;
    this.#reaping ??= setInterval(() => void this.reap(), REAP).unref();
  }

  stop(): void {
    for (const service of [...this.#tracks.keys()]) this.#drop(service);
    clearInterval(this.#reaping);
    this.#reaping = undefined;
  }

  /** A new login now. Resolves when the service uses it. */
  async rotate(service: string): Promise<void> {
    const track = this.#tracks.get(service);
    if (!track) throw new Error(`no login of ${service} is looked after`);
    await this.#inTurn(track, () => replace(this.#now, track.consumer));
    this.#wake(track);
  }

  /** Every login there is, by service, the oldest first. */
  leases(): LeaseView[] {
    return (this.#parts?.table.all() ?? []).map((lease) => {
      const consumer = this.#tracks.get(lease.service)?.consumer;
      const next = lease.state === 'current' && consumer ? { next: dueAt(lease, consumer.times) } : {};
      return { ...lease, ...next };
    });
  }

  /** Services that have no fresh login, and why. */
  findings(): StatusFinding[] {
    return [...this.#tracks.values()].flatMap(({ consumer: { service }, fault, failures }) =>
      fault === undefined || failures < NOTABLE
        ? []
        : [
            {
              id: `login/${service}`,
              text: `${service} keeps its last good login, because no new one can be made: ${fault}`,
              remedy: './allod leases, and ./allod logs postgres',
            },
          ],
    );
  }

  /** Roles nobody remembers, and leases of services that are gone: both end as any other. */
  async reap(): Promise<void> {
    const { table, server, log } = this.#now;
    try {
      const known = new Set(table.all().map(({ role }) => role));
      for (const { role, service, expires = 0 } of await server.find()) {
        if (known.has(role) || this.#holds(service, role)) continue;
        log(`login ${role}: nobody remembers it`);
        table.add({ service, role, state: 'draining', expires });
        const track = this.#tracks.get(service);
        if (track) this.#wake(track);
      }
      for (const lease of table.all())
        if (!this.#tracks.has(lease.service)) await retire(this.#now, lease, 0);
    } catch (error) {
      if (!isExpected(error)) log(traceOf(error));
    }
  }

  /** The site as it was last made true; there is one as soon as anything is looked after. */
  get #now(): LeaseParts {
    if (!this.#parts) throw new Error('nothing is looked after yet');
    return this.#parts;
  }

  #holds(service: string, role: string): boolean {
    return this.#now.held(service)?.role === role;
  }

  #start(consumer: LoginConsumer): void {
    const track: Track = { consumer, queue: Promise.resolve(), failures: 0 };
    this.#tracks.set(consumer.service, track);
    this.#wake(track);
  }

  #drop(service: string): void {
    clearTimeout(this.#tracks.get(service)?.timer);
    this.#tracks.delete(service);
  }

  #wake(track: Track, at = Date.now()): void {
    clearTimeout(track.timer);
    if (this.#tracks.get(track.consumer.service) !== track) return;
    const pause = Math.min(Math.max(0, at - Date.now()), LONGEST_TIMER);
    track.timer = setTimeout(() => void this.#step(track), pause).unref();
  }

  async #step(track: Track): Promise<void> {
    try {
      const next = await this.#inTurn(track, () => advance(this.#now, track.consumer));
      track.failures = 0;
      delete track.fault;
      delete track.said;
      this.#wake(track, next);
    } catch (error) {
      this.#note(track, error);
      await keepAlive(this.#now, track.consumer).catch(() => {}); // it is tried again with the rest
      this.#wake(track, Date.now() + Math.min(1000 * 2 ** (track.failures - 1), LONGEST_PAUSE));
    }
  }

  /** Said once, not at every try. */
  #note(track: Track, error: unknown): void {
    const text = messageOf(error);
    if (text !== track.said)
      this.#now.log(isExpected(error) ? `login of ${track.consumer.service}: ${text}` : traceOf(error));
    track.said = text;
    if (!(error instanceof Sealed)) track.fault = text;
    track.failures++;
  }

  #inTurn<T>(track: Track, work: () => Promise<T>): Promise<T> {
    const turn = track.queue.then(work);
    track.queue = turn.catch(() => {});
    return turn;
  }
}
