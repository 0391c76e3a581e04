import type { VenueConfig } from '@fleet/domain/matching';
import { type Logger, silentLogger } from '@fleet/shared/telemetry';
import { controlApp } from './control/control-app.ts';
import { Faults } from './control/faults.ts';
import { closeServer, listen } from './listen.ts';
import type { Market } from './market/market.ts';
import { RequestWeight } from './rest/request-weight.ts';
import { restApp } from './rest/rest-app.ts';
import type { ApiKey } from './rest/signature.ts';
import { type OpenedSimulation, openSimulation } from './run/open-simulation.ts';
import { Pacer, type Speed } from './run/pacer.ts';
import { MarketStreams } from './streams/market-streams.ts';
import { streamServer } from './streams/stream-server.ts';
import { UserDataStreams } from './streams/user-data.ts';

export interface SimulatorOptions {
  readonly market: Market;
  readonly venue: VenueConfig;
  /** The account's key; `PAPER_KEY` when absent. */
  readonly account?: ApiKey | undefined;
  /** Address of the public side; the loopback when absent. */
  readonly host?: string | undefined;
  /** 0, the default, takes any free port. */
  readonly port?: number | undefined;
  /** The control API listens on the loopback alone unless told otherwise. */
  readonly controlHost?: string | undefined;
  readonly controlPort?: number | undefined;
  readonly journalFolder?: string | undefined;
  readonly fresh?: boolean | undefined;
  /** Plays by itself at this speed; without it the control API moves the market step by step. */
  readonly speed?: Speed | undefined;
  /** Request weight per minute; a replay runs faster than the clock, so it is far above Binance's 6,000. */
  readonly weightLimit?: number | undefined;
  /** Wall clock, epoch ms. */
  readonly wall?: (() => number) | undefined;
  readonly logger?: Logger | undefined;
  /** The simulator cannot go on (its journal cannot be written); the process should end. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
}

export interface RunningSimulator {
  /** `http://host:port`; REST is below `/api/v3`. */
  readonly url: string;
  /** `ws://host:port`; streams are below `/ws` and `/stream`, the WebSocket API at `/ws-api/v3`. */
  readonly wsUrl: string;
  readonly controlUrl: string;
  readonly run: string;
  readonly continued: boolean;
  close(): Promise<void>;
}

/** The key of the simulated account; it guards nothing and is no secret. */
export const PAPER_KEY: ApiKey = { key: 'paper-key', secret: 'paper-secret' };

const WEIGHT_LIMIT = 6_000_000;
const LOOPBACK = '127.0.0.1';

/**
 * Starts the simulator and resolves when both of its ports listen.
 * @throws JournalUnusable, SimulatorCannotListen
 */
export async function startSimulator(options: SimulatorOptions): Promise<RunningSimulator> {
  const wall = options.wall ?? Date.now;
  const opened = openSimulation({ ...options, wallTime: wall(), onBroken: options.onFailure });
  try {
    return await serve(options, opened, wall);
  } catch (error) {
    opened.close();
    throw error;
  }
}

async function serve(
  options: SimulatorOptions,
  opened: OpenedSimulation,
  wall: () => number,
): Promise<RunningSimulator> {
  const { simulation, run } = opened;
  const logger = options.logger ?? silentLogger();
  const account = options.account ?? PAPER_KEY;
  const weight = new RequestWeight(options.weightLimit ?? WEIGHT_LIMIT);
  const context = { simulation, wall, weightLimit: weight.limit };
  const faults = new Faults();
  const pacer = options.speed === undefined ? null : new Pacer(simulation, options.speed);
  const runInfo = () => runView(options.market, run.run, pacer !== null, run.startedAt);
  const host = options.host ?? LOOPBACK;
  const app = restApp({ context, account, weight, faults, logger, runInfo });
  const open = await listen(app, host, options.port ?? 0);
  const [market, user] = [new MarketStreams(context), new UserDataStreams(context, account)];
  const streams = streamServer(open.server, market, user);
  simulation.listen({
    userEvents: (events) => user.userEvents(events),
    setClosed: (set, time) => market.setClosed(set, time),
  });
  const disconnectStreams = () => streams.disconnectAll();
  const control = controlApp({ simulation, run: run.run, pacer, faults, disconnectStreams, logger });
  const controlHost = options.controlHost ?? LOOPBACK;
  const controlled = await listen(control, controlHost, options.controlPort ?? 0).catch(async (error) => {
    streams.close();
    await closeServer(open.server);
    throw error;
  });
  pacer?.start((error) => options.onFailure?.(error));
  return {
    url: `http://${reachable(host)}:${open.port}`,
    wsUrl: `ws://${reachable(host)}:${open.port}`,
    controlUrl: `http://${reachable(controlHost)}:${controlled.port}`,
    run: run.run,
    continued: opened.continued,
    close: async () => {
      await pacer?.close();
      streams.close();
      await Promise.all([closeServer(open.server), closeServer(controlled.server)]);
      opened.close();
    },
  };
}

function runView(market: Market, run: string, paced: boolean, startedAt: string): unknown {
  const { interval, symbols } = market;
  return { run, mode: paced ? 'paced' : 'lockstep', interval, symbols, startedAt };
}

function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return LOOPBACK;
  return host.includes(':') ? `[${host}]` : host;
}
