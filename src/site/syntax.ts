import { Composer, CST, type Document, Lexer, Parser, type YAMLError } from 'yaml';
import { type Findings, quote } from './findings.ts';
import { positionAt, type Source } from './source.ts';
import { MAX_DEPTH } from './tree.ts';

/** Most words, marks, spaces and line ends of a file; a site of 8,000 services has fewer. */
const MAX_LEXEMES = 400_000;

const options = {
  schema: 'core',
  version: '1.2',
  // the package compares each key with each; duplicates are found in tree.ts
  uniqueKeys: false,
  stringKeys: true,
  prettyErrors: false,
} as const;

/** The one YAML 1.2 document of a source; undefined where the findings say why there is none. */
export function parseYaml(source: Source, findings: Findings): Document.Parsed | undefined {
  const quotes: number[] = [];
  const add = (offset: number, phrase: Phrase) => findings.add({ offset, path: [], ...phrase });
  const [document, second] = compose(source.text, readTokens(source.text, quotes, add));
  if (!document || findings.any) return undefined;
  if (second) {
    const hint = 'one file for each site';
    add(second.range[0], { expected: 'one document', got: 'a second one', hint });
  }
  addSyntaxFaults(document.errors, source, quotes, add);
  const { explicit, version } = document.directives.yaml;
  if (explicit && version !== '1.2')
    add(0, { expected: 'YAML 1.2', got: `%YAML ${quote(version)}`, hint: 'removing the directive' });
  return findings.any ? undefined : document;
}

function compose(text: string, tokens: Iterable<CST.Token>): Document.Parsed[] {
  // the package makes an Error of every fault; with stack traces a hostile file takes ten times as long
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return [...new Composer(options).compose(tokens, true, text.length)] as Document.Parsed[];
  } finally {
    Error.stackTraceLimit = limit;
  }
}

interface Phrase {
  expected: string;
  got: string;
  hint: string;
}

type Add = (offset: number, phrase: Phrase) => void;

/**
 * Tokens for the composer, which recurses and has no limits: they are checked before it sees a
 * document. Refuses tags; notes where quotes open.
 */
function* readTokens(text: string, quotes: number[], add: Add): Generator<CST.Token> {
  const parser = new Parser();
  let before = '';
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    const offset = parser.offset;
    if (before !== CST.SCALAR) {
      if (lexeme.startsWith('!')) add(offset, tagPhrase(lexeme));
      if (lexeme.startsWith('"') || lexeme.startsWith("'")) quotes.push(offset);
    }
    before = lexeme;
    yield* parser.next(lexeme);
    // the document, then each level, then perhaps a scalar
    const deep = parser.stack.length > MAX_DEPTH + 2;
    if (deep) add(offset, { expected: `at most ${MAX_DEPTH} levels`, got: 'more', hint: 'a flatter file' });
    const long = ++count > MAX_LEXEMES;
    if (long)
      add(offset, {
        expected: `at most ${MAX_LEXEMES} words and marks`,
        got: 'more',
        hint: 'a shorter file',
      });
    if (deep || long) return;
  }
  yield* parser.end();
}

function tagPhrase(tag: string): Phrase {
  return { expected: 'a value without a tag', got: quote(tag), hint: 'removing it, or quotes for text' };
}

/** One fault per line: what follows a broken line is often only its echo. */
function addSyntaxFaults(errors: YAMLError[], source: Source, quotes: number[], add: Add): void {
  const lines = new Set<number>();
  for (const error of errors) {
    const end = Math.max(0, error.pos[0]);
    const unclosed = error.message.startsWith('Missing closing');
    // the text runs to the end of the file: where it begins says more
    const offset = unclosed ? (quotes.findLast((quote) => quote < end) ?? end) : end;
    const { line } = positionAt(source, offset);
    if (lines.has(line)) continue;
    lines.add(line);
    add(offset, phraseOf(error));
  }
}

function phraseOf(error: YAMLError): Phrase {
  if (error.message.startsWith('Missing closing'))
    return { expected: 'a closing quote', got: 'none up to the end', hint: 'adding it' };
  const bracket = /end with a ([\]}])/.exec(error.message)?.[1];
  if (bracket)
    return { expected: `a closing ${bracket} before this`, got: 'none', hint: `adding ${bracket}` };
  const phrase = phrases[error.code];
  if (phrase) return phrase;
  const text = error.message.replace(/\s+/g, ' ').replace(/: .*$/, '').slice(0, 100);
  return {
    expected: 'valid YAML 1.2',
    got: `a fault of syntax (${text})`,
    hint: 'quotes around the value, or another indentation',
  };
}

const phrases: Record<string, Phrase> = {
  TAB_AS_INDENT: { expected: 'spaces for indentation', got: 'a tab', hint: 'two spaces for each level' },
  BAD_INDENT: {
    expected: 'keys of one map in one column',
    got: 'another indentation',
    hint: 'two spaces for each level',
  },
  MULTILINE_IMPLICIT_KEY: {
    expected: '"key: value" on each line',
    got: 'a key over several lines',
    hint: 'a colon and a space after the key',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    expected: 'one "key: value" on a line',
    got: 'two',
    hint: 'a line for each key, or quotes',
  },
  NON_STRING_KEY: { expected: 'a plain key', got: 'something else', hint: 'a name' },
  BAD_ALIAS: {
    expected: 'an alias such as *name',
    got: 'none that YAML allows',
    hint: 'removing it, or quotes for text',
  },
  BAD_SCALAR_START: {
    expected: 'a value',
    got: 'a character that no plain value begins with',
    hint: 'quotes around the value',
  },
  MISSING_CHAR: {
    expected: 'a closing quote, bracket, comma or a colon',
    got: 'something else',
    hint: 'adding what is missing',
  },
};
