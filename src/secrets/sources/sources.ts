import { createHash } from 'node:crypto';
import { type Source, sourceRef } from '../../model/source.ts';
import type { StatusFinding } from '../../model/status.ts';
import { isExpected, messageOf, traceOf } from '../../util/errors.ts';
import type { SecretStore } from '../store.ts';
import { readCommand } from './command.ts';
import { readFile } from './file.ts';
import { type Reading, readingOf } from './value.ts';
import { type FileWatch, watchFile } from './watch-file.ts';

export interface SourcesOptions {
  store: Pick<SecretStore, 'get' | 'put' | 'list'>;
  /** Told the paths of the store that have a new version. */
  changed(paths: string[]): void;
  log(text: string): void;
  /** Milliseconds between looks at a file that nothing was heard of; 30,000 unless given. */
  poll?: number;
  /** Milliseconds after a first failure; doubled with each further one. 1,000 unless given. */
  pause?: number;
}

/** A source that is looked after. */
interface Watched {
  source: Source;
  /** Of the source, to tell whether it is still the same. */
  text: string;
  /** Why the last reading gave no value. */
  fault?: string;
  failures: number;
  /** Version and hash of what the store held after the last reading. */
  held?: { version: number; hash: string };
  reading: Promise<boolean> | undefined;
  /** Something happened during the reading that is under way. */
  again: boolean;
  watch?: FileWatch;
  timer?: NodeJS.Timeout;
}

/** A source that keeps failing is tried this often at least, ms. */
const LONGEST_PAUSE = 600_000;

/**
 * Brings the values of sources into the store, each as a new version when it differs from the newest one,
 * and watches them. What fails leaves the last good value in use, and is a finding until it works again.
 */
export class Sources {
  readonly #options: Required<SourcesOptions>;
  readonly #watched = new Map<string, Watched>();
  /** What `up` was last run with; undefined since the start of this process. */
  #environment: Record<string, string> | undefined;
  readonly #ended = new AbortController();

  constructor(options: SourcesOptions) {
    this.#options = { poll: 30_000, pause: 1000, ...options };
  }

  /** Looks after these sources and no others. Resolves when each was read once; does not tell of these changes. */
  async keep(sources: Source[], environment?: Record<string, string>): Promise<void> {
    if (environment) this.#environment = environment;
    const wanted = new Map(sources.map((source) => [source.name, JSON.stringify(source)]));
    for (const [name, watched] of this.#watched) if (wanted.get(name) !== watched.text) this.#drop(watched);
    for (const source of sources) {
      if (this.#watched.has(source.name)) continue;
      const text = JSON.stringify(source);
      this.#watched.set(source.name, { source, text, failures: 0, reading: undefined, again: false });
    }
    await Promise.all([...this.#watched.values()].map((watched) => this.#refresh(watched)));
  }

  /** One for each source that gives no value now. */
  get findings(): StatusFinding[] {
    return [...this.#watched.values()].flatMap(({ source, fault }) => {
      if (fault === undefined) return [];
      const { secret } = sourceRef(source.name);
      const rest = this.#holds(secret)
        ? 'the last good value stays in use'
        : 'no value ever came, so what needs it waits';
      return [
        { id: secret, text: `${secret}: ${whereOf(source)} ${fault}; ${rest}`, remedy: remedyFor(source) },
      ];
    });
  }

  /** Ends commands that are under way too. */
  close(): void {
    this.#ended.abort();
    for (const watched of [...this.#watched.values()]) this.#drop(watched);
  }

  #holds(path: string): boolean {
    return this.#versionOf(path) > 0;
  }

  /** Of the newest value of a path, 0 where there is none; no value is read for it. */
  #versionOf(path: string): number {
    return this.#options.store.list().find((entry) => entry.path === path)?.version ?? 0;
  }

  #drop(watched: Watched): void {
    clearTimeout(watched.timer);
    watched.watch?.close();
    this.#watched.delete(watched.source.name);
  }

  #isKept(watched: Watched): boolean {
    return this.#watched.get(watched.source.name) === watched;
  }

  /** Reads now, or once more after the reading that is under way. True where the store has a new version. */
  async #refresh(watched: Watched): Promise<boolean> {
    if (watched.reading) {
      watched.again = true;
      return await watched.reading;
    }
    clearTimeout(watched.timer);
    watched.reading = this.#read(watched);
    try {
      return await watched.reading;
    } finally {
      watched.reading = undefined;
    }
  }

  async #read(watched: Watched): Promise<boolean> {
    let isNew = false;
    do {
      watched.again = false;
      const reading = await this.#ask(watched.source);
      if (!this.#isKept(watched)) return isNew;
      const kept = this.#keepReading(watched, reading);
      isNew ||= kept;
    } while (watched.again);
    this.#watch(watched);
    return isNew;
  }

  async #ask(source: Source): Promise<Reading | undefined> {
    if ('file' in source) return readFile(source.file);
    if ('command' in source) return await readCommand(source.command, source.timeout, this.#ended.signal);
    const value = this.#environment?.[source.environment];
    if (value !== undefined) return readingOf(Buffer.from(value));
    // A daemon that was started again was told nothing yet; what the store holds stays good.
    if (!this.#environment && this.#holds(sourceRef(source.name).secret)) return undefined;
    return { fault: 'was not set when ./allod up was run' };
  }

  #keepReading(watched: Watched, reading: Reading | undefined): boolean {
    const { store, log } = this.#options;
    const { secret } = sourceRef(watched.source.name);
    let fault: string | undefined;
    let isNew = false;
    if (reading && 'fault' in reading) fault = reading.fault;
    else if (reading) {
      try {
        isNew = !this.#isHeld(watched, reading.value);
        if (isNew) store.put({ [secret]: reading.value });
        watched.held = { version: this.#versionOf(secret), hash: hashOf(reading.value) };
      } catch (error) {
        if (!isExpected(error)) log(traceOf(error));
        fault = `cannot be kept: ${messageOf(error)}`;
      }
    }
    if (fault === undefined) delete watched.fault;
    else watched.fault = fault;
    watched.failures = fault === undefined ? 0 : watched.failures + 1;
    return isNew;
  }

  /** Reads the value from the store only where it may be another: each reading is a line of the audit log. */
  #isHeld({ source, held }: Watched, value: string): boolean {
    const { secret } = sourceRef(source.name);
    const version = this.#versionOf(secret);
    if (version === 0) return false;
    if (held?.version === version) return held.hash === hashOf(value);
    return this.#options.store.get(secret)?.reveal() === value;
  }

  /** Hears of changes, and looks again after a while in any case. */
  #watch(watched: Watched): void {
    const { source } = watched;
    if ('environment' in source) return;
    if ('file' in source) {
      watched.watch ??= watchFile(source.file, () => void this.#again(watched));
      watched.watch.renew();
    }
    watched.timer = setTimeout(() => void this.#again(watched), this.#pauseOf(watched));
    watched.timer.unref();
  }

  #pauseOf({ source, failures }: Watched): number {
    const usual = 'command' in source ? source.every * 1000 : this.#options.poll;
    if (failures === 0) return usual;
    return Math.min(usual, this.#options.pause * 2 ** Math.min(failures - 1, 20), LONGEST_PAUSE);
  }

  async #again(watched: Watched): Promise<void> {
    if (!this.#isKept(watched)) return;
    const before = watched.fault;
    const isNew = await this.#refresh(watched);
    const { secret } = sourceRef(watched.source.name);
    if (watched.fault !== before)
      this.#options.log(`${secret}: ${whereOf(watched.source)} ${watched.fault ?? 'gives a value again'}`);
    if (isNew) this.#options.changed([secret]);
  }
}

/** What a source reads, as a sentence about it begins. Arguments of a command are left out. */
function whereOf(source: Source): string {
  if ('file' in source) return source.file;
  return 'environment' in source ? `the variable ${source.environment}` : (source.command[0] ?? '');
}

function remedyFor(source: Source): string {
  if ('file' in source) return `putting the value into ${source.file}, as text of one to 65536 bytes`;
  if ('environment' in source)
    return `${source.environment}=… ./allod up, or sudo with --preserve-env=${source.environment}`;
  return `running it by hand, as the user nobody: ${source.command[0]}`;
}

function hashOf(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}
