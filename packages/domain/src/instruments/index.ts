export {
  type FilterBreach,
  filterBreach,
  floorToLot,
  type Instrument,
  instrumentSchema,
  instrumentsSchema,
  sellableQuantity,
} from './instrument.ts';
