/** Header by which a producer may say which version of itself wrote a record; an incident names what is new. */
export const PRODUCER_VERSION = 'producer_version';
