import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar } from 'yaml';
import { type Findings, type Path, quote } from './findings.ts';
import { ambiguity } from './plain-scalars.ts';
import { positionAt, type Source } from './source.ts';

/** Deepest nesting of maps and lists. */
export const MAX_DEPTH = 32;
/** Most values that all aliases of a file may stand for, together. */
export const MAX_ALIASED = 10_000;

/** A value of the document, and where it stands. */
export interface Located {
  /** Maps are objects without a prototype. */
  value: unknown;
  /** Offset of the value. */
  offset: number;
  /** Offset of the key, for a map's member. */
  key?: number;
  /** A plain scalar as it is written. */
  plain?: string;
  children: Map<string, Located>;
  /** Values in this one and below, aliases counted in full. */
  size: number;
  /** Levels of maps and lists. */
  height: number;
}

interface Walk {
  source: Source;
  findings: Findings;
  anchors: Map<string, Located | 'open'>;
  aliased: number;
  /** Whether the limit was said to be passed. */
  full: boolean;
}

/** Plain values with their places. Adds what the YAML syntax allows and a site file does not. */
export function locate(document: Document.Parsed, source: Source, findings: Findings): Located {
  const walk: Walk = { source, findings, anchors: new Map(), aliased: 0, full: false };
  return locateNode(walk, document.contents, [], 0);
}

/** The value at a path, where there is one. */
export function findLocated(root: Located, path: Path): Located | undefined {
  let at: Located | undefined = root;
  for (const part of path) at = at?.children.get(String(part));
  return at;
}

function locateNode(walk: Walk, node: Node | null, path: Path, fallback: number): Located {
  const offset = node?.range?.[0] ?? fallback;
  if (isAlias(node)) return locateAlias(walk, node.source, path, offset);
  if (isScalar(node)) return anchored(walk, node.anchor, () => locateScalar(walk, node, path, offset));
  if (isMap(node))
    return anchored(walk, node.anchor, () =>
      locateMap(walk, node.items as Pair<Node, Node | null>[], path, offset),
    );
  if (isSeq(node))
    return anchored(walk, node.anchor, () => locateList(walk, node.items as Node[], path, offset));
  return leaf(null, offset);
}

function anchored(walk: Walk, anchor: string | undefined, read: () => Located): Located {
  if (anchor === undefined) return read();
  walk.anchors.set(anchor, 'open');
  const located = read();
  walk.anchors.set(anchor, located);
  return located;
}

function locateAlias(walk: Walk, name: string, path: Path, offset: number): Located {
  const target = walk.anchors.get(name);
  const add = (expected: string, hint: string) =>
    walk.findings.add({ offset, path, expected, got: quote(`*${name}`), hint });
  if (target === undefined)
    add(`an alias of an anchor that stands before it`, `writing &${name} before, or quotes for text`);
  else if (target === 'open') add('an alias outside of what it names', 'writing the value out');
  else if (path.length + target.height > MAX_DEPTH) add(`at most ${MAX_DEPTH} levels`, 'a flatter file');
  else if (walk.full || walk.aliased + target.size > MAX_ALIASED) {
    if (!walk.full)
      add(`aliases that stand for at most ${MAX_ALIASED} values in all`, 'writing the values out');
    walk.full = true;
  } else {
    walk.aliased += target.size;
    return { ...target, offset };
  }
  return leaf(undefined, offset);
}

function locateScalar(walk: Walk, node: Scalar, path: Path, offset: number): Located {
  const { value } = node;
  if (node.type !== 'PLAIN') return leaf(value, offset);
  const plain = node.source ?? '';
  if (
    typeof value === 'number' &&
    !(Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value))
  )
    walk.findings.add({
      offset,
      path,
      expected: 'a finite number below 2^53',
      got: plain.slice(0, 60),
      hint: `quotes for text: ${quote(plain)}`,
    });
  const hint = ambiguity(plain);
  if (hint)
    walk.findings.add({
      offset,
      path,
      expected: 'a value that every YAML reads alike',
      got: plain.slice(0, 60),
      hint,
    });
  return { ...leaf(value, offset), plain };
}

function locateMap(walk: Walk, pairs: Pair<Node, Node | null>[], path: Path, offset: number): Located {
  const value: Record<string, unknown> = Object.create(null);
  const children = new Map<string, Located>();
  let size = 1;
  let height = 1;
  if (tooDeep(walk, path, offset)) return leaf(undefined, offset);
  for (const pair of pairs) {
    const at = pair.key?.range?.[0] ?? offset;
    const key = isScalar(pair.key) ? String(pair.key.value) : '';
    const memberPath = [...path, key];
    if (!isScalar(pair.key) || pair.key.anchor !== undefined) {
      walk.findings.add({
        offset: at,
        path: memberPath,
        expected: 'a plain key',
        got: 'something else',
        hint: 'a name',
      });
      continue;
    }
    const first = children.get(key);
    if (first) {
      const { line } = positionAt(walk.source, first.key ?? 0);
      const got = `${quote(key)} again, first on line ${line}`;
      walk.findings.add({
        offset: at,
        path: memberPath,
        expected: 'each key once',
        got,
        hint: 'removing one of the two',
      });
      continue;
    }
    if (key === '__proto__') {
      walk.findings.add({
        offset: at,
        path: memberPath,
        expected: 'a key this version knows',
        got: quote(key),
        hint: 'removing it',
      });
      continue;
    }
    const child = { ...locateNode(walk, pair.value, memberPath, at), key: at };
    children.set(key, child);
    value[key] = child.value;
    size += child.size;
    height = Math.max(height, child.height + 1);
  }
  return { value, offset, children, size, height };
}

function locateList(walk: Walk, items: Node[], path: Path, offset: number): Located {
  const value: unknown[] = [];
  const children = new Map<string, Located>();
  let size = 1;
  let height = 1;
  if (tooDeep(walk, path, offset)) return leaf(undefined, offset);
  for (const [i, item] of items.entries()) {
    const child = locateNode(walk, item, [...path, i], offset);
    children.set(String(i), child);
    value.push(child.value);
    size += child.size;
    height = Math.max(height, child.height + 1);
  }
  return { value, offset, children, size, height };
}

function tooDeep(walk: Walk, path: Path, offset: number): boolean {
  if (path.length < MAX_DEPTH) return false;
  walk.findings.add({
    offset,
    path,
    expected: `at most ${MAX_DEPTH} levels`,
    got: 'more',
    hint: 'a flatter file',
  });
  return true;
}

function leaf(value: unknown, offset: number): Located {
  return { value, offset, children: new Map(), size: 1, height: 0 };
}
