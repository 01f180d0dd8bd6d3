import { Command, CommanderError } from 'commander';
import { PersonFault, Transient, traceOf } from '../util/errors.ts';
import { registerAddresses } from './addresses.ts';
import { registerBench } from './bench.ts';
import { registerChecklist } from './checklist.ts';
import { CommandFault } from './command-fault.ts';
import { type Cli, EXIT } from './context.ts';
import { registerDns } from './dns.ts';
import { registerDoctor } from './doctor.ts';
import { registerDown } from './down.ts';
import { registerExec } from './exec.ts';
import { registerGroup } from './group.ts';
import { registerImages } from './images.ts';
import { registerLeases } from './leases.ts';
import { registerLogs } from './logs.ts';
import { registerPlan } from './plan.ts';
import { registerRenumber } from './renumber.ts';
import { registerRestart } from './restart.ts';
import { registerSecrets } from './secrets.ts';
import { registerSite } from './site.ts';
import { registerStatus } from './status.ts';
import { registerTasks } from './tasks.ts';
import { registerUp } from './up.ts';
import { registerUser } from './user.ts';

/** All commands but those main.ts adds; the help text is what a newcomer reads first. */
export function createProgram(cli: Cli): Command {
  const program = new Command('allod')
    .description('A home cloud you own outright: one site file, one command.')
    .option('--site <path>', 'the site file (default: site.yaml here, or beside the launcher)')
    .helpCommand(false)
    .showSuggestionAfterError(true)
    .configureOutput({ writeErr: (text) => cli.err.write(text), writeOut: (text) => cli.out.write(text) })
    .exitOverride(); // and of the commands, which inherit it
  registerUp(program, cli);
  registerPlan(program, cli);
  registerStatus(program, cli);
  registerLogs(program, cli);
  registerRestart(program, cli);
  registerSite(program, cli);
  registerChecklist(program, cli);
  registerTasks(program, cli);
  registerUser(program, cli);
  registerGroup(program, cli);
  registerSecrets(program, cli);
  registerLeases(program, cli);
  registerImages(program, cli);
  registerAddresses(program, cli);
  registerRenumber(program, cli);
  registerDns(program, cli);
  registerDoctor(program, cli);
  registerDown(program, cli);
  registerExec(program, cli);
  registerBench(program, cli);
  return program;
}

/**
 * Exit code of a run that threw: a person's mistake gets its message, a bug its stack.
 * `command`: the one that was run; for `plan`, 2 means that there are changes.
 */
export function reportError(error: unknown, err: NodeJS.WritableStream, command?: string): number {
  const person = command === 'plan' ? EXIT.failed : EXIT.person;
  if (error instanceof CommanderError) {
    // Commander has printed its message; asking for help or the version is no mistake.
    return error.exitCode === 0 ? EXIT.ok : person;
  }
  if (error instanceof CommandFault) {
    err.write(`${error.message}\n`);
    return error.code;
  }
  if (error instanceof PersonFault) {
    err.write(`${error.message}\n`);
    return person;
  }
  if (error instanceof Transient) {
    err.write(`${error.message}\n`);
    return EXIT.failed;
  }
  err.write(`This is a bug in allod, not a mistake of yours; please report it with these lines:\n`);
  err.write(`${traceOf(error)}\n`);
  return EXIT.failed;
}
