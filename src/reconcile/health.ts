import type { DesiredService } from '../plan/desired.ts';
import type { ContainerState, World } from './world.ts';

export interface ServiceHealth {
  healthy: boolean;
  /** Since when it is so, ms since 1970. */
  since: number;
  /** What the probe got instead of a good answer. */
  answer?: string;
  /** Bytes of all its containers. */
  memory?: number;
  /** False where no container of it exists. */
  exists: boolean;
}

/** What is known of each service's processes and answers. */
export class Health {
  #world: Pick<World, 'probe' | 'containers' | 'memoryOf'>;
  #containers: ContainerState[] = [];
  #services = new Map<string, ServiceHealth>();

  constructor(world: Pick<World, 'probe' | 'containers' | 'memoryOf'>) {
    this.#world = world;
  }

  of(service: string): ServiceHealth | undefined {
    const health = this.#services.get(service);
    if (!health) return undefined;
    const memory = this.#memoryOf(service);
    return { ...health, ...(memory === undefined ? {} : { memory }) };
  }

  /** Is a process that was there at the last refresh there no more? Runs no command. */
  processesGone(): boolean {
    return this.#containers.some(({ pid }) => pid > 0 && !isAlive(pid));
  }

  async refresh(services: DesiredService[]): Promise<void> {
    this.#containers = await this.#world.containers();
    await this.probeAll(services);
  }

  /** Asks some of the services. */
  async probe(services: DesiredService[]): Promise<void> {
    await Promise.all(services.map((service) => this.#probe(service)));
  }

  async probeAll(services: DesiredService[]): Promise<void> {
    await this.probe(services);
    const ids = new Set(services.map((service) => service.id));
    for (const id of this.#services.keys()) if (!ids.has(id)) this.#services.delete(id);
  }

  async #probe({ id, pod }: DesiredService): Promise<void> {
    const exists = this.#containers.some((container) => container.service === id);
    const answer = exists ? await this.#world.probe(pod) : 'no container of it exists';
    const before = this.#services.get(id);
    const healthy = answer === undefined;
    const since = before?.healthy === healthy ? before.since : Date.now();
    this.#services.set(id, { healthy, since, exists, ...(answer === undefined ? {} : { answer }) });
  }

  #memoryOf(service: string): number | undefined {
    const mine = this.#containers.filter((container) => container.service === service && container.pid > 0);
    const sizes = mine.map((container) => this.#world.memoryOf(container.pid) ?? 0);
    return sizes.length > 0 ? sizes.reduce((sum, size) => sum + size, 0) : undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
