import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { commonConfigShape, loadConfig } from '../config/index.ts';
import { type AccessSettings, assertAccessSettings, exposureFaults } from './access-settings.ts';

const loopback = { ACCESS_CONTROL: 'token', TRADING_MODE: 'paper', DOMAIN: '', HOST: '127.0.0.1' } as const;

describe('the admin token alone', () => {
  test.each<[string, object]>([
    ['paper on the loopback', {}],
    ['live on the loopback', { TRADING_MODE: 'live' }],
    ['live on ::1 with a domain', { TRADING_MODE: 'live', DOMAIN: 'example.com', HOST: '::1' }],
    ['paper in a container', { HOST: '0.0.0.0' }],
    ['paper, a domain of the machine', { HOST: '0.0.0.0', DOMAIN: 'fleet.localhost' }],
    ['paper, a domain for tests', { HOST: '0.0.0.0', DOMAIN: 'app.fleet.test.' }],
    ['paper, a domain inside', { HOST: '0.0.0.0', DOMAIN: 'fleet.internal' }],
    [
      'live behind the edge',
      { ACCESS_CONTROL: 'edge', TRADING_MODE: 'live', HOST: '0.0.0.0', DOMAIN: 'x.com' },
    ],
  ])('%s may start', (_name, change) => {
    expect(exposureFaults({ ...loopback, ...change })).toEqual([]);
  });

  test.each<[string, object, string]>([
    ['live in a container', { TRADING_MODE: 'live', HOST: '0.0.0.0' }, 'TRADING_MODE is live'],
    ['a public domain', { DOMAIN: 'example.com', HOST: '0.0.0.0' }, 'DOMAIN is example.com'],
    [
      'a domain that only looks local',
      { DOMAIN: 'localhost.example.com', HOST: '::' },
      'DOMAIN is localhost.ex',
    ],
    ['a host that only looks local', { DOMAIN: 'example.com', HOST: '127.evil' }, 'HOST is 127.evil'],
  ])('%s may not', (_name, change, words) => {
    const [fault] = exposureFaults({ ...loopback, ...change });
    expect(fault?.problem).toContain(words);
    expect(fault?.action).toContain('ACCESS_CONTROL=edge');
  });
});

describe('with the edge', () => {
  const edge: AccessSettings = {
    ...{ ACCESS_CONTROL: 'edge', TRADING_MODE: 'live', DOMAIN: 'example.com', HOST: '0.0.0.0' },
    ...{ IDENTITY_SOURCE: 'oidc', OIDC_ISSUER: 'https://id.example.com', OIDC_AUDIENCES: ['fleet'] },
    ...{
      OIDC_JWKS_URL: 'http://traefik:8081/oidc/jwks',
      OIDC_EMAIL_VERIFIED: 'claim',
      ALLOWED_ORIGINS: ['https://app.example.com'],
    },
  };

  test('everything there', () => {
    expect(() => assertAccessSettings(edge)).not.toThrow();
    const github = {
      ...edge,
      IDENTITY_SOURCE: 'headers' as const,
      OIDC_ISSUER: undefined,
      OIDC_AUDIENCES: [],
    };
    expect(() => assertAccessSettings({ ...github, OIDC_JWKS_URL: undefined })).not.toThrow();
  });

  test('all that is missing is listed at once', () => {
    const nothing = {
      OIDC_ISSUER: undefined,
      OIDC_AUDIENCES: [],
      OIDC_JWKS_URL: undefined,
      ALLOWED_ORIGINS: [],
    };
    expect(() => assertAccessSettings({ ...edge, ...nothing })).toThrow(
      /4 faults.*OIDC_ISSUER.*OIDC_AUDIENCES.*OIDC_JWKS_URL.*ALLOWED_ORIGINS/s,
    );
  });

  test('a service that holds the admin token itself', () => {
    expect(() => assertAccessSettings({ ...edge, ADMIN_TOKEN: 'x'.repeat(20) })).toThrow(
      /holds only its hash/,
    );
  });
});

describe('the environment', () => {
  const read = (env: Record<string, string>) =>
    loadConfig(z.object(commonConfigShape), {
      env: { PORT: '0', DATABASE_URL: 'postgres://x', REDIS_URL: 'redis://x', ...env },
    });

  test('keeps to the token when nothing is said', () => {
    expect(read({})).toMatchObject({
      ACCESS_CONTROL: 'token',
      DOMAIN: '',
      ALLOWED_ORIGINS: [],
      OIDC_AUDIENCES: [],
    });
  });

  test('writes origins as browsers do', () => {
    const { ALLOWED_ORIGINS } = read({
      ALLOWED_ORIGINS: 'https://App.example.com:443, https://admin.example.com:8443',
    });
    expect(ALLOWED_ORIGINS).toEqual(['https://app.example.com', 'https://admin.example.com:8443']);
  });

  test.each([
    ['ACCESS_CONTROL', 'none', /must be token or edge/],
    ['ALLOWED_ORIGINS', 'https://app.example.com/', /must be origins/],
    ['ALLOWED_ORIGINS', 'app.example.com', /must be origins/],
    ['ALLOWED_ORIGINS', 'https://anna@app.example.com', /must be origins/],
    ['ALLOWED_ORIGINS', '*', /must be origins/],
    ['OIDC_ISSUER', 'id.example.com', /must be a URL/],
    ['IDENTITY_SOURCE', 'header', /must be oidc or headers/],
    ['ACCESS_CONTROLL', 'edge', /did you mean ACCESS_CONTROL/],
  ])('%s=%s is refused', (name, value, words) => {
    expect(() => read({ [name]: value })).toThrow(words);
  });
});
