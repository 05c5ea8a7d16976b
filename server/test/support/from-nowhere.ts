/** Who published an event and how far it came, where a test needs neither. */
export const nobody = { address: "", sdk: null };
export const fromNowhere = { sender: nobody, reached: { recipients: 0, isLocal: false } };
