export { type Answer, type RunningService, type StartOptions, startService } from './running-service.ts';
export { preparePlace, type ServicePlace } from './service-place.ts';
export type { ServiceProgram } from './service-program.ts';
export { type ServiceScene, serviceScene } from './service-scene.ts';
export { entriesOn, eventsOn, type WrittenEvent, writeEvents } from './stream-events.ts';
export { until } from './until.ts';
