/** How long a password is, in characters. */
export const passwordLengthMin = 8;
export const passwordLengthMax = 256;
