export {
  constant,
  Decimal,
  decimal,
  NotDecimalError,
  onStep,
  type Rounding,
  roundToPlaces,
  roundToStep,
  text,
  ZERO,
} from './decimal.ts';
export { decimalText, positiveDecimalText, unsignedDecimalText } from './wire.ts';
