import { parser } from '@grafana/lezer-logql';

/** Where a LogQL query does not parse: the text at and after each fault. Empty when it is well formed. */
export function logqlFaults(query: string): readonly string[] {
  const faults: string[] = [];
  parser.parse(query).iterate({
    enter: (node) => {
      if (node.type.isError)
        faults.push(`at ${node.from}: ${query.slice(node.from, node.from + 30) || 'the end'}`);
    },
  });
  return faults;
}
