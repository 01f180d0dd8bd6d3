import { setTimeout as sleep } from 'node:timers/promises';
import type { Provider } from '../model/provider.ts';
import type { Change, Kind } from '../model/resource.ts';
import { Deferred, HeldBack, messageOf, PartFault, Sealed, Transient } from '../util/errors.ts';
import type { Listener } from './events.ts';

/** How a change ended. */
export interface Outcome {
  change: Change;
  /** Absent where it was made. */
  fault?: { text: string; error?: unknown; blockedBy?: string };
}

/** Milliseconds to wait before trying a transient failure again; after the last one it is given up. */
const PAUSES = [500, 2000, 5000];

/**
 * Makes changes, each as soon as those it needs are made, as many side by side as `needs` allows:
 * providers bound their own work. A failure stops only what needs it.
 */
export async function applyChanges(
  changes: Change[],
  providers: Provider[],
  listen: Listener,
  pauses: readonly number[] = PAUSES,
): Promise<Outcome[]> {
  const byKind = new Map<Kind, Provider>();
  for (const provider of providers) for (const kind of provider.kinds) byKind.set(kind, provider);
  const running = new Map<string, Promise<Outcome>>();
  // Changes come in an order that respects their needs, so a need is always started before it is awaited.
  for (const change of changes) running.set(change.key, settle(change));
  return await Promise.all(running.values());

  async function settle(change: Change): Promise<Outcome> {
    const { key, service, held } = change;
    // Nobody is told of each: they come in thousands, and what they wait for is told at the end.
    if (held) return { change, fault: { text: held.text, error: new HeldBack(held) } };
    for (const need of change.needs) {
      const outcome = await running.get(need);
      if (!outcome?.fault || isDoneFor(service, outcome.fault.error)) continue;
      const root = outcome.fault.blockedBy ?? need;
      const text = `waits for ${root}`;
      listen({ type: 'blocked', key, service, text });
      return { change, fault: { text, blockedBy: root } };
    }
    listen({ type: 'started', key, service, text: describeChange(change) });
    const start = Date.now();
    try {
      const provider = byKind.get(change.kind);
      if (!provider) throw new Error(`nothing makes resources of kind ${change.kind}`);
      await applyWithRetry(change, provider, listen, pauses);
      listen({ type: 'done', key, ms: Date.now() - start });
      return { change };
    } catch (error) {
      // A bug too stops only what needs the change: others are under way and must come to their end.
      const text = messageOf(error);
      listen({ type: 'failed', key, service, text });
      return { change, fault: { text, error } };
    }
  }
}

async function applyWithRetry(
  change: Change,
  provider: Provider,
  listen: Listener,
  pauses: readonly number[],
): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await provider.apply(change, (text, fraction) =>
        listen({ type: 'progress', key: change.key, text, ...(fraction === undefined ? {} : { fraction }) }),
      );
    } catch (error) {
      const pause = pauses[attempt];
      if (pause === undefined || !worthRetrying(change, error)) throw error;
      listen({ type: 'progress', key: change.key, text: `trying again: ${firstLine(error.message)}` });
      await sleep(pause);
    }
  }
}

/** Whether what failed holds up nothing of this service. */
function isDoneFor(service: string, error: unknown): boolean {
  return error instanceof Deferred || (error instanceof PartFault && !error.services.has(service));
}

/**
 * An image that cannot be built, and a pod that used up its start time, will not be better at once; nor will a
 * store that a person has to open, or what is put off. A value that a file waits for begins a run itself when it comes.
 */
function worthRetrying({ kind }: Change, error: unknown): error is Transient {
  if (!(error instanceof Transient) || error instanceof Sealed || error instanceof Deferred) return false;
  return kind !== 'image' && kind !== 'pod' && kind !== 'host-files';
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

/** One line for a person: `update pod contacts: stopped: …`. */
export function describeChange(change: Change): string {
  // A fingerprint is one word.
  const because = change.observed?.includes(' ') ? ` (${change.observed})` : '';
  return `${change.action} ${change.kind} ${change.name}${because}`;
}
