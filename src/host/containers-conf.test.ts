import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choices, containersConf } from './containers-conf.ts';
import { type Host, hardLimit, probeHost } from './probe-host.ts';

const host: Host = {
  cgroup: 'v2',
  systemd: true,
  hard: { openFiles: Number.POSITIVE_INFINITY, processes: Number.POSITIVE_INFINITY },
  software: '',
};

test('limits stay below the hard limits of the host', () => {
  const choice = { runtime: 'runc', manager: 'cgroupfs' } as const;
  assert.match(containersConf(host, choice), /"nofile=16384:16384", "nproc=4096:4096"/);
  const small = { ...host, hard: { openFiles: 1024, processes: 700 } };
  assert.match(containersConf(small, choice), /"nofile=1024:1024", "nproc=700:700"/);
});

test('the choice is written as it was made', () => {
  const text = containersConf(host, { runtime: 'crun', manager: 'systemd' });
  assert.match(text, /^runtime = "crun"$/m);
  assert.match(text, /^cgroup_manager = "systemd"$/m);
});

test('systemd keeps the cgroups where it runs on version 2, and only there', () => {
  assert.deepEqual(choices(host)[0], { runtime: 'crun', manager: 'systemd' });
  for (const other of [
    { ...host, systemd: false },
    { ...host, cgroup: 'hybrid' as const },
  ]) {
    assert.deepEqual(choices(other), [
      { runtime: 'crun', manager: 'cgroupfs' },
      { runtime: 'runc', manager: 'cgroupfs' },
    ]);
  }
});

test('hard limits are read as proc_pid_limits(5) prints them', () => {
  const limits = [
    'Limit                     Soft Limit           Hard Limit           Units     ',
    'Max processes             96365                96366                processes ',
    'Max open files            1024                 unlimited            files     ',
  ].join('\n');
  assert.equal(hardLimit(limits, 'Max processes'), 96_366);
  assert.equal(hardLimit(limits, 'Max open files'), Number.POSITIVE_INFINITY);
});

test('this host has limits and a cgroup version', async () => {
  const here = await probeHost();
  assert.ok(here.hard.openFiles > 0 && here.hard.processes > 0);
  assert.match(here.cgroup, /^(v1|v2|hybrid)$/);
});
