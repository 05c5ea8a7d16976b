/** A sender and recipients of an event, for tests that need neither. */
export const nobody = { address: "", sdk: null };
export const fromNowhere = { sender: nobody, reached: { recipients: 0, isLocal: false } };
