export {
  type RunInfo,
  runInfo,
  type ServiceClock,
  type ServiceIdentity,
  systemClock,
} from './identity.ts';
export { EXIT_NEW_RUN, type OpenServiceOptions, openService } from './open-service.ts';
export type {
  CommonConfig,
  RunnerRequest,
  ServeOptions,
  ServiceBase,
  ServiceRunner,
} from './service-base.ts';
