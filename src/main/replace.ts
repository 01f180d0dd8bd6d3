import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CommandFault } from '../cli/command-fault.ts';

/** Path of a command's file, as execvp(3) finds it. Throws {@link CommandFault}, as shells answer. */
export function findCommand(command: string, path: string): string {
  const candidates = command.includes('/')
    ? [command]
    : path.split(delimiter).map((directory) => join(directory || '.', command));
  let refused: string | undefined;
  for (const file of candidates) {
    const kind = kindOf(file);
    if (kind === 'program') return file;
    if (kind !== 'absent') refused ??= `${file}, which is ${kind}`;
  }
  if (refused !== undefined)
    throw new CommandFault(126, command, `expected a command that can be run; got ${refused}`);
  const place = command.includes('/') ? 'at that path' : 'on PATH';
  throw new CommandFault(127, command, `expected a command; got none of the name ${place}`);
}

function kindOf(file: string): 'program' | 'absent' | 'a directory' | 'not executable' {
  try {
    if (statSync(file).isDirectory()) return 'a directory';
    accessSync(file, constants.X_OK);
    return 'program';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? 'not executable' : 'absent';
  }
}

/**
 * Gives this process over to a command: execve(2), so that signals, terminal and exit code are the command's.
 * Through env(1), because Node ignores two signals and a program would inherit that. Does not return.
 */
export function replaceBy(file: string, args: string[], environment: Record<string, string>): never {
  const env = ['env', '--default-signal=PIPE,XFSZ', '--'];
  // To env a path with "=" in it is one more variable.
  const start = file.includes('=') ? ['/bin/sh', '-c', 'exec "$0" "$@"', file] : [file];
  for (const stream of [process.stdin, process.stdout, process.stderr]) makeBlocking(stream);
  process.execve?.('/usr/bin/env', [...env, ...start, ...args], environment);
  throw new Error('this Node cannot give its process over');
}

/** Node makes pipes non-blocking; most programs do not expect to inherit that. There is no public call for it. */
function makeBlocking(stream: object): void {
  (stream as { _handle?: { setBlocking?(blocking: boolean): void } })._handle?.setBlocking?.(true);
}
