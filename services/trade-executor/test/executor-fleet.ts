import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  type AuthorisedOrder,
  catalog,
  type Envelope,
  envelopeFromFields,
  envelopeToFields,
  type TradingState,
} from '@fleet/domain/events';
import { canonicalOrder } from '@fleet/domain/execution';
import { initialSupervision } from '@fleet/domain/supervision';
import type { RunningSimulator } from '@fleet/exchange-simulator';
import { migrate } from '@fleet/shared/postgres';
import {
  freePort,
  type ManagedProcess,
  startProcess,
  type TestDatabase,
  type TestRedis,
} from '@fleet/testkit/infrastructure';
import { stringify } from 'yaml';

const ROLE = 'trade_executor_test';
const PASSWORD = 'only-for-this-test';
const ADMIN_TOKEN = 'only-for-this-test-and-long';
const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url));
const CONFIG = fileURLToPath(new URL('../../../config', import.meta.url));
const WAIT_MS_MAX = 45_000;
const STATE_KEY = 'trading:state';

export interface FleetParts {
  readonly database: TestDatabase;
  readonly redis: TestRedis;
  readonly simulator: RunningSimulator;
  readonly symbols: readonly string[];
  readonly instruments: readonly object[];
}

export interface ExecutorStatus {
  readonly run: string;
  readonly session: string;
  readonly execSequence: number;
  readonly lastTradeIds: Readonly<Record<string, number>>;
  readonly openOrders: readonly string[];
  readonly openIntents: number;
  readonly owed: number;
  readonly inFlight: number;
  readonly stateEpoch: number;
  readonly reconciled: boolean;
}

export interface VenueAccount {
  readonly time: number;
  readonly balances: Readonly<Record<string, { readonly free: string; readonly locked: string }>>;
  readonly openOrders: readonly { readonly clientOrderId: string; readonly symbol: string }[];
  readonly lastPrices: Readonly<Record<string, number>>;
  readonly lastTradeIds: Readonly<Record<string, number>>;
  readonly orders: number;
  readonly trades: number;
}

export interface StatusEvent {
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>> & { readonly sequence: number };
}

/** The project's own file, with the symbols of the test. */
function configOf(file: string, symbols: readonly string[]): string {
  const text = readFileSync(join(CONFIG, `${file}.yaml`), 'utf8');
  return text.replace(/^allowedSymbols: .*$/m, `allowedSymbols: [${symbols.join(', ')}]`);
}

/** One executor process between a test that plays risk and orchestrator, and a simulator. */
export class ExecutorFleet {
  readonly #parts: FleetParts;
  readonly #folder = mkdtempSync(join(tmpdir(), 'trade-executor-'));
  readonly #privateKey: KeyObject;
  readonly #env: Readonly<Record<string, string>>;
  #process: ManagedProcess | null = null;
  #started = 0;
  #killed = false;
  url = '';
  trading: TradingState;

  private constructor(parts: FleetParts, databaseUrl: string) {
    this.#parts = parts;
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    this.#privateKey = privateKey;
    const keyFile = join(this.#folder, 'risk.pub');
    writeFileSync(keyFile, publicKey.export({ type: 'spki', format: 'pem' }));
    for (const file of ['portfolio', 'risk', 'day'])
      writeFileSync(join(this.#folder, `${file}.yaml`), configOf(file, parts.symbols));
    const { instruments, symbols, redis, simulator } = parts;
    const strategies = symbols.map((symbol) => ({ symbol, strategy: 'ema-cross', parameters: {} }));
    writeFileSync(join(this.#folder, 'instruments.yaml'), stringify({ instruments }));
    writeFileSync(join(this.#folder, 'strategies.yaml'), stringify({ interval: '1m', strategies }));
    this.#env = {
      DATABASE_URL: databaseUrl,
      REDIS_URL: redis.url,
      SIMULATOR_URL: simulator.url,
      CONFIG_DIR: this.#folder,
      RISK_PUBLIC_KEY_FILE: keyFile,
      ADMIN_TOKEN,
      LOG_LEVEL: 'debug',
    };
    this.trading = initialSupervision(0).trading;
  }

  static async open(parts: FleetParts): Promise<ExecutorFleet> {
    await migrate({
      ...{ adminUrl: parts.database.url, schema: 'execution', role: ROLE, rolePassword: PASSWORD },
      dirs: [MIGRATIONS],
    });
    const url = new URL(parts.database.url);
    url.username = ROLE;
    url.password = PASSWORD;
    const fleet = new ExecutorFleet(parts, url.href);
    await fleet.setState({});
    return fleet;
  }

  get run(): string {
    return this.#parts.simulator.run;
  }

  get log(): string {
    return readFileSync(this.#logFile(), 'utf8');
  }

  async start(extra: Readonly<Record<string, string>> = {}): Promise<void> {
    const port = await freePort();
    this.#started += 1;
    this.#process = await startProcess({
      name: `trade-executor-${this.#started}`,
      command: globalThis.process.execPath,
      args: [MAIN],
      env: { ...this.#env, PORT: String(port), ...extra },
      logFile: this.#logFile(),
    });
    this.url = `http://127.0.0.1:${port}`;
    this.#killed = false;
  }

  async ready(): Promise<void> {
    await this.until('ready', async () => (await fetch(`${this.url}/ready`)).status === 200);
  }

  async kill(): Promise<void> {
    this.#killed = true;
    await this.#process?.kill();
  }

  async close(): Promise<void> {
    const exit = await this.#process?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
    if (exit !== undefined && exit.code !== 0)
      throw new Error(`the executor ended with ${JSON.stringify(exit)}`);
  }

  /** Writes the state key, as the orchestrator does each second; null takes it away. */
  async setState(change: Partial<TradingState> | null): Promise<void> {
    const { client } = this.#parts.redis;
    if (change === null) {
      await client.del(STATE_KEY);
      return;
    }
    this.trading = { ...this.trading, ...change };
    await client.set(STATE_KEY, JSON.stringify({ ...this.trading, run: this.run }));
  }

  async publish(type: string, data: unknown): Promise<void> {
    const entry = catalog.entry(type);
    if (entry === undefined) throw new Error(`${type} is not in the catalog`);
    const envelope: Envelope = {
      ...{ id: randomUUID(), type, v: entry.v, ts: new Date().toISOString(), key: 'test', source: 'test' },
      ...{ run: this.run, traceparent: '', requestId: 'test', causationId: null, data: entry.parse(data) },
    };
    await this.#parts.redis.client.xadd(`${entry.stream}:{0}`, '*', ...envelopeToFields(envelope));
  }

  async authorise(order: AuthorisedOrder, barTime: number, over: object = {}): Promise<void> {
    const signature = sign(null, Buffer.from(canonicalOrder(order)), this.#privateKey).toString('base64');
    const approval = { order, referencePrice: '1', reason: 'test', barTime, signature, keyId: 'risk-1' };
    await this.publish('order.authorised', { ...approval, ...over });
  }

  async status(): Promise<ExecutorStatus> {
    return this.#json(`${this.url}/status`);
  }

  async account(): Promise<VenueAccount> {
    return this.#json(`${this.#parts.simulator.controlUrl}/control/account`);
  }

  async advance(): Promise<{ step: string; openTime: number; done: boolean; cycle: boolean; time: number }> {
    return this.#json(`${this.#parts.simulator.controlUrl}/control/advance`, { method: 'POST' });
  }

  async fault(kind: string, endpoint?: string, more: object = {}): Promise<void> {
    const body = JSON.stringify({ kind, ...(endpoint === undefined ? {} : { endpoint }), ...more });
    const headers = { 'content-type': 'application/json' };
    await this.#json(`${this.#parts.simulator.controlUrl}/control/fault`, { method: 'POST', body, headers });
  }

  async post(path: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', 'x-admin-token': ADMIN_TOKEN, ...headers },
    });
  }

  /** As the replay driver waits: what the executor knows equals what the venue has, and nothing is under way. */
  async quiet(alsoTaken: () => Promise<boolean> = async () => true): Promise<void> {
    await this.until('quiet', async () => {
      if (!(await alsoTaken())) return false;
      const [status, account] = await Promise.all([this.status(), this.account()]);
      if (!status.reconciled || status.openIntents + status.owed + status.inFlight > 0) return false;
      const open = account.openOrders.map(({ clientOrderId }) => clientOrderId).sort();
      return (
        JSON.stringify([...status.openOrders].sort()) === JSON.stringify(open) &&
        this.#parts.symbols.every((symbol) => status.lastTradeIds[symbol] === account.lastTradeIds[symbol])
      );
    });
  }

  /** Everything on exec.status, a repeated entry once, as every consumer takes it. */
  async events(): Promise<readonly StatusEvent[]> {
    return (await this.#entries('exec.status')) as unknown as StatusEvent[];
  }

  async notifications(): Promise<readonly { readonly data: { readonly code: string } }[]> {
    return (await this.#entries('notify.events')) as never;
  }

  async proposals(): Promise<readonly { readonly data: unknown }[]> {
    return this.#entries('risk.requests');
  }

  async until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + WAIT_MS_MAX;
    for (;;) {
      if (await holds().catch(() => false)) return;
      if (this.#process?.running() === false && !this.#killed)
        throw new Error(`the executor ended\n${this.log.slice(-6_000)}`);
      if (performance.now() > end) throw new Error(`${what} did not come\n${this.log.slice(-6_000)}`);
      await sleep(5);
    }
  }

  async #entries(stream: string): Promise<readonly Envelope[]> {
    const found = await this.#parts.redis.client.xrange(`${stream}:{0}`, '-', '+');
    const byId = new Map<string, Envelope>();
    for (const [, fields] of found) {
      const envelope = envelopeFromFields(fields);
      const known = byId.get(envelope.id);
      if (known !== undefined && JSON.stringify(known.data) !== JSON.stringify(envelope.data))
        throw new Error(`${envelope.type} ${envelope.id} was published with two contents`);
      byId.set(envelope.id, envelope);
    }
    return [...byId.values()];
  }

  async #json<Answer>(url: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(url, init);
    if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Answer;
  }

  #logFile(): string {
    return join(this.#folder, 'executor.log');
  }
}
