import {
  callerConfigShape,
  commonConfigShape,
  envInteger,
  envList,
  envUrl,
  loadConfig,
} from '@fleet/shared/config';
import { z } from 'zod';
import type { FleetAddresses } from './fleet/fleet-client.ts';

const address = (port: number) => envUrl('http', 'https').default(`http://127.0.0.1:${port}`);

const schema = z.object({
  ...commonConfigShape,
  ...callerConfigShape,
  PORT: commonConfigShape.PORT.default(7008),
  /** What clients send as `Authorization: Bearer`. Without it the tools are closed. */
  MCP_TOKEN: z.string().min(16, 'must have at least 16 characters').max(512).optional(),
  /** Host names (without port) under which clients may ask. */
  MCP_ALLOWED_HOSTS: envList().default(['localhost', '127.0.0.1', '[::1]']),
  /** Host names of web pages that may ask; requests without an Origin pass. */
  MCP_ALLOWED_ORIGINS: envList().default(['localhost', '127.0.0.1', '[::1]']),
  MCP_CALLS_PER_MINUTE: envInteger({ min: 1, max: 10_000 }).default(120),
  ORCHESTRATOR_URL: address(7001),
  PORTFOLIO_MANAGER_URL: address(7002),
  MARKET_ANALYST_URL: address(7003),
  RISK_MANAGER_URL: address(7004),
  TRADE_EXECUTOR_URL: address(7005),
  NOTIFICATION_MANAGER_URL: address(7006),
  PARAMETER_OPTIMIZER_URL: address(7007),
});

export type McpConfig = z.output<typeof schema>;

/** Throws a ConfigError that lists every fault. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): McpConfig {
  return loadConfig(schema, { env, prefix: ['MCP_'] });
}

export function fleetAddresses(config: McpConfig): FleetAddresses {
  return {
    orchestrator: config.ORCHESTRATOR_URL,
    'portfolio-manager': config.PORTFOLIO_MANAGER_URL,
    'market-analyst': config.MARKET_ANALYST_URL,
    'risk-manager': config.RISK_MANAGER_URL,
    'trade-executor': config.TRADE_EXECUTOR_URL,
    'notification-manager': config.NOTIFICATION_MANAGER_URL,
    'parameter-optimizer': config.PARAMETER_OPTIMIZER_URL,
  };
}
