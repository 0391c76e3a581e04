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
