import assert from 'node:assert/strict';
import { test } from 'node:test';
import { siteFaultOf } from './site-fault.ts';

test('a fault is shown at its line, where it has one', () => {
  const placed = 'site.yaml:9:3 services.contact: expected a service of the catalog; got "contact"';
  assert.deepEqual(siteFaultOf(placed), { line: 9, text: placed });
  for (const text of ['site.yaml: expected a text', 'port 443:1 is held by nginx', 'at 12:30 nothing'])
    assert.deepEqual(siteFaultOf(text), { text });
});
