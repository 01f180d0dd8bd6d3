import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Tried } from '../../model/rehearsal.ts';
import type { Order } from './client.ts';
import { NAMESPACES } from './lines.ts';

/** The client outside, as a process in its namespace. */
export interface Client {
  /** All requests that have ended until now. */
  tried: Tried[];
  tell(order: Order): void;
  end(): void;
}

const PROGRAM = new URL('./client.ts', import.meta.url).pathname;

/** `failed` is called where it ends for a reason of its own. */
export function startClient(failed: (error: Error) => void): Client {
  const inNamespace = ['nsenter', `--net=/run/netns/${NAMESPACES.client}`];
  const child = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', ...inNamespace, process.execPath, ...process.execArgv, PROGRAM],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const tried: Tried[] = [];
  let ending = false;
  createInterface({ input: child.stdout }).on('line', (line) => tried.push(JSON.parse(line) as Tried));
  child.stdin.on('error', () => {}); // its exit tells
  child.on('error', failed);
  child.on('exit', (code) => ending || failed(new Error(`the client ended with ${code}`)));
  return {
    tried,
    tell(order) {
      child.stdin.write(`${JSON.stringify(order)}\n`);
    },
    end() {
      ending = true;
      child.kill('SIGKILL');
    },
  };
}
