import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aptConf, chooseArchives, chooseSettings, sourcesOf } from './host-apt.ts';

const host = { architecture: 'amd64', archive: 'http://mirror.example.org/debian', settings: [] };

test('the archives of a Debian machine are found among those of others', () => {
  const targets = [
    'Docker|bookworm|stable|https://docker.example.org/linux/debian/',
    'Other|bookworm|main|https://packages.example.org/debian/',
    'Debian|bookworm|main|http://mirror.example.org/debian/',
    'Debian|bookworm-updates|main|http://mirror.example.org/debian/',
    'Debian|bookworm-security|main|http://mirror.example.org/debian-security/',
    '',
  ].join('\n');
  assert.deepEqual(chooseArchives(targets), {
    archive: 'http://mirror.example.org/debian',
    security: 'http://mirror.example.org/debian-security',
  });
});

test('before any list was downloaded the path tells, and a missing security archive stays missing', () => {
  const targets =
    '$(ORIGIN)|trixie|main|http://proxy.example.org:3142/debian/\n$(ORIGIN)|stable|main|https://apt.example.org/';
  assert.deepEqual(chooseArchives(targets), { archive: 'http://proxy.example.org:3142/debian' });
});

test('a machine whose sources are not Debian is told so', () => {
  const targets = 'Ubuntu|noble|main|http://archive.example.org/ubuntu/';
  assert.throws(() => chooseArchives(targets), /expected an archive of Debian/);
});

test('only settings about fetching are taken, and none that ask for less proof', () => {
  const dump = [
    'APT::Install-Recommends "1";',
    'Acquire::http::Proxy "http://proxy.example.org:3128";',
    'Acquire::https::CaInfo "/etc/ssl/own ca.pem";',
    'Acquire::Check-Valid-Until "false";',
    'Acquire::AllowInsecureRepositories "1";',
    'Acquire::IndexTargets::deb::Packages::MetaKey "x";',
    'Acquire::Languages:: "none";',
    'Acquire::http "";',
    'DPkg::Post-Invoke:: "rm -rf /";',
  ].join('\n');
  assert.deepEqual(chooseSettings(dump), [
    'Acquire::http::Proxy "http://proxy.example.org:3128";',
    'Acquire::https::CaInfo "/etc/ssl/own ca.pem";',
    'Acquire::Check-Valid-Until "false";',
  ]);
});

test('sources name the suite, its updates, and security where there is an archive for it', () => {
  assert.match(sourcesOf(host, 'trixie'), /^Suites: trixie trixie-updates$/m);
  assert.doesNotMatch(sourcesOf(host, 'trixie'), /security/);
  const secured = { ...host, security: 'http://mirror.example.org/debian-security' };
  assert.match(sourcesOf(secured, 'trixie'), /URIs: \S+\/debian-security\nSuites: trixie-security\n/);
});

test('the apt configuration leaves out the hooks and sources of the machine', () => {
  const places = { sources: '/p/s', lists: '/p/l', cache: '/p/c', archives: '/c/debs' };
  const conf = aptConf({ ...host, settings: ['Acquire::Retries "3";'] }, places);
  assert.match(conf, /^Dir::Etc::parts "\/dev\/null";$/m);
  assert.match(conf, /^Acquire::Retries "3";$/m);
});
