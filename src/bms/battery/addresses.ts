/** DIP address of the main pack: over RS232 the only one that answers for the others (rs232-v25 §4). */
export const MAIN_PACK = 1;

/** Highest address that the four DIP switches of a pack can be set to (rs232-v25 §4). */
export const HIGHEST_ADDRESS = 15;

/** Every address they can be set to, rising; 0 is a pack that stands alone. */
export const DIP_ADDRESSES: readonly number[] = Array.from({ length: HIGHEST_ADDRESS + 1 }, (_, address) => address);
