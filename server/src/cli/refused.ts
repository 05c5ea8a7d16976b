/** What was asked cannot be done, and the message says why and what would help. Exit code 1. */
export class Refused extends Error {}
