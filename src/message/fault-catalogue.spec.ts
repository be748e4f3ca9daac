import { FAULTS, faultWords, type FaultCode } from './fault-catalogue.js';
import { ITALIAN_REMEDIES } from './faults/italian-remedies.js';

describe('the words of a fault', () => {
  it('there is an Italian remedy for each code, and for no other', () => {
    expect(Object.keys(ITALIAN_REMEDIES).sort()).toEqual(Object.keys(FAULTS).sort());
  });

  it('names, doors and settings of the English remedy stand in the Italian one too', () => {
    const named = (text: string) =>
      text.match(/\b[A-Z]+_[A-Z_]+\b|\/[a-z]+\/[a-z{}/-]+|`[^`]+`|\b(GET|POST|PUT) \/\S+/g) ?? [];
    for (const code of Object.keys(FAULTS) as FaultCode[]) {
      const italian = faultWords(code, 'it').remedy;
      const missing = named(faultWords(code, 'en').remedy).filter(
        (name) => !/participant|service/.test(name) && !italian.includes(bare(name)),
      );
      expect({ code, missing }).toEqual({ code, missing: [] });
    }
  });
});

const bare = (name: string) => name.replaceAll(/[`;,.:]+$|^`/g, '');
