type Value = string | boolean | null | readonly Value[];

const TOKEN = /\s*('[^']*'|&&|\|\||==|[()[\],]|[A-Za-z_]\w*)/y;

/**
 * The value of a role_attribute_path of these claims. Of JMESPath it knows what such a path needs: `||`, `&&`, `==`,
 * texts, lists, names of claims, `contains`, `lower` and `upper` (which Grafana's library, jmespath-community/go-jmespath, has).
 * @throws Error of an expression that uses anything else, and where a function is given what it does not take
 */
export function searchClaims(expression: string, claims: Readonly<Record<string, unknown>>): unknown {
  const tokens = tokensOf(expression);
  const take = (expected?: string): string => {
    const token = tokens.shift();
    if (token === undefined || (expected !== undefined && token !== expected))
      throw new Error(`${expected ?? 'a value'} was expected instead of ${token ?? 'the end'}`);
    return token;
  };
  const or = (): Value => {
    let left = and();
    while (tokens[0] === '||') {
      take();
      const right = and();
      left = isTrue(left) ? left : right;
    }
    return left;
  };
  const and = (): Value => {
    let left = equal();
    while (tokens[0] === '&&') {
      take();
      const right = equal();
      left = isTrue(left) ? right : left;
    }
    return left;
  };
  const equal = (): Value => {
    const left = value();
    if (tokens[0] !== '==') return left;
    take();
    return left === value();
  };
  const value = (): Value => {
    const token = take();
    if (token === '[') return list(']');
    if (token.startsWith("'")) return token.slice(1, -1);
    if (tokens[0] !== '(') return claimOf(claims[token]);
    take('(');
    return called(token, list(')'));
  };
  const list = (end: string): readonly Value[] => {
    const values = [or()];
    while (tokens[0] === ',') {
      take();
      values.push(or());
    }
    take(end);
    return values;
  };
  const result = or();
  if (tokens.length > 0) throw new Error(`nothing may follow, and ${tokens.join(' ')} does`);
  return result;
}

function tokensOf(expression: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(expression)?.[1];
    if (token === undefined) throw new Error(`not understood: ${expression.slice(at)}`);
    tokens.push(token);
  }
  return tokens;
}

function called(name: string, [first = null, second = null]: readonly Value[]): Value {
  if (name === 'lower' && typeof first === 'string') return first.toLowerCase();
  if (name === 'upper' && typeof first === 'string') return first.toUpperCase();
  if (name === 'contains' && Array.isArray(first)) return first.includes(second);
  throw new Error(`${name} does not take ${JSON.stringify([first, second])}`);
}

function claimOf(claim: unknown): Value {
  return typeof claim === 'string' || typeof claim === 'boolean' ? claim : null;
}

function isTrue(value: Value): boolean {
  return value !== null && value !== false && value !== '' && !(Array.isArray(value) && value.length === 0);
}
