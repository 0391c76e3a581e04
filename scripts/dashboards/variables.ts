import {
  CustomVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { DashboardSpec } from './model.ts';

/** The uids that grafana/provisioning gives its sources. */
export const PROMETHEUS = { type: 'prometheus', uid: 'prometheus' };
export const LOKI = { type: 'loki', uid: 'loki' };

interface VariableBuilder {
  build(): VariableModel;
}

export function variablesOf(kind: DashboardSpec['variables']): readonly VariableBuilder[] {
  switch (kind) {
    case 'none':
      return [];
    case 'service':
      return [services()];
    case 'logs':
      return [loggingServices(), levels(), text('search', 'Text'), text('id', 'Request, trace or order')];
  }
}

const ALL = { selected: true, text: 'All', value: '$__all' };

function services(): VariableBuilder {
  return new QueryVariableBuilder('service')
    .label('Service')
    .description('The services whose series are shown.')
    .datasource(PROMETHEUS)
    .query('label_values(service_info, service)')
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current(ALL);
}

function loggingServices(): VariableBuilder {
  return new QueryVariableBuilder('service')
    .label('Service')
    .description('The containers whose lines are shown, by the tag of their log driver.')
    .datasource(LOKI)
    .query({ label: 'service', refId: 'services', stream: '', type: 1 })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current(ALL);
}

function levels(): VariableBuilder {
  return new CustomVariableBuilder('level')
    .label('Level')
    .description('Levels of the lines; unknown is a program that writes none.')
    .values('trace,debug,info,warn,error,fatal,unknown')
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current(ALL);
}

function text(name: string, label: string): VariableBuilder {
  return new TextBoxVariableBuilder(name)
    .label(label)
    .description('Only lines that hold this text; empty shows all.')
    .defaultValue('');
}
