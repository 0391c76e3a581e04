import { describe, expect, test } from 'vitest';
import { fleetAddresses, readConfig } from './config.ts';

const stores = { DATABASE_URL: 'postgres://mcp:x@127.0.0.1/fleet', REDIS_URL: 'redis://127.0.0.1' };

describe('the environment', () => {
  test('has safe defaults: no token, loopback alone', () => {
    const config = readConfig(stores);
    expect(config).toMatchObject({ PORT: 7008, MCP_ALLOWED_HOSTS: ['localhost', '127.0.0.1', '[::1]'] });
    expect(config.MCP_TOKEN).toBeUndefined();
    expect(fleetAddresses(config)).toMatchObject({ orchestrator: 'http://127.0.0.1:7001' });
  });

  test('lists every fault at once', () => {
    const read = () =>
      readConfig({ ...stores, MCP_TOKEN: 'short', MCP_CALLS_PER_MINUTE: '0', RISK_MANAGER_URL: 'ftp://x' });
    for (const name of ['MCP_TOKEN', 'MCP_CALLS_PER_MINUTE', 'RISK_MANAGER_URL']) expect(read).toThrow(name);
    expect(read).not.toThrow(/short/);
  });

  test('names a misspelt setting', () => {
    expect(() => readConfig({ ...stores, MCP_ALLOWED_HOST: 'x' })).toThrow(/did you mean MCP_ALLOWED_HOSTS/);
  });
});
