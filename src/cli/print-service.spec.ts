import { printPublished, printVerdict, type Published } from './print-service.js';

const PUBLISHED: Published = {
  key: 'service Nota v2',
  revision: 9,
  report: {
    problems: [{ severity: 'warning', file: 'a.wsdl', line: 2, message: 'odd', hint: 'correct it' }],
    operations: [
      {
        name: 'nota',
        profile: 'one-way',
        soapAction: 'urn:n',
        element: { namespace: 'urn:nota', name: 'nota' },
        rest: { method: 'POST', path: '/note' },
        eventType: null,
        input: 'both',
      },
      {
        name: 'leggi',
        profile: 'query',
        soapAction: null,
        element: null,
        rest: { method: 'GET', path: '/note/{id}' },
        eventType: null,
        input: 'parameters',
      },
    ],
    documents: ['a.wsdl'],
    unused: ['README.md'],
    title: null,
  },
  compatibility: [
    { kind: 'added', breaking: false, operation: 'nota', place: 'xsd: a', message: 'New.' },
    { kind: 'removed', breaking: true, operation: null, place: 'rest', message: 'Gone.' },
  ],
};

describe('what a publication gives', () => {
  it('1: operations, warnings with their place, unused files, and what breaks first', () => {
    expect(printPublished(PUBLISHED)).toBe(
      [
        'service Nota v2, revision 9: 1 document, 2 operations',
        '  nota  one-way, checked by xsd and json-schema',
        '      element {urn:nota}nota',
        '      SOAPAction urn:n',
        '      POST /note',
        '  leggi  query, checked by its parameters',
        '      GET /note/{id}',
        'a.wsdl:2: warning: odd',
        '    correct it',
        'not used: README.md',
        '2 differences from the newest published version, 1 of them BREAKING',
        '  BREAKING removed service rest: Gone.',
        '           added   nota xsd: a: New.',
      ].join('\n'),
    );
  });

  it('1: says when there is nothing to compare with, and when nothing differs', () => {
    expect(printPublished({ ...PUBLISHED, compatibility: null })).toMatch(/it was compared with no published version$/);
    expect(printPublished({ ...PUBLISHED, compatibility: [] })).toMatch(/no difference from the newest/);
  });
});

describe('what a trial gives', () => {
  it('7: the agreement and the way of a message that would be accepted', () => {
    const agreement = { id: 'a-b', status: 'active' };
    const route = [{ participant: 'b', system: 'b.x', channel: 'box' }];
    expect(printVerdict({ wouldBe: 'accepted', operation: 'nota', agreement, route, faults: [] })).toBe(
      ['would be accepted', '  operation  nota', '  agreement  a-b (active)', '  to         b, b.x, box'].join('\n'),
    );
  });

  it('7: every fault of one that would be refused, with every violation', () => {
    const violations = [{ path: '/a', line: 3, message: 'wrong' }];
    const faults = [
      { code: 'not-authorised', detail: 'No agreement.', place: 'a -> b' },
      { code: 'schema-violation', detail: 'One error.', place: 'body', expected: 'a date', violations },
    ];
    expect(printVerdict({ wouldBe: 'refused', operation: null, agreement: null, faults })).toBe(
      [
        'would be refused',
        '  operation  not recognised',
        '  agreement  none',
        '  not-authorised: No agreement.',
        '      at a -> b',
        '  schema-violation: One error.',
        '      at body',
        '      expected: a date',
        '                /a, line 3: wrong',
      ].join('\n'),
    );
  });
});
