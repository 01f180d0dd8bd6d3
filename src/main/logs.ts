import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { containerName, type Podman, siteLabel } from '../engines/podman/podman.ts';
import type { Layout } from '../model/layout.ts';
import type { LogLine } from '../server/console-api.ts';
import { PersonFault } from '../util/errors.ts';

/** A file that a container, or the daemon, writes to. */
export interface LogFile {
  path: string;
  /** Absent where it is the daemon's own. */
  container?: string;
}

/** What the daemon writes, however it was started. */
export function logFile(layout: Layout): string {
  return `${layout.log}/daemon.log`;
}

/** Of every container of a service; throws PersonFault where it has none. */
export async function logFilesOf(podman: Podman, domain: string, service: string): Promise<LogFile[]> {
  const prefix = containerName(domain, service, '');
  // By label: `contacts-family` begins like `contacts`.
  const labels = [siteLabel(domain), `allod.service=${service}`];
  const filters = labels.flatMap((label) => ['--filter', `label=${label}`]);
  const names = (await podman(['ps', '--all', '--format', '{{.Names}}', ...filters]))
    .split('\n')
    .filter(Boolean);
  if (names.length === 0)
    throw new PersonFault({
      where: service,
      message: 'expected a service of this site that runs; try ./allod status',
    });
  const paths = await podman(['inspect', '--format', '{{.HostConfig.LogConfig.Path}}', ...names]);
  return paths
    .trim()
    .split('\n')
    .map((path, i) => ({ path, container: names[i]?.slice(prefix.length) ?? '' }));
}

/**
 * Prints the end of log files, and goes on as they grow until interrupted. Each line of a container stands behind its
 * name, with podman's own prefix of a line cut to the time.
 */
export async function printLogs(files: LogFile[], following: boolean, lines: number): Promise<void> {
  const width = Math.max(0, ...files.map(({ container }) => container?.length ?? 0));
  await Promise.all(
    files.map(async ({ path, container }) => {
      for await (const line of tail(path, following, lines))
        process.stdout.write(
          container === undefined ? `${line}\n` : `${container.padEnd(width)}  ${shorten(line)}\n`,
        );
    }),
  );
}

/** The same as data, in the order in which lines come: those of one container after the other, then those to come. */
export async function* logLines(
  files: LogFile[],
  following: boolean,
  lines: number,
  gone: AbortSignal,
): AsyncGenerator<LogLine> {
  if (!following) {
    for (const file of files)
      for await (const line of tail(file.path, false, lines, gone)) yield parse(line, file);
    return;
  }
  // One that waits holds the others back too: whoever reads decides how fast all go on.
  const sources = files.map((file) => ({ file, lines: tail(file.path, true, lines, gone) }));
  const next = new Map(
    sources.map((source) => [source, source.lines.next().then((read) => ({ source, read }))]),
  );
  while (next.size > 0) {
    const { source, read } = await Promise.race(next.values());
    if (read.done) next.delete(source);
    else {
      next.set(
        source,
        source.lines.next().then((read) => ({ source, read })),
      );
      yield parse(read.value, source.file);
    }
  }
}

/** By a process of its own, which holds no more than is asked for; it ends with the signal. */
async function* tail(
  path: string,
  following: boolean,
  lines: number,
  gone?: AbortSignal,
): AsyncGenerator<string> {
  const args = ['-n', String(lines), ...(following ? ['-F'] : []), '--', path];
  const child = spawn('tail', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const stop = () => child.kill();
  gone?.addEventListener('abort', stop, { once: true });
  if (gone?.aborted) stop();
  child.on('error', () => {}); // no output, then
  try {
    for await (const line of createInterface({ input: child.stdout })) yield line;
  } finally {
    gone?.removeEventListener('abort', stop);
    stop();
  }
}

/** `2026-11-23T08:00:00.123456789+00:00 stdout F text`, the format of podman (k8s-file), or `2026-11-23T08:00:00.123Z text`. */
const LINE = /^(\d{4}-\d\d-\d\dT\S+) (?:std(?:out|err) [FP] )?(.*)$/s;

function parse(line: string, { container = 'allod' }: LogFile): LogLine {
  const [, time = '', text = line] = LINE.exec(line) ?? [];
  const at = Date.parse(time);
  return { container, text, ...(Number.isNaN(at) ? {} : { at }) };
}

/** `2026-11-23T08:00:00.123456789+00:00 stdout F text` → `08:00:00 text` */
function shorten(line: string): string {
  return line.replace(/^\S+T(\d\d:\d\d:\d\d)\S* \S+ \S+ /, '$1 ');
}
