import type { z } from 'zod';

/** What zod expected, to complete the sentence `expected …`; used where a schema gives no message. */
export function phraseOf(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typePhrases[issue.expected] ?? `a value of type ${issue.expected}`;
    case 'invalid_value':
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.join(', ')}`;
    case 'too_small':
      return sizePhrase(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum);
    case 'too_big':
      return sizePhrase(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum);
    case 'invalid_format':
      return issue.format === 'regex'
        ? `text that matches ${issue.pattern}`
        : `text of the form ${issue.format}`;
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return 'a key this version knows';
    case 'invalid_union':
      return unionPhrase(issue);
    default:
      return 'a valid value';
  }
}

const typePhrases: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys and values',
  record: 'a map of keys and values',
  never: 'nothing',
};

function sizePhrase(origin: string, bound: string, limit: number | bigint): string {
  if (origin === 'string') return `text of ${bound} ${limit} characters`;
  if (origin === 'array' || origin === 'set') return `a list of ${bound} ${limit} entries`;
  return `a number of ${bound} ${limit}`;
}

function unionPhrase(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>): string {
  if (issue.discriminator !== undefined) {
    const { options } = issue as { options?: unknown };
    return Array.isArray(options) ? `one of ${options.join(', ')}` : 'a known kind';
  }
  const alternatives = issue.errors.map((issues) => issues[0]?.message ?? 'a valid value');
  return [...new Set(alternatives)].join(' or ');
}
