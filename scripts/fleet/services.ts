/** The eight services, in the order in which they are shown. `schema` is also the name of the consumer group. */
export const SERVICES = [
  { name: 'orchestrator', schema: 'orchestrator' },
  { name: 'portfolio-manager', schema: 'portfolio' },
  { name: 'market-analyst', schema: 'analysis' },
  { name: 'risk-manager', schema: 'risk' },
  { name: 'trade-executor', schema: 'execution' },
  { name: 'notification-manager', schema: 'notify' },
  { name: 'parameter-optimizer', schema: 'optimizer' },
  { name: 'mcp-hub-controller', schema: 'mcp' },
] as const;

export type ServiceName = (typeof SERVICES)[number]['name'];

export const SERVICE_NAMES: readonly ServiceName[] = SERVICES.map(({ name }) => name);

export type ServiceUrls = Readonly<Record<ServiceName, string>>;

/** The variable by which other programs are told a service's address: `TRADE_EXECUTOR_URL`. */
export function urlVariable(name: ServiceName): string {
  return `${name.toUpperCase().replaceAll('-', '_')}_URL`;
}
