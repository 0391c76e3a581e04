import { defineError } from '@fleet/shared/errors';

export const CandlesMissing = defineError({
  code: 'CANDLES_MISSING',
  title: 'No source has the candles of the period',
  status: 422,
  retry: 'park',
  action:
    'Put files SYMBOL-INTERVAL-….csv[.gz] that cover the period into CANDLES_DIR, or ask for a period that the market analyst has stored.',
});

export const CandleFileUnreadable = defineError({
  code: 'CANDLE_FILE_UNREADABLE',
  title: 'A candle file cannot be read',
  status: 422,
  retry: 'park',
  action: 'Correct or remove the file that the message names, then request the study again.',
});

export const CandlesConflict = defineError({
  code: 'CANDLES_CONFLICT',
  title: 'Two candle files disagree about a candle',
  status: 422,
  retry: 'park',
  action: 'Remove the wrong one of the two files from CANDLES_DIR, then request the study again.',
});
