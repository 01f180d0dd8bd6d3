import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Transient } from './errors.ts';

export interface ExecOptions {
  env?: Record<string, string>;
  /** Text for standard input; without it, standard input is empty. */
  input?: string;
  /** Milliseconds until the command is killed; no limit unless given. */
  timeout?: number;
  /** Called for every line of standard output and standard error as it comes. */
  onLine?: (line: string) => void;
  signal?: AbortSignal;
  /** Working directory. */
  cwd?: string;
  /** Open files the command finds as /dev/fd/3, /dev/fd/4 and so on; the caller closes its own. */
  files?: number[];
}

/** Characters of standard error that are kept: its end tells what went wrong, however much was printed. */
const KEPT = 65_536;

/** A command that ended with another code than 0. A transient error: most have a cause outside. */
export class ExecError extends Transient {
  override name = 'ExecError';
  readonly code: number | null;
  readonly stderr: string;

  constructor(argv: string[], code: number | null, stderr: string) {
    const tail = stderr.trim().split('\n').slice(-5).join('\n');
    super(`${argv.slice(0, 3).join(' ')}: ${tail || `exit code ${code}`}`);
    this.code = code;
    this.stderr = stderr;
  }
}

/**
 * Runs a command without a shell and returns its standard output. Throws {@link ExecError}, or Transient
 * where it could not even be started, or the signal's AbortError.
 */
export function exec(argv: [string, ...string[]], options: ExecOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const [command, ...args] = argv;
    const child = spawn(command, args, {
      env: { ...process.env, ...options.env },
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', ...(options.files ?? [])],
      ...(options.cwd ? { cwd: options.cwd } : {}),
      ...(options.timeout ? { timeout: options.timeout, killSignal: 'SIGKILL' as const } : {}),
      ...(options.signal ? { signal: options.signal } : {}),
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      stderr = (stderr + chunk).slice(-KEPT);
    });
    if (options.onLine) {
      for (const stream of [child.stdout, child.stderr])
        if (stream) createInterface({ input: stream }).on('line', options.onLine);
    }
    child.stdin?.on('error', () => {}); // the command may end without reading; its code tells
    child.stdin?.end(options.input);
    child.on('error', (error) => reject(options.signal?.aborted ? error : notStarted(command, error)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(stdout);
      else reject(new ExecError(argv, code, signal ? `${stderr}\nended by ${signal}` : stderr));
    });
  });
}

function notStarted(command: string, error: NodeJS.ErrnoException): Transient {
  const absent = error.code === 'ENOENT';
  const text = absent ? 'no such command here; ./allod up installs what is missing' : error.message;
  return new Transient(`${command}: ${text}`);
}
