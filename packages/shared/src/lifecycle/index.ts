export { type AddOptions, CLOSE_STEP_MS_MAX, type Close, CloseFailed, Resources } from './resources.ts';
export { type Compose, EXIT_CONFIG, type RunningService, requestExit, runService } from './run-service.ts';
