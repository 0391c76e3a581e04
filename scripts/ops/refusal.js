/** The command was used wrongly: exit 2. */
export class UsageError extends Error {}
/** It was used rightly and was refused, or failed: exit 1. */
export class Refused extends Error {}
