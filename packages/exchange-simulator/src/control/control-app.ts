import { decimalText } from '@fleet/domain/money';
import type { Logger } from '@fleet/shared/telemetry';
import express, { type ErrorRequestHandler, type Express, type Response } from 'express';
import { z } from 'zod';
import type { Pacer } from '../run/pacer.ts';
import { CursorMismatch, type Simulation } from '../run/simulation.ts';
import { accountView } from './account-view.ts';
import { type Faults, faultSchema } from './faults.ts';
import { speedSchema, speedText } from './speed.ts';

export interface ControlOptions {
  readonly simulation: Simulation;
  readonly run: string;
  /** Null in lock-step. */
  readonly pacer: Pacer | null;
  readonly faults: Faults;
  readonly disconnectStreams: () => void;
  readonly logger: Logger;
}

const cursorSchema = z.strictObject({
  openTime: z.int(),
  step: z.enum(['open', 'path', 'close', 'end']),
});
const advanceSchema = z.strictObject({ after: cursorSchema.nullable().optional() });
const transferSchema = z.strictObject({
  asset: z.string().max(12),
  amount: decimalText.refine((amount) => Number(amount) !== 0, 'must not be zero'),
});
const speedBodySchema = z.strictObject({ speed: speedSchema });

/** The control API, for the loopback alone: it needs no key and moves the market. */
export function controlApp(options: ControlOptions): Express {
  const { simulation, pacer, faults } = options;
  const app = express();
  app.disable('x-powered-by');
  app.use(express.json({ limit: '16kb' }));
  app.get('/control/status', (_request, response) => void response.json(statusView(options)));
  app.get(
    '/control/account',
    (_request, response) => void response.json(accountView(simulation, options.run)),
  );
  app.post('/control/advance', (request, response) => {
    const { after } = advanceSchema.parse(request.body ?? {});
    if (pacer !== null) return refuse(response, 'PACED', 'the market moves by itself: start without --speed');
    response.json(after === undefined ? simulation.advance() : simulation.advance(after));
  });
  app.post('/control/speed', (request, response) => {
    const { speed } = speedBodySchema.parse(request.body ?? {});
    if (pacer === null)
      return refuse(response, 'LOCKSTEP', 'the market moves by advance: start with --speed');
    pacer.setSpeed(speed);
    response.json({ speed: speedText(speed) });
  });
  app.post('/control/transfer', (request, response) => {
    const transfer = transferSchema.parse(request.body ?? {});
    const { events } = simulation.submit({ kind: 'transfer', ...transfer });
    if (events.length === 0)
      return refuse(response, 'INSUFFICIENT_BALANCE', 'not as much of the asset is free');
    response.json(accountView(simulation, options.run));
  });
  app.post('/control/fault', (request, response) => {
    const fault = faultSchema.parse(request.body ?? {});
    if (fault.kind === 'disconnect-ws') options.disconnectStreams();
    else faults.add(fault);
    response.json(fault);
  });
  app.use(failure(options.logger));
  return app;
}

function statusView({ simulation, run, pacer }: ControlOptions): unknown {
  const { market } = simulation;
  return {
    run,
    mode: pacer === null ? 'lockstep' : 'paced',
    speed: pacer === null ? null : speedText(pacer.speed),
    finished: simulation.finished,
    interval: market.interval,
    symbols: market.symbols,
    cursor: simulation.cursor,
    total: market.total,
    done: simulation.sets,
    from: market.from,
    to: market.to,
    time: simulation.exchange.marketTime,
  };
}

function refuse(response: Response, code: string, message: string): void {
  response.status(409).json({ code, message });
}

function failure(logger: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    if (error instanceof z.ZodError) {
      response.status(400).json({ code: 'BAD_REQUEST', message: z.prettifyError(error) });
      return;
    }
    if (error instanceof CursorMismatch) return refuse(response, error.code, error.message);
    const status = (error as { status?: unknown }).status;
    if (typeof status === 'number' && status < 500) {
      response.status(status).json({ code: 'BAD_REQUEST', message: 'the body cannot be read as JSON' });
      return;
    }
    logger.error({ err: error }, 'a control request failed');
    response.status(500).json({ code: 'FAILED', message: error instanceof Error ? error.message : 'failed' });
  };
}
