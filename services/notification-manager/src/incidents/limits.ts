/** The longest `reopenWithinMinutes`: closed incidents younger than this are kept in memory. */
export const REOPEN_MS_MAX = 24 * 3_600_000;
/** Slack's own bound of a signed request's age: https://docs.slack.dev/authentication/verifying-requests-from-slack */
export const SIGNATURE_WINDOW_MS = 300_000;
/** A signature is remembered longer than it can be valid, from either side of the clock. */
export const SIGNATURE_MS_MAX = 3 * SIGNATURE_WINDOW_MS;
/** Beyond it Alertmanager is asked to come again: what it holds is not lost. */
export const INCIDENTS_OPEN_MAX = 1_000;
/** Alerts remembered of one incident; resolved ones make way first. */
export const ALERTS_MAX = 1_000;
/** Alerts named in one message. */
export const LINES_MAX = 10;
/** Buttons pressed while their signatures are valid. */
export const INTERACTIONS_MAX = 10_000;
/** A silence that could not be set for so long is told as failed. */
export const SILENCE_MS_MAX = 900_000;
