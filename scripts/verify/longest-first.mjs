import sequencer from '@jest/test-sequencer';

/** Suites of half a minute and more: begun last, one of them alone would hold up the end. The slowest are first. */
const LONG =
  /\/(kill\.fault|cluster\.fault|store\.int|registry-command\.e2e|fan-out-bounds\.e2e|order\.fault|soap-polling\.e2e)-spec/;

/** Without the times of an earlier run Jest takes the largest files first, which is not the same. */
export default class LongestFirst extends (sequencer.default ?? sequencer) {
  sort(tests) {
    const sorted = super.sort(tests);
    const isLong = ({ path }) => LONG.test(path);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
}
