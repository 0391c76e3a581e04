import { describe, expect, it } from 'vitest';
import { serviceRole } from './database-roles.ts';

const url = (name: string, password: string) => `postgres://${name}:${password}@postgres:5432/fleet`;

describe('roles of a service', () => {
  it('are one group and the login of its address; the other login is out', () => {
    expect(serviceRole(url('fleet_risk_a', 'p%2Fq'))).toEqual({
      role: 'fleet_risk',
      logins: [
        { name: 'fleet_risk_a', password: 'p/q' },
        { name: 'fleet_risk_b', password: null },
      ],
    });
  });

  it('are two logins during a rotation, whichever is in use', () => {
    expect(serviceRole(url('fleet_risk_b', 'new'), url('fleet_risk_a', 'old')).logins).toEqual([
      { name: 'fleet_risk_a', password: 'old' },
      { name: 'fleet_risk_b', password: 'new' },
    ]);
  });

  it('are the role itself where its name has no turn', () => {
    expect(serviceRole(url('fleet_risk', 'word'))).toEqual({ role: 'fleet_risk', rolePassword: 'word' });
  });
});
