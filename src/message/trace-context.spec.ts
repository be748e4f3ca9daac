import { traceIn } from './trace-context.js';

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('8. traceIn', () => {
  it.each([
    ['a context', { traceparent: PARENT }, { traceparent: PARENT }],
    [
      'its state',
      { traceparent: PARENT, tracestate: 'a=1,b=2', accept: 'x' },
      { traceparent: PARENT, tracestate: 'a=1,b=2' },
    ],
    [
      'a version to come',
      { traceparent: PARENT.replace('00-', '01-') + '-x' },
      { traceparent: PARENT.replace('00-', '01-') + '-x' },
    ],
    ['nothing', {}, {}],
    ['a state alone', { tracestate: 'a=1' }, {}],
    ['two of them', { traceparent: `${PARENT}, ${PARENT}` }, {}],
    ['upper case', { traceparent: PARENT.toUpperCase() }, {}],
    ['version ff', { traceparent: PARENT.replace('00-', 'ff-') }, {}],
    ['more than version 00 has', { traceparent: `${PARENT}-x` }, {}],
    ['no trace', { traceparent: `00-${'0'.repeat(32)}-b7ad6b7169203331-01` }, {}],
    ['no parent', { traceparent: `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01` }, {}],
    ['a state that is too long', { traceparent: PARENT, tracestate: `a=${'1'.repeat(600)}` }, { traceparent: PARENT }],
    ['a state with a line in it', { traceparent: PARENT, tracestate: 'a=1\r\nx: y' }, { traceparent: PARENT }],
  ])('8. reads %s', (_what, headers, context) => {
    expect(traceIn(headers)).toEqual(context);
  });
});
