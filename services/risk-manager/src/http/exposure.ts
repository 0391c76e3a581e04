import { text, ZERO } from '@fleet/domain/money';
import { equityMark } from '@fleet/domain/portfolio';
import { riskBalance } from '@fleet/domain/risk';
import { endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import { leadersState, type RiskDeps } from './deps.ts';

const symbolSchema = z.object({
  symbol: z.string(),
  quantity: z.string(),
  close: z.number(),
  notional: z.number(),
  stop: z.number().nullable(),
  reservedQuantity: z.string(),
  frozen: z.string().nullable(),
});

export const getExposure = endpoint({
  method: 'get',
  path: '/risk/exposure',
  summary: 'Positions, reservations and day loss as the gate counts them',
  response: z.object({
    equity: z.number().nullable(),
    dayLoss: z.number().nullable(),
    lossCap: z.number().nullable(),
    symbols: z.array(symbolSchema),
  }),
  errors: ['NOT_LEADER'],
  handle: (deps: RiskDeps) => {
    const { risk } = leadersState(deps);
    const equity = equityMark(risk.cash, risk.quantities, risk.closes);
    const { day } = risk;
    return {
      equity: Number.isNaN(equity) ? null : equity,
      dayLoss: day === null || Number.isNaN(equity) ? null : day.openingEquityMark + day.netDeposits - equity,
      lossCap: day === null ? null : (risk.lossCapPct / 100) * day.openingEquityMark,
      symbols: risk.instruments.map((instrument, index) => {
        let reserved = ZERO;
        for (const reservation of risk.reservations.values()) {
          if (reservation.index === index) reserved = reserved.add(reservation.remaining);
        }
        const close = risk.closes[index] ?? 0;
        return {
          symbol: instrument.symbol,
          quantity: text(riskBalance(risk, instrument.base)),
          close,
          notional: (risk.quantities[index] ?? 0) * close,
          stop: risk.held[index]?.stop ?? null,
          reservedQuantity: text(reserved),
          frozen: risk.frozen.get(instrument.symbol) ?? null,
        };
      }),
    };
  },
});
