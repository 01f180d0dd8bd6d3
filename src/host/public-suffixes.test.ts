import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSuffixOf } from './public-suffixes.ts';

const LIST = `// ===BEGIN ICANN DOMAINS===
uk
co.uk
*.ck
!www.ck
公司.cn
// ===END ICANN DOMAINS===
// ===BEGIN PRIVATE DOMAINS===
pages.example
`;

test('what anybody registers names below', () => {
  for (const domain of ['co.uk', 'any.ck', 'xn--55qx5d.cn']) assert.ok(isSuffixOf(LIST, domain), domain);
  for (const domain of ['example.co.uk', 'www.ck', 'a.any.ck', 'pages.example', 'example.org'])
    assert.ok(!isSuffixOf(LIST, domain), domain);
});
