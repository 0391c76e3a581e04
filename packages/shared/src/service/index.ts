export {
  type RunInfo,
  runInfo,
  type ServiceClock,
  type ServiceIdentity,
  systemClock,
} from './identity.ts';
export type {
  CommonConfig,
  DependencyHealth,
  RunnerRequest,
  ServeOptions,
  ServiceBase,
  ServiceRunner,
} from './service-base.ts';
