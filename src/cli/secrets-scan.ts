import type { Command } from 'commander';
import { type Cli, EXIT } from './context.ts';
import { count, seconds } from './progress.ts';

export function registerSecretsScan(secrets: Command, cli: Cli): void {
  secrets
    .command('scan')
    .description(
      'look for values of the store where none may be: plan, images, logs, processes; exit code 1 when one is found',
    )
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Looked for: every value of eight characters and more, keys by their lines, as it is and in base64, hex, URLs and JSON.
Looked at: the plan and the YAML of pods, what podman keeps of pods, containers and images, every file of every layer of
their images, logs, the history, the site file, environments and arguments of all processes. Certificates are public.`,
    )
    .action(async (options: { json?: boolean }) => {
      const start = Date.now();
      const report = await cli.scan(cli.openSite());
      if (options.json) cli.out.write(`${JSON.stringify(report, null, 2)}\n`);
      else {
        for (const { secret, form, place, where } of report.leaks)
          cli.out.write(`${place}: ${where}: ${secret} ${form}\n`);
        for (const [place, { texts, bytes }] of Object.entries(report.seen))
          cli.err.write(`${place.padEnd(15)} ${texts} looked at, ${(bytes / 2 ** 20).toFixed(1)} MB\n`);
        const found =
          report.leaks.length === 0 ? 'none found' : `found in ${count(report.leaks.length, 'place')}`;
        cli.out.write(
          `${count(report.values, 'value')} looked for, ${found} (${seconds(Date.now() - start)}).\n`,
        );
      }
      cli.exit(report.leaks.length === 0 ? EXIT.ok : EXIT.failed);
    });
}
