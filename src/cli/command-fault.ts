import { PersonFault } from '../util/errors.ts';

/** A command that is not there (127) or cannot be run (126), with the exit codes of shells. */
export class CommandFault extends PersonFault {
  override name = 'CommandFault';
  readonly code: 126 | 127;

  constructor(code: 126 | 127, command: string, message: string) {
    super({ where: command, message: `${message}; try its absolute path` });
    this.code = code;
  }
}
