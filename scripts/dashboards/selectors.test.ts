import { describe, expect, it } from 'vitest';
import { selectorsOf } from './selectors.ts';

/** As Prometheus 3.5 writes it, of `sum(rate(b_total{x="1",code=~"5.."}[5m])) > on () a{y!="2"}`. */
const TREE = {
  type: 'binaryExpr',
  lhs: {
    type: 'aggregation',
    expr: {
      type: 'call',
      args: [
        {
          type: 'matrixSelector',
          name: 'b_total',
          matchers: [
            { name: 'x', type: '=', value: '1' },
            { name: 'code', type: '=~', value: '5..' },
            { name: '__name__', type: '=', value: 'b_total' },
          ],
        },
      ],
    },
  },
  rhs: {
    type: 'vectorSelector',
    name: 'a',
    matchers: [
      { name: 'y', type: '!=', value: '2' },
      { name: '__name__', type: '=', value: 'a' },
    ],
  },
};

describe('the series that a query reads', () => {
  it('are found wherever they stand, in one spelling', () => {
    expect(selectorsOf(TREE)).toEqual(['a{y!="2"}', 'b_total{code=~"5..", x="1"}']);
  });

  it('can be asked without some labels', () => {
    expect(selectorsOf(TREE, new Set(['code', 'y']))).toEqual(['a', 'b_total{x="1"}']);
  });

  it('are none in a number', () => expect(selectorsOf({ type: 'numberLiteral', val: '1' })).toEqual([]));
});
