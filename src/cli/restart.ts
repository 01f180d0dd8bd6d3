import type { Command } from 'commander';
import { call } from '../server/client.ts';
import type { Cli } from './context.ts';
import { progressView } from './progress.ts';

export function registerRestart(program: Command, cli: Cli): void {
  program
    .command('restart SERVICE')
    .description('stop a service and start it anew; returns when it serves, or says why it does not')
    .action(async (service: string) => {
      const { socket } = cli.openSite().layout;
      const view = progressView(cli.err);
      try {
        await call(socket, 'restartService', { service }, (event) => view.show(event));
      } finally {
        view.end();
      }
      cli.out.write(`${service} was started again and serves.\n`);
    });
}
