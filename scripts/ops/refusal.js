/** The command was used wrongly: exit 2. */
export class UsageError extends Error {}
/** It was used rightly and was refused, or failed: exit 1. `code` is that of the service's problem, where it named one. */
export class Refused extends Error {
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}
