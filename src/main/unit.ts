import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { exec } from '../util/exec.ts';

/** Whether systemd is the first process here: sd_booted(3). */
export function systemdRuns(): boolean {
  return existsSync('/run/systemd/system');
}

export function unitName(domain: string): string {
  return `allod-${domain}.service`;
}

/** The unit of a site's daemon: systemd.service(5). */
export function unitText(
  domain: string,
  argv: string[],
  environment: Record<string, string | undefined>,
  log: string,
): string {
  const set = Object.entries(environment).filter(([, value]) => value !== undefined);
  return `[Unit]
Description=Allod site ${domain}
After=network.target
RequiresMountsFor=${quote(log)}
# However often it ends, it is started again.
StartLimitIntervalSec=0

[Service]
ExecStart=${argv.map((word) => quote(word).replaceAll('$', '$$$$')).join(' ')}
${set.map(([name, value]) => `Environment=${quote(`${name}=${value}`)}`).join('\n')}
StandardOutput=append:${log.replaceAll('%', '%%')}
# Not after down, nor when a newer daemon takes over.
Restart=on-failure
RestartSec=1
# The services outlive their keeper.
KillMode=process
# A build that needs too much memory fails alone.
OOMPolicy=continue

[Install]
WantedBy=multi-user.target
`;
}

/** One word: quotes and backslashes as in C (systemd.syntax(7)), percent signs doubled (systemd.unit(5)). */
function quote(word: string): string {
  return JSON.stringify(word).replaceAll('%', '%%');
}

/** Installs the unit and has it run, now and at every boot. `start` leaves alone a daemon that is about to answer. */
export async function startUnit(domain: string, text: string, verb: 'start' | 'restart'): Promise<void> {
  const path = `/etc/systemd/system/${unitName(domain)}`;
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    writeFileSync(path, text);
    await exec(['systemctl', 'daemon-reload']);
  }
  await exec(['systemctl', 'enable', '--quiet', unitName(domain)]);
  await exec(['systemctl', verb, unitName(domain)]);
}

/** A site that was taken down stays down at the next boot. The daemon itself ends on its own. */
export async function disableUnit(domain: string): Promise<void> {
  if (!existsSync(`/etc/systemd/system/${unitName(domain)}`)) return;
  await exec(['systemctl', 'disable', '--quiet', unitName(domain)]);
}

/** Ends the unit and takes its file away; the pods go on. */
export async function removeUnit(domain: string): Promise<void> {
  const path = `/etc/systemd/system/${unitName(domain)}`;
  if (!existsSync(path)) return;
  await exec(['systemctl', 'disable', '--quiet', '--now', unitName(domain)]);
  rmSync(path);
  await exec(['systemctl', 'daemon-reload']);
}
