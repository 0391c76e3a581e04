// Alloy's syntax (https://grafana.com/docs/alloy/latest/get-started/configuration-syntax/), as far as a file without
// functions needs it.

export type Value =
  | string
  | number
  | boolean
  | null
  | readonly Value[]
  | { readonly fields: Readonly<Record<string, Value>> }
  | { readonly reference: string };

export interface Block {
  readonly name: string;
  readonly label?: string | undefined;
  readonly attributes: Readonly<Record<string, Value>>;
  readonly blocks: readonly Block[];
}

export class AlloySyntaxError extends Error {
  override name = 'AlloySyntaxError';
}

const TOKEN =
  /(?<space>[ \t\r]+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<end>\n)|(?<text>"(?:[^"\\\n]|\\.)*")|(?<number>-?\d+(?:\.\d+)?(?![\w.]))|(?<word>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)|(?<sign>[{}[\],=])/y;

interface Token {
  readonly kind: 'text' | 'number' | 'word' | 'sign' | 'last';
  readonly text: string;
  readonly line: number;
  /** A statement begins on a line of its own. */
  readonly first: boolean;
}

/**
 * Blocks of a file.
 *
 * @throws AlloySyntaxError with the line, where Alloy would not take the file either.
 */
export function parseAlloy(source: string): readonly Block[] {
  const reader = new Reader(tokens(source));
  const body = readBody(reader, 'last');
  if (Object.keys(body.attributes).length > 0) throw new AlloySyntaxError('a setting outside of every block');
  return body.blocks;
}

function tokens(source: string): readonly Token[] {
  const found: Token[] = [];
  let [line, first] = [1, true];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const at = TOKEN.lastIndex;
    const { groups = {}, 0: text = '' } = TOKEN.exec(source) ?? {};
    if (text === '')
      throw new AlloySyntaxError(`line ${line}: what is ${JSON.stringify(source.slice(at, at + 12))}?`);
    const kind = (['text', 'number', 'word', 'sign'] as const).find((name) => groups[name] !== undefined);
    if (kind !== undefined) {
      found.push({ kind, text, line, first });
      first = false;
    }
    if (groups['end'] !== undefined) first = true;
    line += text.split('\n').length - 1;
  }
  return [...found, { kind: 'last', text: 'the end of the file', line, first: true }];
}

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;
  constructor(found: readonly Token[]) {
    this.#tokens = found;
  }
  peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'last', text: 'the end of the file', line: 0, first: true };
  }
  take(): Token {
    const token = this.peek();
    this.#at += 1;
    return token;
  }
  /** True, and one further, where this sign stands. */
  skips(sign: string): boolean {
    const here = this.peek().kind === 'sign' && this.peek().text === sign;
    if (here) this.take();
    return here;
  }
  wants(sign: string): void {
    if (!this.skips(sign)) this.refuse(`"${sign}" is missing`);
  }
  refuse(problem: string): never {
    throw new AlloySyntaxError(`line ${this.peek().line}: ${problem}, found ${this.peek().text}`);
  }
}

function readBody(reader: Reader, end: 'last' | '}'): Pick<Block, 'attributes' | 'blocks'> {
  const [attributes, blocks] = [new Map<string, Value>(), [] as Block[]];
  for (;;) {
    if (end === '}' ? reader.skips('}') : reader.peek().kind === 'last')
      return { attributes: Object.fromEntries(attributes), blocks };
    if (reader.peek().kind !== 'word') reader.refuse('a setting or a block must begin');
    if (!reader.peek().first && blocks.length + attributes.size > 0) reader.refuse('a new line is missing');
    const { text: name } = reader.take();
    if (reader.skips('=')) {
      if (attributes.has(name)) reader.refuse(`${name} stands twice`);
      attributes.set(name, readValue(reader));
    } else {
      const label = reader.peek().kind === 'text' ? String(JSON.parse(reader.take().text)) : undefined;
      reader.wants('{');
      blocks.push({ name, label, ...readBody(reader, '}') });
    }
  }
}

const WORDS: Readonly<Record<string, Value>> = { true: true, false: false, null: null };

function readValue(reader: Reader): Value {
  if (reader.skips('[')) return readList(reader);
  if (reader.skips('{')) return { fields: readFields(reader) };
  const { kind, text } = reader.peek();
  if (kind !== 'text' && kind !== 'number' && kind !== 'word') reader.refuse('a value is missing');
  reader.take();
  if (kind === 'number') return Number(text);
  if (kind === 'text') return String(JSON.parse(text));
  return Object.hasOwn(WORDS, text) ? (WORDS[text] ?? null) : { reference: text };
}

function readList(reader: Reader): readonly Value[] {
  const items: Value[] = [];
  while (!reader.skips(']')) {
    items.push(readValue(reader));
    if (reader.skips(']')) break;
    reader.wants(',');
  }
  return items;
}

function readFields(reader: Reader): Readonly<Record<string, Value>> {
  const fields = new Map<string, Value>();
  while (!reader.skips('}')) {
    const { kind, text } = reader.peek();
    if (kind !== 'word' && kind !== 'text') reader.refuse('a name is missing');
    reader.take();
    reader.wants('=');
    fields.set(kind === 'text' ? String(JSON.parse(text)) : text, readValue(reader));
    if (reader.skips('}')) break;
    reader.wants(',');
  }
  return Object.fromEntries(fields);
}
