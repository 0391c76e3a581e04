import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Which addresses may say for whom they ask. */
export function trustedProxies(networks: readonly string[]): (request: IncomingMessage) => boolean {
  const known = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) known.addAddress(address, family);
    else known.addSubnet(address, Number(bits), family);
  }
  return (request) => {
    const address = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    return known.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  };
}

export function cookieOf(request: IncomingMessage, name: string): string | undefined {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([key]) => key === name)?.[1];
}

/**
 * Where the browser goes after its sign-in: what it asked for (`rd`), or the page that the proxy says it wanted. Another
 * host than those of the list is not gone to. `.example.com:8443` stands for its subdomains at that port, and a domain
 * without a port for the usual ports alone.
 */
export function returnTo(request: IncomingMessage, trusted: boolean, domains: readonly string[]): string {
  const asked = new URL(request.url ?? '/', 'http://any').searchParams.get('rd');
  const header = (name: string): string => (trusted ? String(request.headers[name] ?? '') : '');
  const forwarded =
    header('x-forwarded-host') === ''
      ? '/'
      : `${header('x-forwarded-proto')}://${header('x-forwarded-host')}${header('x-forwarded-uri')}`;
  const wanted = asked ?? (header('x-auth-request-redirect') || forwarded);
  if (/^\/(?![/\\])/.test(wanted)) return wanted;
  const url = URL.canParse(wanted) ? new URL(wanted) : undefined;
  return url !== undefined && domains.some((domain) => isWithin(url, domain)) ? wanted : '/';
}

function isWithin(url: URL, domain: string): boolean {
  const [host = '', port = ''] = domain.split(':');
  const hosts = host.startsWith('.') ? url.hostname.endsWith(host) : url.hostname === host;
  return hosts && (port === '*' || url.port === port);
}
