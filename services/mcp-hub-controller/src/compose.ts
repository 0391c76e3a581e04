import { randomUUID } from 'node:crypto';
import type { Resources, RunningService } from '@fleet/shared/lifecycle';
import { openService, type ServiceBase } from '@fleet/shared/service';
import { callStore } from './calls/call-store.ts';
import { listServers, registerBuiltIn } from './calls/server-store.ts';
import { fleetAddresses, type McpConfig, readConfig } from './config.ts';
import { fleetClient } from './fleet/fleet-client.ts';
import { mountGate } from './http/gate.ts';
import { api } from './http/routes.ts';
import { identity } from './identity.ts';
import { mcpMetrics } from './metrics.ts';
import { MCP_BODY_BYTES_MAX } from './protocol/exchange.ts';
import { mcpHandler } from './protocol/mcp-server.ts';
import { fleetTools } from './tools/fleet-tools.ts';
import { ToolDesk } from './tools/tool-desk.ts';

export async function compose(resources: Resources, signal: AbortSignal): Promise<RunningService> {
  const config = readConfig();
  const base = await openService(identity, config, resources, { signal });
  const desk = newDesk(base);
  await registerBuiltIn(base.pool, fleetTools, identity.version);
  const handler = mcpHandler({
    ...{ desk, name: identity.name, version: identity.version, bodyBytesMax: MCP_BODY_BYTES_MAX },
    onError: (err) => base.logger.debug({ err }, 'a request of the protocol was refused'),
  });
  resources.add('mcp', () => handler.close());
  if (config.MCP_TOKEN === undefined) base.logger.warn('MCP_TOKEN is not set: the tools are closed');
  await base.serve({
    endpoints: api.endpoints,
    deps: {
      desk,
      handler,
      calls: callStore(base.pool),
      servers: () => listServers(base.pool),
      tokenConfigured: config.MCP_TOKEN !== undefined,
    },
    rawRoutes: (app) =>
      mountGate(app, {
        token: config.MCP_TOKEN,
        allowedHosts: config.MCP_ALLOWED_HOSTS,
        allowedOrigins: config.MCP_ALLOWED_ORIGINS,
        callsPerMinute: config.MCP_CALLS_PER_MINUTE,
        monotonic: base.clock.monotonic,
      }),
    status: () => ({ open: config.MCP_TOKEN !== undefined, tools: fleetTools.length, running: desk.running }),
  });
  return { logger: base.logger };
}

function newDesk({ config, pool, metrics, logger, clock }: ServiceBase<McpConfig>): ToolDesk {
  const measured = mcpMetrics(metrics, () => desk.running);
  const desk = new ToolDesk({
    tools: fleetTools,
    fleet: fleetClient({
      addresses: fleetAddresses(config),
      adminToken: config.ADMIN_TOKEN,
      serviceSecret: config.SERVICE_SECRET,
      adminClosed: config.ACCESS_CONTROL === 'edge',
    }),
    store: callStore(pool),
    newId: randomUUID,
    monotonic: clock.monotonic,
    onCall: measured.called,
    onRecordFailed: (err, id) => {
      measured.unrecorded();
      logger.error({ err, call: id }, 'the end of a tool call could not be recorded');
    },
  });
  return desk;
}
