import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leaseName } from '../../shared/api/names.ts';
import { anOwnLease, aRequest, now } from '../../test/support/requests.ts';
import { takeLeases } from './leases.ts';

const hash = fc.stringMatching(/^[0-9a-f]{16}$/);
const wanted = fc.uniqueArray(hash, { minLength: 1, maxLength: 21 }).map((hashes) => hashes.toSorted());

describe('taking leases', () => {
  it('leaves exactly the wanted ones, in ascending order, each named by what made it', () => {
    fc.assert(
      fc.property(wanted, fc.infiniteStream(fc.constantFrom('none', 'old', 'current')), (hashes, states) => {
        const held = hashes.flatMap((each, index) => {
          const state = states.next().value;
          return state === 'none' ? [] : [anOwnLease({ name: leaseName(each), uid: `u${index}`, takenOn: state === 'old' ? '3' : '9' })];
        });
        const { effects, refs } = takeLeases(aRequest(), hashes, held, now);
        const names = refs.map((ref) => {
          if (typeof ref !== 'object' || ref === null || Array.isArray(ref)) throw new Error('no reference');
          const index: unknown = '$created' in ref ? ref.$created : undefined;
          const effect = typeof index === 'number' ? effects[index] : undefined;
          if (effect === undefined) return 'name' in ref ? ref['name'] : '';
          if (effect.kind !== 'CreateResource') throw new Error(`created(${String(index)}) points at ${effect.kind}`);
          return effect.object.metadata.name;
        });
        expect(names).toEqual(hashes.map(leaseName));
        // What is deleted is made anew right after, and nothing of this version is deleted.
        const deleted = effects.flatMap((effect, index) => (effect.kind === 'DeleteResource' ? [[effect.ref.name, effects[index + 1]] as const] : []));
        for (const [name, next] of deleted) expect(next).toMatchObject({ kind: 'CreateResource', object: { metadata: { name } }, whenTaken: 'again' });
        expect(deleted.map(([name]) => name)).toEqual(held.filter(({ takenOn }) => takenOn === '3').map(({ name }) => name));
      }),
    );
  });
});
