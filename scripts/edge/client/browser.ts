import { type RawAnswer, type RawRequest, rawRequest } from './raw-request.ts';

/** Where a name and port lead on this machine, and how TLS is spoken there. */
export type Resolve = (url: URL) => Pick<RawRequest, 'port' | 'tls'>;

interface Cookie {
  readonly name: string;
  readonly value: string;
  /** `.example.com` for it and its subdomains, or exactly this host. */
  readonly domain: string;
}

export interface Visit {
  readonly url: URL;
  readonly answer: Extract<RawAnswer, { kind: 'answer' }>;
}

const HOPS_MAX = 12;

/** A browser as far as sign-in needs one: cookies by host, redirects, one form. */
export class Browser {
  readonly #resolve: Resolve;
  readonly #cookies = new Map<string, Cookie>();

  constructor(resolve: Resolve) {
    this.#resolve = resolve;
  }

  /** One request without following where it leads. Rejects when no answer came. */
  async visit(url: URL, options: { form?: string; accept?: string } = {}): Promise<Visit> {
    const { form, accept = 'text/html' } = options;
    const cookie = this.cookieHeader(url.hostname);
    const head = [
      `${form === undefined ? 'GET' : 'POST'} ${url.pathname}${url.search} HTTP/1.1`,
      `Host: ${url.host}`,
      `Accept: ${accept}`,
      'Connection: close',
      ...(cookie === '' ? [] : [`Cookie: ${cookie}`]),
      ...(form === undefined
        ? []
        : ['Content-Type: application/x-www-form-urlencoded', `Content-Length: ${form.length}`]),
    ];
    const answer = await rawRequest({
      ...this.#resolve(url),
      parts: [`${head.join('\r\n')}\r\n\r\n${form ?? ''}`],
    });
    if (answer.kind === 'no-answer') throw new Error(`${url.host}: ${answer.problem}`);
    for (const line of answer.headers.get('set-cookie') ?? []) this.#keep(line, url.hostname);
    return { url, answer };
  }

  /** Follows redirects until a page comes that is none. */
  async follow(start: URL): Promise<Visit> {
    let visit = await this.visit(start);
    for (let hop = 0; hop < HOPS_MAX; hop += 1) {
      const location = visit.answer.headers.get('location')?.[0];
      if (location === undefined || visit.answer.status < 300 || visit.answer.status > 399) return visit;
      visit = await this.visit(new URL(location, visit.url));
    }
    throw new Error(`more than ${HOPS_MAX} redirects from ${start.href}`);
  }

  /** Fills in the provider's form where the sign-in leads to it, and follows back. */
  async signIn(start: URL, person: string): Promise<Visit> {
    let visit = await this.follow(start);
    const link = /href="([^"]*\/oauth2\/start[^"]*)"|action="([^"]*\/oauth2\/start)"/.exec(visit.answer.body);
    if (link !== null) {
      const path = (link[1] ?? link[2] ?? '').replaceAll('&amp;', '&');
      const rd = /name="rd" value="([^"]*)"/.exec(visit.answer.body)?.[1];
      const target = new URL(path, visit.url);
      if (rd !== undefined) target.searchParams.set('rd', rd.replaceAll('&amp;', '&'));
      visit = await this.follow(target);
    }
    if (!visit.answer.body.includes('name="person"')) return visit;
    const sent = await this.visit(visit.url, { form: `person=${person}` });
    const location = sent.answer.headers.get('location')?.[0];
    return location === undefined ? sent : this.follow(new URL(location, sent.url));
  }

  cookieHeader(host: string): string {
    const fitting = [...this.#cookies.values()].filter(({ domain }) =>
      domain.startsWith('.') ? `.${host}`.endsWith(domain) : domain === host,
    );
    return fitting.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  forget(host: string): void {
    for (const [key, { domain }] of this.#cookies) if (domain === host) this.#cookies.delete(key);
  }

  #keep(line: string, host: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    const given = attributes.find((attribute) => /^domain=/i.test(attribute))?.slice(7);
    const domain = given === undefined ? host : `.${given.replace(/^\./, '')}`;
    const key = `${domain} ${name}`;
    const ended = attributes.some(
      (attribute) => /^max-age=0$/i.test(attribute) || /^expires=.*19[67]\d/i.test(attribute),
    );
    if (value === '' || ended) this.#cookies.delete(key);
    else this.#cookies.set(key, { name, value, domain });
  }
}
