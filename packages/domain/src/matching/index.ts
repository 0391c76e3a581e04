export { type VenueConfig, VenueSetupError, venueConfigSchema } from './rules.ts';
export { createSimulatedVenue } from './simulated-venue.ts';
export type {
  MatchingBar,
  SimulatedVenue,
  VenueBalance,
  VenueEvent,
  VenueOrder,
  VenueOrderRequest,
  VenueOrderStatus,
  VenueOrderType,
  VenueRefusal,
  VenueRules,
  VenueSnapshot,
  VenueTrade,
} from './venue.ts';
