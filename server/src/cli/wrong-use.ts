/** A command was used incorrectly. The message says how to use it. Exit code 2. */
export class WrongUse extends Error {}
