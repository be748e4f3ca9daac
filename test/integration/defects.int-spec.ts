import { broken, DEFECTS } from '../../faults/defects.js';

describe('the defects of the fault bench', () => {
  it.each(DEFECTS.map((defect) => [defect.name, defect] as const))(
    '"%s" can be planted in the build',
    (_name, defect) => {
      expect(broken(defect, 'dist')).toContain(defect.instead);
    },
  );
});
