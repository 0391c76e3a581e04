import { VenueHostRefused } from './errors.ts';

/** ccxt's table of addresses: texts, nested to any depth. */
export type Addresses = { [name: string]: string | Addresses };

const REAL_DOMAIN = 'binance.com';

/**
 * Every address of the table on the simulator's host, paths kept. None may stay: with a few overridden the client
 * still calls the real exchange for what it thinks it needs (currencies, margins, futures).
 */
export function onSimulator(addresses: Addresses, simulatorUrl: string): Addresses {
  const target = new URL(simulatorUrl);
  const secure = target.protocol === 'https:';
  return mapAddresses(addresses, (address) => {
    const url = new URL(address);
    const plain = url.protocol.startsWith('ws') ? 'ws' : 'http';
    return `${plain}${secure ? 's' : ''}://${target.host}${url.pathname === '/' ? '' : url.pathname}`;
  });
}

/**
 * In paper mode every address must be the simulator's; live, every one that this service uses must be the exchange's.
 * @throws VENUE_HOST_REFUSED naming the addresses that are elsewhere.
 */
export function assertHosts(addresses: Addresses, simulatorUrl: string | null): void {
  const wanted = simulatorUrl === null ? REAL_DOMAIN : new URL(simulatorUrl).host;
  const strangers: string[] = [];
  mapAddresses(simulatorUrl === null ? usedLive(addresses) : addresses, (address) => {
    const { host, hostname, protocol } = new URL(address);
    const real = hostname.endsWith(`.${REAL_DOMAIN}`) && (protocol === 'https:' || protocol === 'wss:');
    if (simulatorUrl === null ? !real : host !== wanted) strangers.push(address);
    return address;
  });
  if (strangers.length > 0)
    throw new VenueHostRefused(`not on ${wanted}: ${strangers.slice(0, 5).join(', ')}`);
}

function usedLive(addresses: Addresses): Addresses {
  const streams = addresses['ws'];
  const socketApi = typeof streams === 'object' ? streams['ws-api'] : undefined;
  const used = {
    public: addresses['public'],
    private: addresses['private'],
    userData: typeof socketApi === 'object' ? socketApi['spot'] : undefined,
  };
  return Object.fromEntries(
    Object.entries(used).map(([name, address]) => [name, typeof address === 'string' ? address : 'none:']),
  );
}

function mapAddresses(addresses: Addresses, change: (address: string) => string): Addresses {
  return Object.fromEntries(
    Object.entries(addresses).map(([name, value]) => [
      name,
      typeof value === 'string' ? change(value) : mapAddresses(value, change),
    ]),
  );
}
