/** A command was used wrongly, and the message says how to use it. Exit code 2. */
export class WrongUse extends Error {}
