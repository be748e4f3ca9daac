/** Where a browser goes after a log-in and a log-out. */
export const LANDING = '/console/';
