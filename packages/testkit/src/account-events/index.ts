export { type AccountEvents, accountEvents, type FillOf, type OrderOf } from './account-events.ts';
export { type Deciding, deciding, inputOf } from './deciding.ts';
export { BOTH, type EventFactory, eventFactory, type Fed, MINUTE, START } from './event-factory.ts';
