import { MarketDataHostRefused } from './errors.ts';

/** ccxt's table of addresses: texts, nested to any depth. */
export type Addresses = { [name: string]: string | Addresses };

/**
 * Every address of the table on the simulator's host, paths kept. None may stay: with a few overridden the client
 * still calls the real exchange for what it thinks it needs (currencies, margins, futures).
 */
export function onSimulator(addresses: Addresses, simulatorUrl: string): Addresses {
  return mapAddresses(addresses, (address) => {
    const url = new URL(address);
    const target = new URL(simulatorUrl);
    const secure = target.protocol === 'https:';
    const socket = url.protocol.startsWith('ws');
    const scheme = socket ? (secure ? 'wss' : 'ws') : secure ? 'https' : 'http';
    return `${scheme}://${target.host}${url.pathname === '/' ? '' : url.pathname}`;
  });
}

/** @throws MARKET_DATA_HOST_REFUSED naming the addresses that are on another host than the simulator's. */
export function assertOnHost(addresses: Addresses, simulatorUrl: string): void {
  const { host } = new URL(simulatorUrl);
  const strangers: string[] = [];
  mapAddresses(addresses, (address) => {
    if (new URL(address).host !== host) strangers.push(address);
    return address;
  });
  if (strangers.length > 0)
    throw new MarketDataHostRefused(`not on ${host}: ${strangers.slice(0, 5).join(', ')}`);
}

function mapAddresses(addresses: Addresses, change: (address: string) => string): Addresses {
  return Object.fromEntries(
    Object.entries(addresses).map(([name, value]) => [
      name,
      typeof value === 'string' ? change(value) : mapAddresses(value, change),
    ]),
  );
}
