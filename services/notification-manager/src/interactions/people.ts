import { join } from 'node:path';
import { covers, OPERATORS_FILE, parseOperators, WatchedFile } from '@fleet/shared/access';
import { SlackPersonNotAllowed } from './errors.ts';

/** The identity of a Slack user who may press buttons. @throws SLACK_PERSON_NOT_ALLOWED */
export type PersonOf = (slackUser: string) => string;

export interface PeopleOptions {
  /** Slack user id to identity, of config/notifications.yaml. */
  readonly people: Readonly<Record<string, string>>;
  readonly configDir: string;
  /** The list of people became unreadable: what it said last holds. */
  readonly onFault: (fault: string) => void;
}

/**
 * Allowed is who stands in both lists: as a Slack user here, and in config/operators.yaml as operator or admin. That
 * file is read again when it has changed, so that taking somebody off it works at once.
 * @throws ConfigError when the list of people is broken at the start
 */
export function slackPeople({ people, configDir, onFault }: PeopleOptions): PersonOf {
  const file = new WatchedFile({
    path: join(configDir, OPERATORS_FILE),
    parse: parseOperators,
    whenMissing: [],
  });
  return (slackUser) => {
    if (file.refresh() && file.fault !== undefined) onFault(file.fault);
    const identity = Object.hasOwn(people, slackUser) ? people[slackUser] : undefined;
    if (identity === undefined) throw new SlackPersonNotAllowed(`${slackUser} is not under slack.people`);
    const person = file.content.find((operator) => operator.identity === identity);
    if (person === undefined) throw new SlackPersonNotAllowed(`${identity} is not in ${OPERATORS_FILE}`);
    if (!covers(person.role, 'operator'))
      throw new SlackPersonNotAllowed(`${identity} is ${person.role}, which is less than operator`);
    return identity;
  };
}
