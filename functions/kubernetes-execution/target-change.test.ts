import { describe, expect, it } from 'vitest';
import { bindAction } from '../../shared/actions/index.ts';
import type { KubernetesObject } from '../../shared/api/object-ref.ts';
import { aConfigMap, aDeployment, aScaledDeployment } from '../../test/support/actions.ts';
import { anUnrecorded, now, scaleTo5 } from '../../test/support/executions.ts';
import { targetChange } from './target-change.ts';

const changeOf = (target: KubernetesObject | null, execution = anUnrecorded()) => targetChange(execution, scaleTo5, target);

describe('the target directly before the Job is made', () => {
  it('is what was validated, whatever else has changed on it', () => {
    expect(changeOf(aDeployment())).toBeNull();
    expect(changeOf(aDeployment({ metadata: { resourceVersion: '99', labels: { touched: 'yes' } }, status: { readyReplicas: 1 } }))).toBeNull();
  });

  it.each<[sentence: string, target: KubernetesObject | null, change: string]>([
    ['is gone', null, 'Deployment production/payment-api does not exist any more'],
    ['is another object', aDeployment({ metadata: { uid: 'u2' } }), 'Deployment production/payment-api was replaced: its uid is u2, validated was u1'],
    ['is on its way out', aDeployment({ metadata: { deletionTimestamp: now } }), 'Deployment production/payment-api is being deleted'],
    [
      'was scaled by somebody else meanwhile',
      aScaledDeployment(4, 4),
      'Deployment production/payment-api was changed since it was validated: replicas was 3, is 4',
    ],
  ])('%s', (_sentence, target, change) => {
    expect(changeOf(target)).toBe(change);
  });

  it('names what changed in a configuration, but not the values', () => {
    const action = bindAction('patch_configmap', { namespace: 'production', configmap: 'app-config', data: { LOG_LEVEL: 'debug' } });
    const undo = action.undo(aConfigMap());
    const execution = anUnrecorded({
      spec: { actionType: 'patch_configmap', actionParams: action.parameters },
      status: { rollbackInformation: { available: true, ...undo }, targetBefore: { metadata: { uid: 'c1' } } },
    });
    const changed = aConfigMap({ data: { LOG_LEVEL: 'hunter2' } });
    expect(targetChange(execution, action, changed)).toBe('ConfigMap production/app-config was changed since it was validated: data');
    expect(targetChange(execution, action, aConfigMap())).toBeNull();
  });

  it('needs no value for an action that is not undone', () => {
    expect(changeOf(aScaledDeployment(4, 4), anUnrecorded({ status: { rollbackInformation: { available: false } } }))).toBeNull();
  });

  it('has the planned uid where the status lost the validated one', () => {
    expect(changeOf(aDeployment({ metadata: { uid: 'u2' } }), anUnrecorded({ status: { targetBefore: {} } }))).toContain('its uid is u2, validated was u1');
    expect(changeOf(aDeployment({ metadata: { uid: 'u2' } }), anUnrecorded({ spec: { targetUid: '' }, status: { targetBefore: {} } }))).toBeNull();
  });
});
